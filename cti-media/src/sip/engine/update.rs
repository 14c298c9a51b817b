//! UPDATE (RFC 3311): a change or a refresh of the session without a new INVITE.

use std::time::Duration;

use crate::sip::{
    DialogKey, SipEvent,
    engine::{
        ALLOW, Engine,
        dialog::{PendingReinvite, Phase, contact_of},
        session_timer::agreed_lines,
    },
    flow::Flow,
    message::Request,
};

impl Engine {
    pub(crate) fn on_update(
        &mut self,
        now: Duration,
        flow: Flow,
        key: DialogKey,
        request: Request,
    ) {
        if self.refuse_demands(flow, &request) || self.refuse_body(flow, &request) {
            return;
        }
        let Some(dialog) = self.dialogs.get(&key) else { return };
        let offers = !request.body.is_empty();
        // RFC 3311 §5.2: an offer waits for the answer to the one before.
        let (theirs_open, ours_open) = match &dialog.phase {
            Phase::Incoming { reliable, .. } => (!reliable.is_described(), false),
            Phase::Confirmed => (
                dialog.incoming_reinvite.is_some(),
                dialog.outgoing_reinvite.is_some()
                    || dialog.unacked.as_ref().is_some_and(|it| it.late_offer),
            ),
            Phase::Calling { .. } | Phase::Closing => (true, false),
        };
        if offers && theirs_open {
            self.refuse(flow, &request, 500, "", "Retry-After: 3\r\n");
            return;
        }
        if offers && ours_open {
            self.refuse(flow, &request, 491, "", "");
            return;
        }
        let Some(session) = self.agree_on_session(flow, &request) else { return };
        let target = contact_of(&request.headers);
        let transaction = self.begin_server(flow, &request, Some(key), "");
        if offers {
            if let Some(dialog) = self.dialogs.get_mut(&key) {
                dialog.incoming_reinvite = Some(PendingReinvite {
                    transaction,
                    cseq: request.head.cseq,
                    late_offer: false,
                    target,
                    session,
                    acknowledged: false,
                });
            }
            self.emit(SipEvent::Reinvite { dialog: key, offer: Some(request.body) });
            return;
        }
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        dialog.target = target.unwrap_or_else(|| dialog.target.clone());
        let contact = self.contact_line(flow.listener);
        let extra = format!("{contact}{ALLOW}{}", agreed_lines(session));
        self.respond(now, transaction, 200, "", &extra, None);
        if self.dialogs.get(&key).is_some_and(|dialog| dialog.is_confirmed()) {
            self.set_session(now, key, session);
        }
    }
}
