//! What the SIP endpoint reports.

use cti_core::{
    address::PhoneNumber,
    cause::Cause,
    id::{LegId, TrunkId},
    switch::{Origin, Reference, SwitchReport},
};

use super::{
    NativeSwitch,
    cause::{ending, failure},
    leg::{DigitWay, Leg, Phase, Progress},
};
use crate::{
    sdp::Direction,
    sip::{DialogKey, GatewayState, SipEvent, Transport},
};

/// Who calls, and how.
struct Way {
    transport: Transport,
    listener: usize,
    srtp: bool,
    origin: Option<Origin>,
}

impl NativeSwitch {
    pub(super) fn on_sip(&mut self, event: SipEvent) {
        match event {
            SipEvent::Incoming {
                dialog,
                call_id,
                from_user,
                to_user,
                transport,
                listener,
                account,
                trunk,
                offer,
                ..
            } => {
                let origin = self.origin(account.as_deref(), trunk.as_deref());
                let srtp = self.must_protect(account.as_deref(), trunk.as_deref());
                let way = Way { transport, listener, srtp, origin };
                self.incoming(dialog, call_id, &from_user, &to_user, way, offer);
            }
            SipEvent::Provisional { dialog, status, sdp: _ } => self.on_progress(dialog, status),
            SipEvent::Answered { dialog, transport, sdp } => {
                self.on_answered(dialog, transport, sdp.as_deref())
            }
            SipEvent::Failed { dialog, status, reason: _, from_peer } => {
                self.dialog_over(dialog, failure(status, from_peer));
            }
            SipEvent::Ended { dialog, cause } => self.dialog_over(dialog, ending(cause)),
            SipEvent::Reinvite { dialog, offer } => self.on_reinvite(dialog, offer.as_deref()),
            // The switch offers no change of a session by itself.
            SipEvent::ReinviteAnswered { .. } => {}
            SipEvent::Acked { dialog, sdp } => self.on_acked(dialog, sdp.as_deref()),
            SipEvent::Info { dialog, digit, duration: _ } => self.on_info(dialog, digit),
            SipEvent::Referred { dialog, number, replaces } => {
                self.on_referred(dialog, number.as_deref(), replaces);
            }
            SipEvent::Registered { account, contact, listener, .. } => {
                let report = self.devices.registered(&account, contact, listener);
                self.reports.extend(report);
            }
            SipEvent::Gateway { gateway, trunk, state } => self.gateway(gateway, &trunk, state),
            SipEvent::Unregistered { account, contact, cause: _ } => {
                let report = self.devices.unregistered(&account, &contact);
                self.reports.extend(report);
            }
        }
    }

    fn on_referred(
        &mut self,
        dialog: DialogKey,
        number: Option<&str>,
        replaces: Option<DialogKey>,
    ) {
        let other = replaces.and_then(|other| self.dialogs.get(&other)).copied();
        let number = number.and_then(|number| PhoneNumber::parse(number).ok());
        let to = other.map(Reference::Leg).or(number.map(Reference::Number));
        match (self.dialogs.get(&dialog), to) {
            (Some(&leg), Some(to)) => self.report_later(SwitchReport::Referred { leg, to }),
            // Unheard, the telephone keeps its call.
            (None, _) | (_, None) => drop(self.sip.answer_reference(dialog, 404)),
        }
    }

    fn gateway(&mut self, gateway: String, trunk: &str, state: GatewayState) {
        let Ok(trunk) = TrunkId::new(trunk) else { return };
        match state {
            GatewayState::Up | GatewayState::Unknown => {
                self.report_later(SwitchReport::GatewayInService { trunk, gateway });
            }
            GatewayState::Down | GatewayState::Refused => {
                self.report_later(SwitchReport::GatewayOutOfService { trunk, gateway });
            }
            // It was registered and soon will be again, or be refused.
            GatewayState::Registering => {}
        }
    }

    fn origin(&self, account: Option<&str>, trunk: Option<&str>) -> Option<Origin> {
        match (account, trunk) {
            (Some(account), _) => self.devices.of_account(account).cloned().map(Origin::Device),
            (None, Some(trunk)) => TrunkId::new(trunk).ok().map(Origin::Trunk),
            (None, None) => None,
        }
    }

    /// Whether the voice of an account's device or of a trunk must be protected.
    fn must_protect(&self, account: Option<&str>, trunk: Option<&str>) -> bool {
        let device = account.and_then(|account| self.devices.of_account(account));
        let by_trunk = |name| self.trunks.iter().any(|it| it.trunk.as_str() == name && it.srtp);
        device.is_some_and(|device| self.devices.must_protect(device))
            || trunk.is_some_and(by_trunk)
    }

