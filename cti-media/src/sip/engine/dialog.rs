//! Dialogs (RFC 3261 §12) and the requests inside them.
//!
//! ```text
//!  Incoming ──answer──▶ Confirmed ◀──answer── Calling
//!     │                     │                    │
//!     └── reject, CANCEL    │ hangup             └── CANCEL, failure
//!                           ▼
//!                        Closing ──BYE answered, or nobody replied──▶ gone
//! ```

use std::time::Duration;

use bytes::Bytes;

use crate::sip::{
    DialogKey, EndCause, SipEvent, Transport,
    address::{NameAddr, comma_separated, destination},
    engine::{
        Engine, GIVE_UP, T1, T2,
        client::{ClientId, Owner},
        early::EarlyDialogs,
        refer::Referring,
        reliable::Reliable,
        request::RequestHead,
        server::ServerId,
        session_timer::{Agreed, SessionTimer},
        timers::Timer,
        trunk_call::TrunkCall,
    },
    flow::Flow,
    message::{Method, Request, value, values},
    reply::TopVia,
};

/// One call leg.
#[derive(Debug)]
pub(crate) struct Dialog {
    pub(crate) phase: Phase,
    pub(crate) call_id: String,
    pub(crate) local_tag: String,
    pub(crate) remote_tag: String,
    /// Our From (or To) value with tag.
    pub(crate) local: String,
    /// The peer's To (or From) value with tag.
    pub(crate) remote: String,
    pub(crate) local_cseq: u32,
    pub(crate) remote_cseq: u32,
    pub(crate) routes: Vec<String>,
    /// Where the peer wants requests (its Contact).
    pub(crate) target: String,
    pub(crate) flow: Flow,
    /// The account of the peer; its requests come and go by the flow it is reachable on, because its
    /// Contact may be an address behind a translator.
    pub(crate) account: Option<String>,
    /// The gateway that carries it.
    pub(crate) gateway: Option<usize>,
    /// Our 2xx that waits for its ACK.
    pub(crate) unacked: Option<Unacked>,
    /// The session timer, if one was agreed on.
    pub(crate) session: Option<SessionTimer>,
    /// The peer takes UPDATE.
    pub(crate) updates: bool,
    /// The last description of ours.
    pub(crate) description: Vec<u8>,
    /// The call is ours: we chose its Call-ID.
    pub(crate) began: bool,
    /// A REFER of the peer's whose outcome has not been told.
    pub(crate) referring: Option<Referring>,
    /// A change of ours that is tried again, with the attempts so far.
    pub(crate) retry: Option<(Vec<u8>, u8)>,
    /// The peer's re-INVITE that waits for our answer.
    pub(crate) incoming_reinvite: Option<PendingReinvite>,
    /// Our re-INVITE that waits for an answer.
    pub(crate) outgoing_reinvite: Option<ClientId>,
    /// Tags under which the dialog is found.
    pub(crate) tags: Vec<String>,
}

/// How far a dialog has come.
#[derive(Debug)]
pub(crate) enum Phase {
    /// A call from outside without a final response.
    Incoming {
        transaction: ServerId,
        /// Of the INVITE.
        cseq: u32,
        late_offer: bool,
        record_routes: String,
        reliable: Box<Reliable>,
        session: Agreed,
    },
    /// A call of ours without an answer.
    Calling {
        forks: Vec<Fork>,
        /// For a call by a trunk.
        trunk: Option<Box<TrunkCall>>,
    },
    Confirmed,
    /// Over for the user; BYE was sent or waits for the ACK of our 2xx.
    Closing,
}

/// One device that is being called.
#[derive(Debug)]
pub(crate) struct Fork {
    pub(crate) transaction: ClientId,
    /// Status, reason, and whether the device said so itself.
    pub(crate) failed: Option<(u16, String, bool)>,
    /// What provisional responses told.
    pub(crate) early: EarlyDialogs,
    /// It shall be asked to answer as soon as it can be.
    pub(crate) to_be_asked: bool,
    /// The gateway it was sent to.
    pub(crate) gateway: Option<usize>,
}

impl Fork {
    pub(crate) fn new(transaction: ClientId, gateway: Option<usize>) -> Self {
        let early = EarlyDialogs::default();
        Self { transaction, failed: None, early, to_be_asked: false, gateway }
    }
}

#[derive(Debug)]
pub(crate) struct Unacked {
    pub(crate) data: Bytes,
    pub(crate) flow: Flow,
    pub(crate) cseq: u32,
    pub(crate) late_offer: bool,
    pub(crate) resend_at: Duration,
    pub(crate) interval: Duration,
    pub(crate) end_at: Duration,
}

