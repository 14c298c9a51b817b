//! Server transactions (RFC 3261 §17.2, with the Accepted state of RFC 6026).
//!
//! ```text
//!  INVITE:      Proceeding ──3xx-6xx──▶ Completed ──ACK──▶ Confirmed ──T4──▶ gone
//!                   └──────2xx────────▶ Accepted ───────64·T1─────────────▶ gone
//!  all others:  Proceeding ──final────▶ Finished ────64·T1, at once on TCP─▶ gone
//! ```

use std::time::Duration;

use bytes::Bytes;

use crate::sip::{
    DialogKey,
    engine::{Engine, GIVE_UP, T1, T2, T4, timers::Timer},
    flow::Flow,
    message::{Head, Method, Request},
    reply::{ReplyHead, phrase},
};

/// One server transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ServerId(u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ServerState {
    Proceeding,
    Completed { resend_at: Option<Duration>, interval: Duration, end_at: Duration },
    Confirmed { end_at: Duration },
    Accepted { end_at: Duration },
    Finished { end_at: Duration },
}

#[derive(Debug)]
pub(crate) struct ServerTransaction {
    key: String,
    merge_key: Option<String>,
    pub(crate) method: Method,
    pub(crate) flow: Flow,
    pub(crate) dialog: Option<DialogKey>,
    pub(crate) state: ServerState,
    head: ReplyHead,
    tag: String,
    last: Option<Bytes>,
}

impl ServerTransaction {
    /// The flow responses are sent over.
    pub(crate) fn reply_flow(&self) -> Flow {
        let remote = if self.flow.is_reliable() { self.flow.remote } else { self.head.destination };
        Flow { remote, ..self.flow }
    }
}

/// How a transaction is found again (RFC 3261 §17.2.3); ACK and CANCEL find their INVITE.
pub(crate) fn transaction_key(head: &Head, method: &Method) -> String {
    let method = if *method == Method::Ack { "INVITE" } else { method.name() };
    if head.via.branch.starts_with("z9hG4bK") {
        return format!("{} {} {method}", head.via.branch, head.via.sent_by);
    }
    format!("2543 {} {} {} {} {method}", head.call_id, head.cseq, head.from_tag, head.via.sent_by)
}

fn merge_key(head: &Head) -> String {
    format!("{} {} {}", head.from_tag, head.cseq, head.call_id)
}

impl Engine {
    /// Keeps state for a request from now on.
    pub(crate) fn begin_server(
        &mut self,
        flow: Flow,
        request: &Request,
        dialog: Option<DialogKey>,
        tag: &str,
    ) -> ServerId {
        let id = ServerId(self.next_transaction());
        let key = transaction_key(&request.head, &request.method);
        let first = request.method == Method::Invite && request.head.to_tag.is_none();
        let merge_key = first.then(|| merge_key(&request.head));
        if let Some(key) = &merge_key {
            self.merged.insert(key.clone(), id);
        }
        self.server_index.insert(key.clone(), id);
        self.servers.insert(
            id,
            ServerTransaction {
                key,
                merge_key,
                method: request.method.clone(),
                flow,
                dialog,
                state: ServerState::Proceeding,
                head: ReplyHead::of(request, flow.remote),
                tag: tag.to_owned(),
                last: None,
            },
        );
        id
    }

    /// Whether another copy of this INVITE, which took another way, is being handled.
    pub(crate) fn is_merged(&self, head: &Head) -> bool {
        self.merged.contains_key(&merge_key(head))
    }

    pub(crate) fn find_server(&self, head: &Head, method: &Method) -> Option<ServerId> {
        self.server_index.get(&transaction_key(head, method)).copied()
    }

