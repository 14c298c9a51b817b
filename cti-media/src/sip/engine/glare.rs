//! Changes of ours that meet a change of the peer's (491): tried again after a while that differs on both sides.

use std::time::Duration;

use crate::sip::{
    DialogKey, SipEvent,
    engine::{Engine, SDP, client::Owner, timers::Timer},
    message::Method,
};

/// How often one change is tried.
const MOST: u8 = 4;

impl Engine {
    /// Lets a change that was refused with 491 be tried again (RFC 3261 §14.1); `false` if it was tried enough.
    pub(crate) fn retry_later(&mut self, now: Duration, key: DialogKey) -> bool {
        let dice = u64::from_str_radix(&self.random()[..4], 16).unwrap_or(0);
        let Some(dialog) = self.dialogs.get_mut(&key) else { return false };
        let tried = dialog.retry.take().map_or(1, |(_, tried)| tried + 1);
        if tried >= MOST {
            return false;
        }
        dialog.retry = Some((dialog.description.clone(), tried));
        // Who began the call waits between 2.1 and 4 s, the other one up to 2 s, in steps of 10 ms.
        let steps = if dialog.began { 210 + dice % 191 } else { dice % 201 };
        self.timers.set(now + Duration::from_millis(10 * steps), Timer::Retry(key));
        true
    }

    pub(crate) fn retry_timer(&mut self, now: Duration, key: DialogKey) {
        let Some(dialog) = self.dialogs.get(&key) else { return };
        let Some((sdp, _)) = dialog.retry.clone() else { return };
        if dialog.is_confirmed()
            && !self.offer_change(now, key, &sdp)
            && !self.retry_later(now, key)
        {
            self.emit(SipEvent::ReinviteAnswered { dialog: key, status: 491, sdp: None });
        }
    }

    /// Sends a re-INVITE; `false` while another change is open.
    pub(crate) fn offer_change(&mut self, now: Duration, key: DialogKey, sdp: &[u8]) -> bool {
        let Some(dialog) = self.dialogs.get(&key) else { return true };
        let busy = dialog.outgoing_reinvite.is_some()
            || dialog.incoming_reinvite.is_some()
            || dialog.unacked.is_some();
        if busy {
            return false;
        }
        self.remember_description(key, sdp);
        let lines = self.session_renewal(key);
        let (owner, body) = (Owner::Reinvite(key), Some((SDP, sdp)));
        let id = self.request_in_dialog(now, key, Method::Invite, owner, &lines, body);
        if let Some(dialog) = self.dialogs.get_mut(&key) {
            dialog.outgoing_reinvite = id;
        }
        true
    }
}