#[derive(Debug)]
pub(crate) struct PendingReinvite {
    pub(crate) transaction: ServerId,
    pub(crate) cseq: u32,
    pub(crate) late_offer: bool,
    pub(crate) target: Option<String>,
    pub(crate) session: Agreed,
    /// Its 2xx is acknowledged: it is an INVITE, not an UPDATE.
    pub(crate) acknowledged: bool,
}

impl Dialog {
    pub(crate) fn is_confirmed(&self) -> bool {
        matches!(self.phase, Phase::Confirmed)
    }
}

/// The URI of the first Contact.
pub(crate) fn contact_of(headers: &rsipstack::sip::Headers) -> Option<String> {
    let first = comma_separated(value(headers, "Contact")?).next()?;
    let contact = NameAddr::parse(first)?;
    (!contact.uri.is_empty() && contact.uri != "*").then(|| contact.uri.to_owned())
}

/// The Record-Route values in the order of the message, at most 32.
pub(crate) fn record_routes(headers: &rsipstack::sip::Headers) -> Vec<String> {
    values(headers, "Record-Route").flat_map(comma_separated).take(32).map(str::to_owned).collect()
}

/// The flow a phone is reached by. One whose Via asks for symmetric replies may be behind a
/// translator and is reached where it sends from; another one listens where its Contact says, as
/// long as that is on the same host.
pub(crate) fn way_back(flow: Flow, via: &TopVia, contact: &str) -> Flow {
    let stated = destination(contact).map(|(_, address)| address);
    match stated {
        Some(remote)
            if !flow.is_reliable() && !via.wants_port && remote.ip() == flow.remote.ip() =>
        {
            Flow { remote, ..flow }
        }
        Some(_) | None => flow,
    }
}

impl Engine {
    /// The dialog a request inside one belongs to; its source must be the peer's.
    pub(crate) fn find_dialog(&self, flow: Flow, request: &Request) -> Option<DialogKey> {
        let head = &request.head;
        let key = *self.tags.get(head.to_tag.as_deref()?)?;
        let dialog = self.dialogs.get(&key)?;
        let matches = dialog.call_id == head.call_id
            && Some(dialog.local_tag.as_str()) == head.to_tag.as_deref()
            && dialog.remote_tag == head.from_tag
            && self.is_peer(dialog, flow);
        matches.then_some(key)
    }

    /// Whether a source may speak for a dialog: the address the call came from, the one it is
    /// answered at, or another one of the same trunk.
    pub(crate) fn is_peer(&self, dialog: &Dialog, flow: Flow) -> bool {
        let source = flow.remote.ip();
        let is = |uri: &str| destination(uri).is_some_and(|(_, at)| at.ip() == source);
        dialog.flow.remote.ip() == source
            || dialog.routes.first().map_or_else(
                || is(&dialog.target),
                |route| NameAddr::parse(route).is_some_and(|route| is(route.uri)),
            )
            || self.trunk_of(flow).is_some_and(|trunk| self.trunk_of(dialog.flow) == Some(trunk))
    }

    /// Where the next request of a dialog goes (RFC 3261 §12.2.1.1).
    pub(crate) fn next_hop(
        &mut self,
        flow: Flow,
        routes: &[String],
        target: &str,
        account: Option<&str>,
    ) -> Flow {
        let alive = self.is_alive(flow);
        if alive && (account.is_some() || flow.transport.is_web_socket()) {
            return flow;
        }
        if let Some(newer) = self.newer_flow(account, target) {
            return newer;
        }
        let uri = routes.first().and_then(|route| NameAddr::parse(route)).map(|route| route.uri);
        let wanted = destination(uri.unwrap_or(target));
        let Some((transport, remote)) = wanted else { return flow };
        let transport = transport.unwrap_or(Transport::Udp);
        if alive && transport == flow.transport && (remote == flow.remote || flow.is_reliable()) {
            return flow;
        }
        self.open(transport, flow.listener, remote).unwrap_or(flow)
    }

    /// Sends a request inside a dialog.
    pub(crate) fn request_in_dialog(
        &mut self,
        now: Duration,
        key: DialogKey,
        method: Method,
        owner: Owner,
        extra: &str,
        body: Option<(&str, &[u8])>,
    ) -> Option<ClientId> {
        let branch = self.new_branch();
        let dialog = self.dialogs.get_mut(&key)?;
        dialog.local_cseq += 1;
        let head = RequestHead {
            uri: dialog.target.clone(),
            branch,
            from: dialog.local.clone(),
            to: dialog.remote.clone(),
            call_id: dialog.call_id.clone(),
            cseq: dialog.local_cseq,
            routes: dialog.routes.clone(),
        };
        let (flow, account) = (dialog.flow, dialog.account.clone());
        let flow = self.next_hop(flow, &head.routes, &head.uri, account.as_deref());
        if let Some(dialog) = self.dialogs.get_mut(&key) {
            dialog.flow = flow;
        }
        let data = self.write_request(method.name(), flow, &head, extra, body);
        Some(self.begin_client(now, method, flow, head, owner, data))
    }

