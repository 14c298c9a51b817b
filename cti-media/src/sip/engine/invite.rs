//! Calls from outside, and changes of the session that the peer asks for.

use std::time::Duration;

use crate::sip::{
    DialogKey, EndCause, SipEvent,
    address::{NameAddr, user_of},
    auth::Verdict,
    engine::{
        ALLOW, Engine, SDP, SUPPORTED,
        dialog::{Dialog, PendingReinvite, Phase, contact_of, record_routes, way_back},
        reliable::Reliable,
        session_timer::{agreed_lines, takes_updates},
    },
    flow::Flow,
    mask::Masked,
    message::{Request, values},
};

/// Who is calling.
enum Caller {
    Account(String),
    Trunk(String),
    /// A page without an account.
    Guest(String),
    Unknown {
        stale: bool,
    },
}

impl Engine {
    /// An INVITE outside a dialog. Until the caller is known nothing is kept.
    pub(crate) fn on_invite(&mut self, now: Duration, flow: Flow, request: Request) {
        // RFC 3261 §8.2.2.2, and a call of ours that came back to us.
        if self.is_merged(&request.head) || self.tags.contains_key(&request.head.from_tag) {
            self.refuse(flow, &request, 482, "", "");
            return;
        }
        if self.refuse_overload(flow, &request) {
            return;
        }
        let from = NameAddr::parse(&request.head.from)
            .and_then(|name| Some((name, rsipstack::sip::parse_uri(name.uri).ok()?)));
        let Some((from, from_uri)) = from else {
            self.refuse(flow, &request, 400, "Bad From", "");
            return;
        };
        let mut from_user = user_of(&from_uri);
        let mut from_display = from.display.map(str::to_owned);
        let gateway = self.gateway_of(flow);
        let (account, trunk) = match self.identify(now, flow, &request, &from_user) {
            Caller::Account(account) => (Some(account), None),
            Caller::Trunk(trunk) => (None, Some(trunk)),
            Caller::Guest(trunk) => {
                from_user = String::from("anonymous");
                from_display = None;
                (None, Some(trunk))
            }
            Caller::Unknown { stale } => return self.challenge(now, flow, &request, stale),
        };
        if self.refuse_demands(flow, &request) || self.refuse_body(flow, &request) {
            return;
        }
        let Some(target) = contact_of(&request.headers) else {
            self.refuse(flow, &request, 400, "Missing Contact", "");
            return;
        };
        let Some(session) = self.agree_on_session(flow, &request) else { return };
        let reliable = Box::new(Reliable::of(&request));
        let updates = takes_updates(&request.headers);
        let key = self.new_key();
        let tag = self.random();
        let transaction = self.begin_server(flow, &request, Some(key), &tag);
        let routes = record_routes(&request.headers);
        let mut to_user = user_of(&request.uri);
        if let Some(index) = gateway.filter(|_| account.is_none()) {
            let told = self.gateways[index].config.caller.read(&request);
            from_user = told.caller.unwrap_or(from_user);
            to_user = told.called.unwrap_or(to_user);
        }
        let offer = (!request.body.is_empty()).then_some(request.body);
        let dialog = Dialog {
            phase: Phase::Incoming {
                transaction,
                cseq: request.head.cseq,
                late_offer: offer.is_none(),
                record_routes: routes.iter().map(|r| format!("Record-Route: {r}\r\n")).collect(),
                reliable,
                session,
            },
            call_id: request.head.call_id.clone(),
            local: format!("{};tag={tag}", request.head.to),
            remote: request.head.from,
            remote_tag: request.head.from_tag,
            local_cseq: 0,
            remote_cseq: request.head.cseq,
            routes,
            flow: way_back(flow, &request.head.via, &target),
            target,
            account: account.clone(),
            gateway: None,
            unacked: None,
            session: None,
            updates,
            description: Vec::new(),
            retry: None,
            referring: None,
            began: false,
            incoming_reinvite: None,
            outgoing_reinvite: None,
            tags: vec![tag.clone()],
            local_tag: tag.clone(),
        };
        self.tags.insert(tag, key);
        self.dialogs.insert(key, dialog);
        self.touch(key);
        if let Some(index) = gateway {
            self.occupy(key, index);
        }
        self.respond(now, transaction, 100, "", "", None);
        tracing::info!(
            call_id = %request.head.call_id, dialog = %key, from = %Masked(&from_user),
            to = %Masked(&to_user), source = %flow.remote, account, trunk, "Call arrived"
        );
        self.emit(SipEvent::Incoming {
            dialog: key,
            call_id: request.head.call_id,
            from_user,
            from_display,
            to_user,
            source: flow.remote,
            transport: flow.transport,
            listener: flow.listener,
            account,
            trunk,
            offer,
        });
    }

