//! Client transactions (RFC 3261 §17.1, with the Accepted state of RFC 6026).
//!
//! ```text
//!  INVITE:      Calling ──1xx──▶ Proceeding ──3xx-6xx──▶ Completed ──32 s, at once on TCP──▶ gone
//!                  └──────────────────┴──────2xx───────▶ Accepted ──64·T1────────────────▶ gone
//!  all others:  Calling ──1xx──▶ Proceeding ──final────▶ Completed ──T4, at once on TCP────▶ gone
//! ```

use std::time::Duration;

use bytes::Bytes;

use crate::sip::{
    DialogKey,
    engine::{
        Engine, GIVE_UP, T1, T2, T4, request::RequestHead, subscriptions::SubscriptionId,
        timers::Timer,
    },
    flow::{ConnectionId, Flow},
    message::{Method, Response, find},
};

/// Answers of different devices acknowledged for one INVITE at most.
const MAX_ACKS: usize = 8;

/// One client transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ClientId(u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientState {
    Calling,
    Proceeding,
    Completed,
    Accepted,
}

/// Who waits for the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A branch of an outgoing call.
    Fork(DialogKey),
    Reinvite(DialogKey),
    /// The BYE of a dialog, or of an answer nobody wanted.
    Bye(Option<DialogKey>),
    Info(DialogKey),
    /// A refresh of the session.
    Refresh(DialogKey),
    /// The acknowledgement of a provisional response.
    Prack,
    /// A wish that a phone answer; it needs no answer itself.
    Talk,
    Cancel,
    /// The question whether a gateway lives.
    Probe(usize),
    /// What a subscriber is told.
    Notify(SubscriptionId),
    /// Our registration with a gateway.
    Register(usize),
}

/// How far the wish to cancel an INVITE has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cancel {
    Unwanted,
    /// RFC 3261 §9.1: CANCEL must wait for a provisional response.
    Waiting(CancelFor),
    Sent,
}

/// Why an INVITE is cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CancelFor {
    /// Nobody wants the call any more.
    TakenBack,
    /// Somebody else has answered it: it is no missed call of this phone's.
    AnsweredElsewhere,
}

impl CancelFor {
    /// Returns the header that tells the phone (RFC 3326 §2).
    fn header(self) -> &'static str {
        match self {
            Self::TakenBack => "",
            Self::AnsweredElsewhere => {
                "Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n"
            }
        }
    }
}

#[derive(Debug)]
pub(crate) struct ClientTransaction {
    index: String,
    pub(crate) method: Method,
    pub(crate) owner: Owner,
    pub(crate) flow: Flow,
    pub(crate) head: RequestHead,
    pub(crate) state: ClientState,
    pub(crate) cancel: Cancel,
    /// It carries a proof of who we are; a second challenge is not met.
    pub(crate) proven: bool,
    pub(crate) data: Bytes,
    resend_at: Option<Duration>,
    interval: Duration,
    end_at: Option<Duration>,
    /// ACKs by To tag, to be repeated with every repeated final response.
    acks: Vec<(String, Flow, Bytes)>,
}

/// What became of a request.
#[derive(Debug)]
pub(crate) enum Outcome<'a> {
    Response(&'a Response),
    /// Nobody replied in time (408), or the connection failed (503).
    Nothing {
        status: u16,
    },
}

impl ClientTransaction {
    /// The body of the request.
    pub(crate) fn body(&self) -> &[u8] {
        let head = find(&self.data, b"\r\n\r\n").map_or(self.data.len(), |at| at + 4);
        &self.data[head..]
    }
}

impl Outcome<'_> {
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Response(response) => response.status,
            Self::Nothing { status } => *status,
        }
    }

    pub(crate) fn reason(&self) -> &str {
        match self {
            Self::Response(response) => &response.reason,
            Self::Nothing { status: 408 } => "No Reply",
            Self::Nothing { .. } => "Not Reachable",
        }
    }
}

fn index_of(branch: &str, method: &Method) -> String {
    format!("{branch} {}", method.name())
}

impl Engine {
    /// Sends a request and waits for its responses.
    pub(crate) fn begin_client(
        &mut self,
        now: Duration,
        method: Method,
        flow: Flow,
        head: RequestHead,
        owner: Owner,
        data: Bytes,
    ) -> ClientId {
        let id = ClientId(self.next_transaction());
        // What goes out over a connection that is gone has failed already.
        let end_at = if self.is_alive(flow) { now + GIVE_UP } else { now };
        let resend_at = (!flow.is_reliable()).then_some(now + T1);
        self.timers.set(resend_at.unwrap_or(end_at), Timer::Client(id));
        let index = index_of(&head.branch, &method);
        self.client_index.insert(index.clone(), id);
        self.clients.insert(
            id,
            ClientTransaction {
                index,
                method,
                owner,
                flow,
                head,
                state: ClientState::Calling,
                cancel: Cancel::Unwanted,
                proven: false,
                data: data.clone(),
                resend_at,
                interval: T1,
                end_at: Some(end_at),
                acks: Vec::new(),
            },
        );
        self.send(flow, data);
        id
    }

