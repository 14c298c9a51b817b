//! The virtual switch under the driver: tests of programs and examples, without a network.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use async_trait::async_trait;
use tokio::sync::{Notify, watch};

use super::Clock;
use crate::{
    address::PhoneNumber,
    cause::Cause,
    center::Center,
    id::{DeviceId, LegId, TrunkId},
    switch::{Clip, Origin, Switch, SwitchCommand, SwitchReport},
    testkit::VirtualSwitch,
};

#[derive(Debug)]
struct Shared {
    switch: Mutex<VirtualSwitch>,
    clock: Clock,
    /// The driver has something to fetch.
    reports: Notify,
    /// Something was commanded.
    commanded: watch::Sender<()>,
}

impl Shared {
    fn switch(&self) -> MutexGuard<'_, VirtualSwitch> {
        self.switch.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// A [`VirtualSwitch`] that the driver can run; prompts take the time of the clock, which a test may have paused.
#[derive(Debug)]
pub struct LiveSwitch {
    shared: Arc<Shared>,
}

/// Everyone around a [`LiveSwitch`]: the phones of the centre and the citizens. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct People {
    shared: Arc<Shared>,
}

impl LiveSwitch {
    /// Returns a switch for a Center, and the people around it.
    #[must_use]
    pub fn new(center: &Center) -> (Self, People) {
        let mut switch = VirtualSwitch::default();
        switch.number_from(center.first_switch_leg());
        let shared = Arc::new(Shared {
            switch: Mutex::new(switch),
            clock: Clock::new(center.last_time()),
            reports: Notify::new(),
            commanded: watch::channel(()).0,
        });
        (Self { shared: Arc::clone(&shared) }, People { shared })
    }
}

#[async_trait]
impl Switch for LiveSwitch {
    fn execute(&mut self, command: SwitchCommand) {
        self.shared.switch().execute(self.shared.clock.now(), command);
        self.shared.commanded.send_replace(());
    }

    async fn report(&mut self) -> Option<SwitchReport> {
        loop {
            let due = {
                let mut switch = self.shared.switch();
                switch.handle_timeout(self.shared.clock.now());
                if let Some(report) = switch.poll_report() {
                    return Some(report);
                }
                switch.poll_timeout()
            };
            tokio::select! {
                () = self.shared.reports.notified() => {}
                () = self.shared.clock.sleep_until(due) => {}
            }
        }
    }
}

impl People {
    /// Sets how long a prompt takes; 2 s when nobody says.
    pub fn prompt_takes(&self, prompt: &str, length: Duration) {
        self.shared.switch().set_prompt_length(prompt, length);
    }

    /// A phone registers.
    pub fn registers(&self, device: &DeviceId) {
        self.act(|switch| switch.register(device, true));
    }

    /// A citizen dials; returns his leg.
    pub fn dials(&self, caller: PhoneNumber, called: PhoneNumber, trunk: TrunkId) -> LegId {
        self.act(|switch| {
            let leg = switch.incoming(None);
            let network_id = format!("{leg}@virtual");
            let origin = Origin::Trunk(trunk);
            switch.report(SwitchReport::Incoming { leg, origin, caller, called, network_id });
            leg
        })
    }

    /// Someone presses keys.
    pub fn presses(&self, leg: LegId, keys: &str) {
        self.act(|switch| {
            for digit in keys.chars() {
                switch.report(SwitchReport::Digit { leg, digit });
            }
        });
    }

    /// Someone answers.
    pub fn answers(&self, leg: LegId) {
        self.act(|switch| switch.answer(leg));
    }

    /// Someone hangs up.
    pub fn hangs_up(&self, leg: LegId) {
        let now = self.shared.clock.now();
        self.act(|switch| switch.end(now, leg, Cause::Normal));
    }

    /// Waits until a device rings or talks; returns its leg. Cancel-safe.
    pub async fn rings(&self, device: &DeviceId) -> LegId {
        self.until(|switch| switch.leg_at(device)).await
    }

    /// Waits until a number outside is called; returns the leg. Cancel-safe.
    pub async fn is_called(&self, number: &str) -> LegId {
        self.until(|switch| switch.leg_to(number)).await
    }

    /// Waits until someone hears a prompt. Cancel-safe.
    pub async fn hears(&self, leg: LegId, prompt: &str) {
        let prompt = Clip::Prompt(prompt.to_owned());
        self.until(|switch| {
            switch.heard_by(leg).is_some_and(|clips| clips.contains(&prompt)).then_some(())
        })
        .await;
    }

    fn act<T>(&self, act: impl FnOnce(&mut VirtualSwitch) -> T) -> T {
        let done = act(&mut self.shared.switch());
        self.shared.reports.notify_one();
        done
    }

    async fn until<T>(&self, mut look: impl FnMut(&VirtualSwitch) -> Option<T>) -> T {
        let mut commanded = self.shared.commanded.subscribe();
        loop {
            if let Some(found) = look(&self.shared.switch()) {
                return found;
            }
            // The sender lives as long as `self`.
            let _ = commanded.changed().await;
        }
    }
}