    /// A trusted source speaks for outside numbers only: whoever claims to be one of our accounts
    /// must prove it.
    fn identify(&mut self, now: Duration, flow: Flow, request: &Request, from: &str) -> Caller {
        let mut proofs = values(&request.headers, "Authorization").peekable();
        if proofs.peek().is_none()
            && flow.transport.is_web_socket()
            && let Some(guests) = &self.config.guests
            && guests.numbers.contains(&user_of(&request.uri))
            && !self.is_account(from)
        {
            return Caller::Guest(guests.trunk.clone());
        }
        if proofs.peek().is_none()
            && let Some(trunk) = self.trunk_of(flow)
            && !self.is_account(from)
        {
            return Caller::Trunk(trunk.to_owned());
        }
        let source = flow.remote.ip();
        match self.auth.verify(now, source, "INVITE", proofs, &*self.accounts) {
            Verdict::Account(account) => Caller::Account(account),
            Verdict::Challenge { stale } => Caller::Unknown { stale },
        }
    }

    pub(crate) fn is_account(&self, name: &str) -> bool {
        let realm = &self.config.domain;
        self.accounts.ha1(name, realm, crate::sip::DigestAlgorithm::Md5).is_some()
    }

    /// Asks for a password without keeping anything.
    pub(crate) fn challenge(&mut self, now: Duration, flow: Flow, request: &Request, stale: bool) {
        self.stats.add_challenged();
        let source = flow.remote.ip();
        let mut lines = self.auth.challenge(now, source, stale, &mut *self.entropy);
        if flow.transport.is_web_socket() {
            // Of several challenges a telephone looks at the first, JsSIP at the last.
            let mut each: Vec<&str> = lines.split_inclusive("\r\n").collect();
            each.reverse();
            lines = each.concat();
        }
        self.refuse(flow, request, 401, "", &lines);
    }

    /// Answers a call.
    pub(crate) fn answer(&mut self, now: Duration, key: DialogKey, sdp: &[u8]) {
        if self.answer_waits(key, sdp) {
            return;
        }
        let Some(dialog) = self.dialogs.get(&key) else { return };
        let Phase::Incoming { transaction, cseq, late_offer, record_routes, reliable, session } =
            &dialog.phase
        else {
            return;
        };
        let (transaction, cseq, late_offer, session) = (*transaction, *cseq, *late_offer, *session);
        // RFC 3261 §13.2.1: a description that was acknowledged is not told again.
        let body = (!reliable.is_described()).then_some((SDP, sdp));
        let flow = dialog.flow;
        let contact = self.contact_line(flow.listener);
        let timer = agreed_lines(session);
        let extra = format!("{record_routes}{contact}{ALLOW}{SUPPORTED}{timer}");
        let Some(data) = self.respond(now, transaction, 200, "", &extra, body) else { return };
        self.remember_description(key, sdp);
        let flow = self.reply_flow(transaction, flow);
        if let Some(dialog) = self.dialogs.get_mut(&key) {
            tracing::info!(call_id = %dialog.call_id, dialog = %key, "Answered");
            dialog.phase = Phase::Confirmed;
        }
        self.touch(key);
        self.await_ack(now, key, data, cseq, late_offer, flow);
        self.set_session(now, key, session);
    }