    fn incoming(
        &mut self,
        dialog: DialogKey,
        network_id: String,
        from: &str,
        to: &str,
        way: Way,
        offer: Option<Vec<u8>>,
    ) {
        let Way { transport, listener, srtp, origin } = way;
        let called = PhoneNumber::parse(to).ok().filter(|number| !number.is_withheld());
        let refused = match (&origin, &called) {
            (None, _) => Some(403),
            (_, None) => Some(404),
            _ if offer.as_deref().is_some_and(|it| !self.is_acceptable(it, transport, srtp)) => {
                Some(488)
            }
            _ => None,
        };
        if let Some(status) = refused {
            if self.sip.reject(dialog, status, "", None).is_err() {
                self.unsaid.push_back(dialog);
            }
            return;
        }
        let (Some(origin), Some(called)) = (origin, called) else { return };
        let anonymous = from.eq_ignore_ascii_case("anonymous");
        let caller = PhoneNumber::parse(from).ok().filter(|_| !anonymous);
        let leg = self.next_incoming;
        self.next_incoming = LegId(leg.0 + 2);
        self.dialogs.insert(dialog, leg);
        let new = Leg { transport, listener, srtp, ..Leg::new(dialog, Phase::Incoming { offer }) };
        self.legs.insert(leg, new);
        self.report_later(SwitchReport::Incoming {
            leg,
            origin,
            caller: caller.unwrap_or_else(PhoneNumber::withheld),
            called,
            network_id,
        });
    }

    fn on_progress(&mut self, dialog: DialogKey, status: u16) {
        let Some(&id) = self.dialogs.get(&dialog) else { return };
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let progress = match status {
            180 => Progress::Alerting,
            183 => Progress::NetworkReached,
            _ => return,
        };
        if leg.progress.is_some_and(|before| before >= progress) {
            return;
        }
        leg.progress = Some(progress);
        self.report_later(match progress {
            Progress::NetworkReached => SwitchReport::NetworkReached { leg: id },
            Progress::Alerting => SwitchReport::Ringing { leg: id },
        });
    }

    fn on_answered(&mut self, dialog: DialogKey, transport: Transport, sdp: Option<&[u8]>) {
        let Some(&id) = self.dialogs.get(&dialog) else { return };
        self.settle(id, transport);
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.phase = Phase::Up;
        }
        if sdp.is_some_and(|sdp| self.accept(id, sdp)) {
            self.report_later(SwitchReport::Answered { leg: id });
        } else {
            self.end_leg(id, Cause::Incompatible);
        }
    }

    fn dialog_over(&mut self, dialog: DialogKey, cause: Cause) {
        let Some(id) = self.dialogs.remove(&dialog) else { return };
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.dialog = None;
        }
        self.end_leg(id, cause);
    }

    fn on_reinvite(&mut self, dialog: DialogKey, offer: Option<&[u8]>) {
        let Some(&id) = self.dialogs.get(&dialog) else { return };
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let Some(session) = &mut leg.session else { return };
        let Some(offer) = offer else {
            leg.offer_in_answer = true;
            let sdp = session.offer(Direction::SendRecv);
            self.answer_reinvite(dialog, sdp);
            return;
        };
        match session.answer(offer, Direction::SendRecv) {
            Ok((sdp, negotiated)) => {
                let holds = !negotiated.may_send();
                self.agree(id, negotiated);
                self.answer_reinvite(dialog, sdp);
                self.hold(id, holds);
            }
            Err(error) => {
                tracing::info!(leg = %id, %error, "Refused a change of the session");
                // Unheard, the peer tries again; the session stays as it was.
                let _ = self.sip.reject_reinvite(dialog, 488);
            }
        }
    }

    fn answer_reinvite(&mut self, dialog: DialogKey, sdp: String) {
        if let Err(error) = self.sip.answer_reinvite(dialog, sdp.into_bytes()) {
            tracing::warn!(%dialog, %error, "Cannot answer a change of the session");
        }
    }

    /// RFC 3264 §8.4: a peer that no longer wants to hear us holds us.
    fn hold(&mut self, id: LegId, holds: bool) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        if leg.held == holds {
            return;
        }
        leg.held = holds;
        self.report_later(if holds {
            SwitchReport::Held { leg: id }
        } else {
            SwitchReport::Retrieved { leg: id }
        });
    }

    fn on_acked(&mut self, dialog: DialogKey, sdp: Option<&[u8]>) {
        let Some(&id) = self.dialogs.get(&dialog) else { return };
        let Some(leg) = self.legs.get_mut(&id) else { return };
        if !std::mem::take(&mut leg.offer_in_answer) {
            return;
        }
        // RFC 3261 §13.2.1: an offer in the 2xx is answered in the ACK.
        if !sdp.is_some_and(|sdp| self.accept(id, sdp)) {
            return self.end_leg(id, Cause::Incompatible);
        }
        let agreed = self.legs.get(&id).and_then(|leg| leg.negotiated.as_ref());
        if let Some(holds) = agreed.map(|agreed| !agreed.may_send()) {
            self.hold(id, holds);
        }
    }

    fn on_info(&mut self, dialog: DialogKey, digit: char) {
        let Some(&id) = self.dialogs.get(&dialog) else { return };
        self.digit(id, digit, DigitWay::Info);
    }

    pub(super) fn digit(&mut self, id: LegId, digit: char, way: DigitWay) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        if leg.is_ending() || !leg.takes_digits_by(way) {
            return;
        }
        self.report_later(SwitchReport::Digit { leg: id, digit });
        // Media carries telephone events where both sides agreed on them; the rest is passed on here.
        for other in self.hearers_of(id) {
            let Some(leg) = self.legs.get(&other) else { continue };
            let by_rtp = leg.negotiated.as_ref().is_some_and(|agreed| agreed.dtmf_pt.is_some());
            // Tones are heard anyway, so only who waits for events is told of them.
            let told = match way {
                DigitWay::Rtp => !by_rtp,
                DigitWay::Tones => by_rtp,
                DigitWay::Info => true,
            };
            if told {
                self.send_digits(other, &digit.to_string());
            }
        }
    }
}