    /// Sends a response of a transaction and moves its state.
    pub(crate) fn respond(
        &mut self,
        now: Duration,
        id: ServerId,
        status: u16,
        reason: &str,
        extra: &str,
        body: Option<(&str, &[u8])>,
    ) -> Option<Bytes> {
        let transaction = self.servers.get_mut(&id)?;
        if transaction.state != ServerState::Proceeding {
            return None;
        }
        let reason = if reason.is_empty() { phrase(status) } else { reason };
        let tag = (status > 100).then_some(transaction.tag.as_str());
        let data = transaction.head.write(status, reason, tag, extra, body);
        transaction.last = Some(data.clone());
        let (flow, destination) = (transaction.flow, transaction.head.destination);
        let mut ended = false;
        if status >= 200 {
            let reliable = flow.is_reliable();
            let end_at = now + GIVE_UP;
            let mut wake = end_at;
            transaction.state = match (&transaction.method, status) {
                (Method::Invite, 200..300) => ServerState::Accepted { end_at },
                (Method::Invite, _) => {
                    let resend_at = (!reliable).then_some(now + T1);
                    wake = resend_at.unwrap_or(end_at);
                    ServerState::Completed { resend_at, interval: T1, end_at }
                }
                _ => {
                    ended = reliable;
                    ServerState::Finished { end_at }
                }
            };
            self.timers.set(wake, Timer::Server(id));
        }
        self.send_reply(flow, destination, data.clone());
        if ended {
            self.end_server(id);
        }
        Some(data)
    }

    /// A request that was seen before: the last response again, or nothing.
    pub(crate) fn repeat_response(&mut self, id: ServerId) {
        let Some(transaction) = self.servers.get(&id) else { return };
        match transaction.state {
            ServerState::Proceeding
            | ServerState::Completed { .. }
            | ServerState::Finished { .. } => {
                if let Some(last) = transaction.last.clone() {
                    self.stats.add_retransmitted();
                    let (flow, to) = (transaction.flow, transaction.head.destination);
                    self.send_reply(flow, to, last);
                }
            }
            // The dialog repeats its 2xx by itself (RFC 6026 §7.1).
            ServerState::Accepted { .. } | ServerState::Confirmed { .. } => {}
        }
    }

    /// ACK for a response other than 2xx; `false` if it belongs to a dialog.
    pub(crate) fn ack_server(&mut self, now: Duration, id: ServerId) -> bool {
        let Some(transaction) = self.servers.get_mut(&id) else { return false };
        match transaction.state {
            ServerState::Completed { .. } if transaction.flow.is_reliable() => self.end_server(id),
            ServerState::Completed { .. } => {
                let end_at = now + T4;
                transaction.state = ServerState::Confirmed { end_at };
                self.timers.set(end_at, Timer::Server(id));
            }
            ServerState::Confirmed { .. } => {}
            ServerState::Proceeding
            | ServerState::Accepted { .. }
            | ServerState::Finished { .. } => return false,
        }
        true
    }

    pub(crate) fn server_timer(&mut self, now: Duration, due: Duration, id: ServerId) {
        let Some(transaction) = self.servers.get_mut(&id) else { return };
        match &mut transaction.state {
            ServerState::Proceeding => {}
            ServerState::Completed { resend_at, interval, end_at } => {
                if *end_at <= now {
                    // Timer H: the ACK never came.
                    self.end_server(id);
                    return;
                }
                if resend_at.is_none_or(|at| at > due) {
                    return;
                }
                *interval = (*interval * 2).min(T2);
                let next = (now + *interval).min(*end_at);
                *resend_at = Some(next);
                self.timers.set(next, Timer::Server(id));
                self.repeat_response(id);
            }
            ServerState::Confirmed { end_at }
            | ServerState::Accepted { end_at }
            | ServerState::Finished { end_at } => {
                if *end_at <= now {
                    self.end_server(id);
                }
            }
        }
    }

    fn end_server(&mut self, id: ServerId) {
        let Some(transaction) = self.servers.remove(&id) else { return };
        self.server_index.remove(&transaction.key);
        if let Some(key) = transaction.merge_key {
            self.merged.remove(&key);
        }
    }
}
