//! The adapter keeps the contract of every switch.

use std::time::Duration;

use async_trait::async_trait;
use cti_core::{
    conformance::switch::{self as rules, Act, Adapter, Tape},
    id::DeviceId,
    switch::{Switch as _, SwitchCommand, SwitchReport},
    time::Timestamp,
};
use tokio::time::{sleep, timeout};

use super::world::{World, device};

/// The switch has nothing more to say when it has said nothing for so long.
const QUIET: Duration = Duration::from_millis(250);

struct Modelled(World);

#[async_trait]
impl Adapter for Modelled {
    fn device(&self) -> DeviceId {
        device()
    }

    fn absent_device(&self) -> DeviceId {
        DeviceId::new("ext-9").unwrap()
    }

    fn prompt(&self) -> String {
        "greeting".to_owned()
    }

    async fn execute(&mut self, command: SwitchCommand) {
        self.0.switch.execute(command);
    }

    async fn act(&mut self, act: Act) {
        let model = self.0.model.clone();
        let channel = |leg: cti_core::id::LegId| model.channel_of(&leg.to_string());
        match act {
            Act::CallIn => drop(self.0.calls_in()),
            Act::Answer(leg) => channel(leg).iter().for_each(|it| model.answers(it)),
            Act::HangUp(leg) => channel(leg).iter().for_each(|it| model.hangs_up(it)),
            Act::Press(leg, digit) => channel(leg).iter().for_each(|it| model.presses(it, digit)),
        }
    }

    async fn report(&mut self) -> Option<SwitchReport> {
        timeout(QUIET, self.0.switch.report()).await.ok().flatten()
    }

    async fn pass(&mut self, time: Duration) {
        sleep(time).await;
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_secs(1_767_286_800)
    }
}

macro_rules! keeps {
    ($($rule:ident)*) => {$(
        #[tokio::test]
        async fn $rule() {
            let mut modelled = Modelled(World::start().await);
            rules::$rule(&mut Tape::new(&mut modelled)).await.unwrap();
        }
    )*};
}

keeps! {
    a_caller_has_an_odd_leg_that_was_never_used
    a_leg_that_is_dialled_rings_is_answered_and_ends_once
    a_device_that_cannot_be_reached_ends_its_leg_once
    a_leg_that_is_hung_up_ends_once_in_whatever_state
    a_leg_whose_party_hangs_up_ends_once
    a_command_for_a_leg_that_has_ended_is_ignored
    a_playing_ends_once_however_it_ends
    a_playing_over_and_over_ends_when_it_is_stopped
    a_playing_for_a_leg_that_has_ended_ends_too
    a_recording_ends_once_however_it_ends
    a_recording_ends_when_its_legs_end
    a_recording_of_legs_that_have_ended_ends_too
    a_message_ends_at_its_limit
    a_listening_ends_once_when_it_is_stopped
    a_listening_ends_with_its_leg
    a_listening_to_a_leg_that_has_ended_ends_too
    a_key_is_reported_once
    legs_can_be_bridged_and_mixed_and_end_all_the_same
}