    /// Keeps a 2xx of ours until its ACK comes (RFC 3261 §13.3.1.4).
    pub(crate) fn await_ack(
        &mut self,
        now: Duration,
        key: DialogKey,
        data: Bytes,
        cseq: u32,
        late_offer: bool,
        flow: Flow,
    ) {
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        dialog.unacked = Some(Unacked {
            data,
            flow,
            cseq,
            late_offer,
            resend_at: now + T1,
            interval: T1,
            end_at: now + GIVE_UP,
        });
        self.timers.set(now + T1, Timer::Answer(key));
    }

    pub(crate) fn answer_timer(&mut self, now: Duration, due: Duration, key: DialogKey) {
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        let Some(unacked) = &mut dialog.unacked else { return };
        if unacked.resend_at > due {
            return;
        }
        if unacked.end_at <= now {
            dialog.unacked = None;
            let confirmed = dialog.is_confirmed();
            self.send_bye(now, key);
            if confirmed {
                tracing::info!(dialog = %key, "The answer was never acknowledged");
                self.emit_end(key, EndCause::NotAcknowledged);
            }
            return;
        }
        unacked.interval = (unacked.interval * 2).min(T2);
        unacked.resend_at = (now + unacked.interval).min(unacked.end_at);
        let (at, flow, data) = (unacked.resend_at, unacked.flow, unacked.data.clone());
        self.timers.set(at, Timer::Answer(key));
        self.stats.add_retransmitted();
        self.send(flow, data);
    }

    /// ACK for a 2xx.
    pub(crate) fn on_dialog_ack(&mut self, now: Duration, flow: Flow, request: Request) {
        let Some(key) = self.find_dialog(flow, &request) else { return };
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        let Some(unacked) = dialog.unacked.take_if(|waiting| waiting.cseq == request.head.cseq)
        else {
            return;
        };
        if !dialog.is_confirmed() {
            self.send_bye(now, key);
            return;
        }
        let sdp = (unacked.late_offer && !request.body.is_empty()).then_some(request.body);
        self.emit(SipEvent::Acked { dialog: key, sdp });
    }

    /// Ends a confirmed dialog, at once or after the ACK that must come first (RFC 3261 §15).
    pub(crate) fn close_dialog(&mut self, now: Duration, key: DialogKey) {
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        dialog.phase = Phase::Closing;
        let account = dialog.account.clone();
        if let Some(pending) = dialog.incoming_reinvite.take() {
            self.respond(now, pending.transaction, 487, "", "", None);
        }
        self.touch_account(account);
        if self.dialogs.get(&key).is_some_and(|dialog| dialog.unacked.is_none()) {
            self.send_bye(now, key);
        }
    }

    pub(crate) fn send_bye(&mut self, now: Duration, key: DialogKey) {
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        dialog.phase = Phase::Closing;
        dialog.unacked = None;
        self.request_in_dialog(now, key, Method::Bye, Owner::Bye(Some(key)), "", None);
    }

    /// The BYE was answered, whatever the answer: a challenge is never met (RFC 3261 §22).
    pub(crate) fn bye_done(&mut self, key: DialogKey) {
        if self.dialogs.get(&key).is_some_and(|dialog| matches!(dialog.phase, Phase::Closing)) {
            self.remove_dialog(key);
        }
    }

    /// The peer does not know the dialog any more (RFC 3261 §12.2.1.2).
    pub(crate) fn peer_lost(&mut self, now: Duration, key: DialogKey) {
        if self.dialogs.get(&key).is_some_and(Dialog::is_confirmed) {
            self.close_dialog(now, key);
            self.emit_end(key, EndCause::PeerLost);
        }
    }

    /// Keeps the last description of ours, which a refresh repeats.
    pub(crate) fn remember_description(&mut self, key: DialogKey, sdp: &[u8]) {
        if let Some(dialog) = self.dialogs.get_mut(&key) {
            dialog.description = sdp.to_vec();
        }
    }

    pub(crate) fn remove_dialog(&mut self, key: DialogKey) -> Option<Dialog> {
        let dialog = self.dialogs.remove(&key)?;
        for tag in &dialog.tags {
            self.tags.remove(tag);
        }
        self.vacate(dialog.gateway);
        self.touch_account(dialog.account.clone());
        Some(dialog)
    }
}
