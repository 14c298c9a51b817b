//! Events of the switch.

use cti_core::{
    address::PhoneNumber,
    cause::Cause,
    id::{DeviceId, LegId, TrunkId},
    switch::{Origin, SwitchReport},
    time::Timestamp,
};

use super::{
    super::{
        super::ledger::{Phase, Progress},
        cause,
        event::Event,
        message::EslError,
    },
    Awaited, Machine,
};

/// The variable by which the dialplan says that a call is ours, and where it comes from.
const ORIGIN: &str = "variable_cti_origin";

impl Machine {
    pub(super) fn event(&mut self, event: &Event, now: Timestamp) -> Result<(), EslError> {
        let name = event.need("Event-Name")?;
        match name {
            "BACKGROUND_JOB" => return self.job(event, now),
            "CUSTOM" => return self.custom(event),
            "RECORD_STOP" => return self.record_stopped(event),
            "CHANNEL_PARK" => return self.parked(event),
            _ => {}
        }
        let Some(leg) = event.get("Unique-ID").and_then(|channel| self.ledger.leg_of(channel))
        else {
            return Ok(());
        };
        match name {
            "CHANNEL_CREATE" => {
                if let Some(known) = self.ledger.leg_mut(leg)
                    && known.phase == Phase::Ordered
                {
                    known.phase = Phase::Dialling;
                    self.hang_up_late(leg);
                }
            }
            "CHANNEL_PROGRESS" => self.ledger.progress(leg, Progress::Alerting),
            "CHANNEL_PROGRESS_MEDIA" => self.ledger.progress(leg, Progress::NetworkReached),
            "CHANNEL_ANSWER" => self.ledger.answered(leg),
            "CHANNEL_HOLD" => self.ledger.hold(leg, true),
            "CHANNEL_UNHOLD" => self.ledger.hold(leg, false),
            "CHANNEL_HANGUP" | "CHANNEL_HANGUP_COMPLETE" | "CHANNEL_DESTROY" => {
                self.channel_ended(leg, event, now);
            }
            "CHANNEL_EXECUTE_COMPLETE" => self.executed(leg, event),
            "MEDIA_BUG_STOP" => self.displaced(leg, event),
            "DTMF" => {
                let mut keys = event.need("DTMF-Digit")?.chars();
                if let (Some(digit), None) = (keys.next(), keys.next()) {
                    self.ledger.digit(leg, digit);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn channel_ended(&mut self, leg: LegId, event: &Event, now: Timestamp) {
        let answered = self.ledger.leg(leg).is_some_and(|leg| leg.phase == Phase::Up);
        let incoming = self.ledger.leg(leg).is_some_and(|leg| leg.phase == Phase::Incoming);
        let name = event.first(&["Hangup-Cause", "variable_hangup_cause"]).unwrap_or_default();
        let mut cause = cause::read(name, answered);
        if incoming && cause == Cause::Normal {
            // The caller gave up before an answer.
            cause = Cause::Cancelled;
        }
        self.leg_is_over(leg, cause, now);
    }

    /// A call was begun, or could not be: the only job that we give.
    fn job(&mut self, event: &Event, now: Timestamp) -> Result<(), EslError> {
        let Some(leg) = self.ledger.leg_of(event.need("Job-UUID")?) else { return Ok(()) };
        if let Some(reason) = event.body.trim().strip_prefix("-ERR") {
            self.leg_is_over(leg, cause::read(reason.trim(), false), now);
        } else {
            // Its events come by another way than those of jobs and may be late.
            if let Some(known) = self.ledger.leg_mut(leg)
                && known.phase == Phase::Ordered
            {
                known.phase = Phase::Dialling;
            }
            self.hang_up_late(leg);
        }
        Ok(())
    }

    /// A channel was parked: a new call, if the dialplan says so.
    pub(super) fn parked(&mut self, event: &Event) -> Result<(), EslError> {
        let channel = event.need("Unique-ID")?;
        if self.ledger.leg_of(channel).is_some() {
            return Ok(());
        }
        let Some(origin) = event.get(ORIGIN) else { return Ok(()) };
        if event.get("variable_cti_leg").is_some() {
            // A leg of a former run, which nobody takes up again.
            self.kill(channel, Cause::SystemRestart);
            return Ok(());
        }
        let called = event.first(&["Caller-Destination-Number"]).map(PhoneNumber::parse);
        let called = called.and_then(Result::ok).filter(|number| !number.is_withheld());
        let (Some(origin), Some(called)) = (self.origin(origin, event), called) else {
            tracing::warn!(
                origin,
                "A call comes from a device or trunk that is not known, or to no number"
            );
            self.kill(channel, Cause::UnknownNumber);
            return Ok(());
        };
        let caller = event.get("Caller-Caller-ID-Number").map(PhoneNumber::parse);
        let caller = caller.and_then(Result::ok).filter(|number| {
            !["anonymous", "unknown", "restricted"]
                .contains(&number.reveal().to_lowercase().as_str())
        });
        let network_id = event.get("variable_sip_call_id").unwrap_or(channel).to_owned();
        let caller = caller.unwrap_or_else(PhoneNumber::withheld);
        let leg = self.ledger.incoming(channel, origin, caller, called, network_id);
        let variables = format!("cti_leg={leg};park_after_bridge=true;hangup_after_bridge=false");
        self.on_channel(leg, "uuid_setvar_multi", &variables);
        Ok(())
    }

    /// `trunk:NAME`, `device:NAME`, or `device` for the one whose account made the call.
    fn origin(&self, text: &str, event: &Event) -> Option<Origin> {
        if let Some(trunk) = text.strip_prefix("trunk:") {
            return TrunkId::new(trunk).ok().map(Origin::Trunk);
        }
        if let Some(device) = text.strip_prefix("device:") {
            let device = DeviceId::new(device).ok()?;
            let known = self.config.devices.iter().any(|it| it.device == device);
            return known.then_some(Origin::Device(device));
        }
        let account = event.first(&["variable_user_name", "variable_sip_auth_username"])?;
        let device = self.device_of(account).filter(|_| text == "device")?;
        Some(Origin::Device(device))
    }

    pub(super) fn device_of(&self, account: &str) -> Option<DeviceId> {
        let known = self.config.devices.iter().find(|it| it.account == account)?;
        Some(known.device.clone())
    }

    /// Ends a channel that is no leg.
    pub(super) fn kill(&mut self, channel: &str, why: Cause) {
        if crate::switch::remote::is_plain(channel) {
            let command = format!("uuid_kill {channel} {}", cause::name(why));
            self.api(&command, Awaited::Nothing);
        }
    }

    fn custom(&mut self, event: &Event) -> Result<(), EslError> {
        match event.need("Event-Subclass")? {
            "sofia::register" | "sofia::unregister" | "sofia::expire" => {
                let account = event.first(&["from-user", "username", "user"]).unwrap_or_default();
                let Some(device) = self.device_of(account) else { return Ok(()) };
                let by = event.first(&["call-id"]).unwrap_or_default();
                if event.get("Event-Subclass") == Some("sofia::register") {
                    self.ledger.registered(&device, by);
                } else {
                    self.ledger.unregistered(&device, by);
                }
            }
            "sofia::gateway_state" => {
                let gateway = event.need("Gateway")?;
                let known = self.config.trunks.iter().find(|it| it.gateway == gateway);
                let Some(trunk) = known.map(|it| it.trunk.clone()) else { return Ok(()) };
                let gateway = gateway.to_owned();
                let pinged = event.get("Ping-Status") != Some("DOWN");
                match event.need("State")? {
                    "REGED" | "NOREG" if pinged => {
                        self.ledger.report(SwitchReport::GatewayInService { trunk, gateway });
                    }
                    "REGED" | "NOREG" | "FAILED" | "FAIL_WAIT" | "EXPIRED" | "TIMEOUT" | "DOWN"
                    | "UNREGED" => {
                        self.ledger.report(SwitchReport::GatewayOutOfService { trunk, gateway });
                    }
                    // It was registered and soon will be again, or fail.
                    _ => {}
                }
            }
            "conference::maintenance" => self.conference(event)?,
            _ => {}
        }
        Ok(())
    }
}