    /// Refuses a call.
    pub(crate) fn reject(
        &mut self,
        now: Duration,
        key: DialogKey,
        status: u16,
        reason: &str,
        extra: &str,
        cause: EndCause,
    ) {
        let Some(dialog) = self.dialogs.get(&key) else { return };
        let Phase::Incoming { transaction, .. } = dialog.phase else { return };
        tracing::info!(call_id = %dialog.call_id, dialog = %key, status, "Refused a call");
        let reason: String = reason.chars().filter(|c| !c.is_control()).collect();
        self.respond(now, transaction, status, &reason, extra, None);
        self.remove_dialog(key);
        self.emit_end(key, cause);
    }

    /// An INVITE inside a dialog.
    pub(crate) fn on_reinvite(
        &mut self,
        now: Duration,
        flow: Flow,
        key: DialogKey,
        request: Request,
    ) {
        let Some(dialog) = self.dialogs.get(&key) else { return };
        // RFC 3261 §14.2: one change at a time.
        if !dialog.is_confirmed() || dialog.incoming_reinvite.is_some() {
            self.refuse(flow, &request, 500, "", "Retry-After: 3\r\n");
            return;
        }
        if dialog.outgoing_reinvite.is_some() || dialog.unacked.is_some() {
            self.refuse(flow, &request, 491, "", "");
            return;
        }
        if self.refuse_demands(flow, &request) || self.refuse_body(flow, &request) {
            return;
        }
        let Some(session) = self.agree_on_session(flow, &request) else { return };
        let transaction = self.begin_server(flow, &request, Some(key), "");
        self.respond(now, transaction, 100, "", "", None);
        let offer = (!request.body.is_empty()).then_some(request.body);
        if let Some(dialog) = self.dialogs.get_mut(&key) {
            dialog.incoming_reinvite = Some(PendingReinvite {
                transaction,
                cseq: request.head.cseq,
                late_offer: offer.is_none(),
                target: contact_of(&request.headers),
                session,
                acknowledged: true,
            });
        }
        self.emit(SipEvent::Reinvite { dialog: key, offer });
    }

    /// Accepts the change.
    pub(crate) fn answer_reinvite(&mut self, now: Duration, key: DialogKey, sdp: &[u8]) {
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        let Some(pending) = dialog.incoming_reinvite.take() else { return };
        if let Some(target) = pending.target {
            dialog.target = target;
        }
        let flow = dialog.flow;
        let contact = self.contact_line(flow.listener);
        let extra = format!("{contact}{ALLOW}{SUPPORTED}{}", agreed_lines(pending.session));
        let body = Some((SDP, sdp));
        let sent = self.respond(now, pending.transaction, 200, "", &extra, body);
        self.remember_description(key, sdp);
        if self.dialogs.get(&key).is_some_and(Dialog::is_confirmed) {
            self.set_session(now, key, pending.session);
        }
        if let Some(data) = sent.filter(|_| pending.acknowledged) {
            let flow = self.reply_flow(pending.transaction, flow);
            self.await_ack(now, key, data, pending.cseq, pending.late_offer, flow);
        }
    }

    /// Refuses the change; the session stays as it was.
    pub(crate) fn reject_reinvite(&mut self, now: Duration, key: DialogKey, status: u16) {
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        if let Some(pending) = dialog.incoming_reinvite.take() {
            self.respond(now, pending.transaction, status, "", "", None);
        }
    }

    /// Where responses of a transaction go.
    pub(crate) fn reply_flow(
        &self,
        transaction: crate::sip::engine::ServerId,
        otherwise: Flow,
    ) -> Flow {
        self.servers.get(&transaction).map_or(otherwise, |found| found.reply_flow())
    }
}