    /// Routes a response to its transaction; anything else is dropped.
    pub(crate) fn on_response(&mut self, now: Duration, flow: Flow, response: &Response) {
        let head = &response.head;
        let index = index_of(&head.via.branch, &head.cseq_method);
        let Some(&id) = self.client_index.get(&index) else { return };
        let Some(transaction) = self.clients.get_mut(&id) else { return };
        if transaction.head.call_id != head.call_id || transaction.head.cseq != head.cseq {
            return;
        }
        match (&transaction.method, response.status) {
            (_, 100..200) => self.on_provisional(now, id, response),
            (Method::Invite, 200..300) => self.on_success(now, flow, id, response),
            (Method::Invite, _) => self.on_invite_failure(now, id, response),
            _ => self.on_final(now, id, response),
        }
    }

    fn on_provisional(&mut self, now: Duration, id: ClientId, response: &Response) {
        let Some(transaction) = self.clients.get_mut(&id) else { return };
        if !matches!(transaction.state, ClientState::Calling | ClientState::Proceeding) {
            return;
        }
        transaction.state = ClientState::Proceeding;
        if transaction.method != Method::Invite {
            return;
        }
        transaction.resend_at = None;
        match transaction.cancel {
            Cancel::Unwanted => {
                transaction.end_at = None;
                let owner = transaction.owner;
                self.invite_progress(now, owner, id, response);
            }
            Cancel::Waiting(why) => self.send_cancel(now, id, why),
            Cancel::Sent => {}
        }
    }

    fn on_success(&mut self, now: Duration, flow: Flow, id: ClientId, response: &Response) {
        let Some(transaction) = self.clients.get_mut(&id) else { return };
        if transaction.state == ClientState::Completed {
            return;
        }
        if transaction.state != ClientState::Accepted {
            let end_at = now + GIVE_UP;
            transaction.state = ClientState::Accepted;
            transaction.resend_at = None;
            transaction.end_at = Some(end_at);
            self.timers.set(end_at, Timer::Client(id));
        }
        let tag = response.head.to_tag.clone().unwrap_or_default();
        let known = self.clients[&id].acks.iter().find(|(of, ..)| *of == tag).cloned();
        match known {
            Some((_, flow, ack)) => {
                self.stats.add_retransmitted();
                self.send(flow, ack);
            }
            None if self.clients[&id].acks.len() < MAX_ACKS => {
                self.invite_answered(now, flow, id, response);
            }
            None => {}
        }
    }

    /// Remembers the ACK of one answer and sends it.
    pub(crate) fn send_ack(&mut self, id: ClientId, tag: String, flow: Flow, ack: Bytes) {
        if let Some(transaction) = self.clients.get_mut(&id) {
            transaction.acks.push((tag, flow, ack.clone()));
        }
        self.send(flow, ack);
    }

    fn on_invite_failure(&mut self, now: Duration, id: ClientId, response: &Response) {
        let Some(transaction) = self.clients.get_mut(&id) else { return };
        match transaction.state {
            ClientState::Accepted => return,
            ClientState::Completed => {
                if let Some((_, flow, ack)) = transaction.acks.first().cloned() {
                    self.stats.add_retransmitted();
                    self.send(flow, ack);
                }
                return;
            }
            ClientState::Calling | ClientState::Proceeding => {}
        }
        transaction.state = ClientState::Completed;
        transaction.resend_at = None;
        let (flow, owner) = (transaction.flow, transaction.owner);
        // RFC 3261 §17.1.1.3: the same branch, the To of the response.
        let head = RequestHead { to: response.head.to.clone(), ..transaction.head.clone() };
        let ack = self.write_request("ACK", flow, &head, "", None);
        self.send_ack(id, String::new(), flow, ack);
        let met =
            self.meet_challenge(now, id, response) || self.lengthen_session(now, id, response);
        if flow.is_reliable() {
            self.end_client(id);
        } else {
            self.end_client_at(id, now + GIVE_UP);
        }
        if !met {
            self.request_done(now, owner, id, &Outcome::Response(response));
        }
    }

    fn on_final(&mut self, now: Duration, id: ClientId, response: &Response) {
        let Some(transaction) = self.clients.get_mut(&id) else { return };
        if transaction.state == ClientState::Completed {
            return;
        }
        transaction.state = ClientState::Completed;
        transaction.resend_at = None;
        let (flow, owner) = (transaction.flow, transaction.owner);
        let met = self.meet_challenge(now, id, response);
        if flow.is_reliable() {
            self.end_client(id);
        } else {
            self.end_client_at(id, now + T4);
        }
        if !met {
            self.request_done(now, owner, id, &Outcome::Response(response));
        }
    }

    /// Wants an INVITE to end before it is answered.
    pub(crate) fn cancel_client(&mut self, now: Duration, id: ClientId, why: CancelFor) {
        let Some(transaction) = self.clients.get_mut(&id) else { return };
        if transaction.cancel != Cancel::Unwanted {
            return;
        }
        match transaction.state {
            ClientState::Calling => transaction.cancel = Cancel::Waiting(why),
            ClientState::Proceeding => self.send_cancel(now, id, why),
            ClientState::Completed | ClientState::Accepted => {}
        }
    }

    fn send_cancel(&mut self, now: Duration, id: ClientId, why: CancelFor) {
        let Some(transaction) = self.clients.get_mut(&id) else { return };
        transaction.cancel = Cancel::Sent;
        let (flow, head) = (transaction.flow, transaction.head.clone());
        // RFC 3261 §9.1: without a final response within 64·T1 the INVITE is given up.
        self.end_client_at(id, now + GIVE_UP);
        let data = self.write_request("CANCEL", flow, &head, why.header(), None);
        self.begin_client(now, Method::Cancel, flow, head, Owner::Cancel, data);
    }

    pub(crate) fn client_timer(&mut self, now: Duration, due: Duration, id: ClientId) {
        let Some(transaction) = self.clients.get_mut(&id) else { return };
        if transaction.end_at.is_some_and(|at| at <= now) {
            let waiting =
                matches!(transaction.state, ClientState::Calling | ClientState::Proceeding);
            let owner = transaction.owner;
            self.end_client(id);
            if waiting {
                self.request_done(now, owner, id, &Outcome::Nothing { status: 408 });
            }
            return;
        }
        if transaction.resend_at.is_none_or(|at| at > due) {
            return;
        }
        transaction.interval *= 2;
        if transaction.method != Method::Invite {
            let slow = transaction.state == ClientState::Proceeding;
            transaction.interval = if slow { T2 } else { transaction.interval.min(T2) };
        }
        let mut next = now + transaction.interval;
        if let Some(end_at) = transaction.end_at {
            next = next.min(end_at);
        }
        transaction.resend_at = Some(next);
        let (flow, data) = (transaction.flow, transaction.data.clone());
        self.timers.set(next, Timer::Client(id));
        self.stats.add_retransmitted();
        self.send(flow, data);
    }

    /// Fails what waits for a response on a connection that is gone.
    pub(crate) fn clients_of_closed_connection(&mut self, now: Duration, gone: ConnectionId) {
        let lost: Vec<(ClientId, Owner)> = self
            .clients
            .iter()
            .filter(|(_, transaction)| {
                transaction.flow.connection == Some(gone)
                    && matches!(transaction.state, ClientState::Calling | ClientState::Proceeding)
            })
            .map(|(id, transaction)| (*id, transaction.owner))
            .collect();
        for (id, owner) in lost {
            self.end_client(id);
            self.request_done(now, owner, id, &Outcome::Nothing { status: 503 });
        }
    }

    /// Gives a transaction up at a certain time.
    pub(crate) fn end_client_at(&mut self, id: ClientId, at: Duration) {
        if let Some(transaction) = self.clients.get_mut(&id) {
            transaction.end_at = Some(at);
            self.timers.set(at, Timer::Client(id));
        }
    }

    fn end_client(&mut self, id: ClientId) {
        if let Some(transaction) = self.clients.remove(&id) {
            self.client_index.remove(&transaction.index);
        }
    }

    /// Tells the owner of a request how it went.
    fn request_done(&mut self, now: Duration, owner: Owner, id: ClientId, outcome: &Outcome<'_>) {
        match owner {
            Owner::Fork(dialog) => self.fork_failed(now, dialog, id, outcome),
            Owner::Reinvite(dialog) => self.reinvite_failed(now, dialog, outcome),
            Owner::Bye(Some(dialog)) => self.bye_done(dialog),
            Owner::Info(dialog) => self.info_done(now, dialog, outcome),
            Owner::Refresh(dialog) => self.refresh_done(now, dialog, outcome),
            Owner::Probe(index) => self.probe_done(now, index, outcome),
            Owner::Notify(id) => self.notify_done(now, id, outcome),
            Owner::Register(index) => self.register_done(now, index, outcome),
            Owner::Bye(None) | Owner::Talk | Owner::Cancel | Owner::Prack => {}
        }
    }
}
