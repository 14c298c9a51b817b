//! Calls of ours: one INVITE per device, the first answer wins.

use std::time::Duration;

use bytes::Bytes;

use crate::sip::{
    DialogKey, EndCause, SipEvent, Target, Transport,
    address::{destination, escape_user, quote_display},
    engine::{
        Engine, SDP,
        client::{Cancel, CancelFor, ClientId, Outcome, Owner},
        dialog::{Dialog, Fork, Phase, contact_of, record_routes},
        request::RequestHead,
        session_timer::takes_updates,
        trunk_call::{TrunkCall, goes_elsewhere},
    },
    flow::Flow,
    handle::Dial,
    mask::Masked,
    message::{Method, Response},
};

/// Devices called at once for one account at most.
const MAX_FORKS: usize = 16;

impl Engine {
    /// Begins a call.
    pub(crate) fn dial(&mut self, now: Duration, dial: Dial) {
        let key = dial.dialog;
        if self.dialogs.contains_key(&key) {
            tracing::warn!(dialog = %key, "A dialog key was used twice");
            return;
        }
        let fail = |engine: &mut Self, status, reason: &str| {
            let reason = reason.to_owned();
            engine.emit(SipEvent::Failed { dialog: key, status, reason, from_peer: false });
        };
        let number = match &dial.target {
            Target::Trunk { number, .. } => number.as_str(),
            Target::Account(_) | Target::Uri(_) => "",
        };
        if !self.has_room(number) {
            return fail(self, 503, "Too Many Calls");
        }
        let (to, account, targets) = match &dial.target {
            Target::Trunk { trunk, number } => {
                let (trunk, number) = (trunk.clone(), number.clone());
                if !self.dial_trunk(now, trunk, number, dial) {
                    fail(self, 503, "No Gateway");
                }
                return;
            }
            Target::Account(name) => {
                let to = format!("<sip:{}@{}>", escape_user(name), self.config.domain);
                (to, Some(name.clone()), self.devices_of(now, name))
            }
            Target::Uri(uri) => {
                let uri: String = uri.chars().filter(|c| !c.is_control() && *c != '>').collect();
                let Some((transport, remote)) = destination(&uri) else {
                    return fail(self, 502, "Host Is No Address");
                };
                let flow = self.open(transport.unwrap_or(Transport::Udp), 0, remote);
                (format!("<{uri}>"), None, flow.map(|flow| (uri, flow)).into_iter().collect())
            }
        };
        if targets.is_empty() {
            return fail(self, 480, "Not Registered");
        }
        let from = format!(
            "{}<sip:{}@{}>",
            quote_display(&dial.from_display),
            escape_user(&dial.from_user),
            self.config.domain
        );
        let mut extra = self.session_wish();
        extra.extend(dial.headers.iter().map(|(name, value)| header_line(name, value)));
        let mut forks = Vec::new();
        let mut tags = Vec::new();
        for (uri, flow) in targets {
            let tag = self.random();
            let head = RequestHead {
                uri,
                branch: self.new_branch(),
                from: format!("{from};tag={tag}"),
                to: to.clone(),
                call_id: self.random(),
                cseq: 1,
                routes: Vec::new(),
            };
            tracing::info!(
                call_id = %head.call_id, dialog = %key, from = %Masked(&dial.from_user),
                remote = %flow.remote, "Calling"
            );
            let offer = dial.offer.as_ref();
            let body = offer.map(|offer| (SDP, offer.for_device(flow.transport)));
            let data = self.write_request("INVITE", flow, &head, &extra, body);
            let owner = Owner::Fork(key);
            let transaction = self.begin_client(now, Method::Invite, flow, head, owner, data);
            self.tags.insert(tag.clone(), key);
            tags.push(tag);
            forks.push(Fork::new(transaction, None));
        }
        self.dialogs.insert(key, calling(forks, tags, account, None));
        self.touch(key);
    }

    fn devices_of(&mut self, now: Duration, account: &str) -> Vec<(String, Flow)> {
        let bindings: Vec<(String, Flow)> = self
            .registrar
            .bindings(account, now)
            .take(MAX_FORKS)
            .map(|binding| (binding.contact.clone(), binding.flow))
            .collect();
        bindings
            .into_iter()
            .map(|(contact, flow)| {
                let flow = self.next_hop(flow, &[], &contact, Some(account));
                (contact, flow)
            })
            .collect()
    }

    /// A provisional response to an INVITE of ours.
    pub(crate) fn invite_progress(
        &mut self,
        now: Duration,
        owner: Owner,
        id: ClientId,
        response: &Response,
    ) {
        let Owner::Fork(key) = owner else { return };
        let in_order = self.learn_early(now, key, id, response);
        self.ask_if_wanted(now, key);
        let calling =
            self.dialogs.get(&key).is_some_and(|d| matches!(d.phase, Phase::Calling { .. }));
        if calling && in_order && response.status > 100 {
            let sdp = (!response.body.is_empty()).then(|| response.body.clone());
            self.emit(SipEvent::Provisional { dialog: key, status: response.status, sdp });
        }
    }

    /// A 2xx to an INVITE of ours, seen for the first time from this device.
    pub(crate) fn invite_answered(
        &mut self,
        now: Duration,
        flow: Flow,
        id: ClientId,
        response: &Response,
    ) {
        let Some(transaction) = self.clients.get(&id) else { return };
        let (owner, head, sent) = (transaction.owner, transaction.head.clone(), transaction.flow);
        let cancelled = transaction.cancel != Cancel::Unwanted;
        // A reliable answer may come over a connection the peer opened.
        let flow = if sent.is_reliable() && flow.is_reliable() { flow } else { sent };
        match owner {
            Owner::Reinvite(key) | Owner::Refresh(key) => {
                self.reinvite_answered(now, key, id, &head, response);
            }
            Owner::Fork(key) => {
                let waiting = self
                    .dialogs
                    .get(&key)
                    .is_some_and(|dialog| matches!(dialog.phase, Phase::Calling { .. }));
                if waiting && !cancelled {
                    self.confirm(now, key, id, flow, &head, response);
                } else {
                    self.decline_answer(now, id, flow, &head, response);
                }
            }
            Owner::Bye(_)
            | Owner::Info(_)
            | Owner::Talk
            | Owner::Prack
            | Owner::Cancel
            | Owner::Probe(_)
            | Owner::Notify(_)
            | Owner::Register(_) => {}
        }
    }

    fn confirm(
        &mut self,
        now: Duration,
        key: DialogKey,
        id: ClientId,
        flow: Flow,
        head: &RequestHead,
        response: &Response,
    ) {
        let mut routes = record_routes(&response.headers);
        routes.reverse();
        let target = contact_of(&response.headers).unwrap_or_else(|| head.uri.clone());
        let account = self.dialogs.get(&key).and_then(|dialog| dialog.account.clone());
        let flow = self.next_hop(flow, &routes, &target, account.as_deref());
        let offered = self.clients.get(&id).map_or_else(Vec::new, |it| it.body().to_vec());
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        let Phase::Calling { forks, .. } = std::mem::replace(&mut dialog.phase, Phase::Confirmed)
        else {
            return;
        };
        let local_tag = head.from.rsplit_once(";tag=").map_or("", |(_, tag)| tag).to_owned();
        let lost_tags = std::mem::replace(&mut dialog.tags, vec![local_tag.clone()]);
        dialog.local_tag = local_tag;
        dialog.remote_tag = response.head.to_tag.clone().unwrap_or_default();
        dialog.call_id.clone_from(&head.call_id);
        dialog.local.clone_from(&head.from);
        dialog.remote.clone_from(&response.head.to);
        let (others, answering): (Vec<_>, Vec<_>) =
            forks.into_iter().partition(|fork| fork.transaction != id);
        let early = answering.into_iter().next().map(|fork| fork.early).unwrap_or_default();
        let (cseq, described) = early.before(&dialog.remote_tag);
        dialog.local_cseq = cseq.max(head.cseq);
        dialog.updates = takes_updates(&response.headers);
        dialog.description = offered;
        dialog.routes = routes;
        dialog.target = target;
        dialog.flow = flow;
        for tag in lost_tags {
            if self.dialogs.get(&key).is_some_and(|dialog| dialog.local_tag != tag) {
                self.tags.remove(&tag);
            }
        }
        tracing::info!(call_id = %head.call_id, dialog = %key, "Peer answered");
        self.acknowledge(key, id, head.cseq, response);
        for fork in others {
            self.cancel_client(now, fork.transaction, CancelFor::AnsweredElsewhere);
        }
        self.touch(key);
        self.session_of(now, key, response);
        // RFC 3262 §5: a description in an acknowledged provisional response was the answer.
        let sdp = (!response.body.is_empty()).then(|| response.body.clone()).or(described);
        self.emit(SipEvent::Answered { dialog: key, transport: flow.transport, sdp });
    }

    /// ACK for a 2xx, sent in the dialog (RFC 3261 §13.2.2.4).
    fn acknowledge(&mut self, key: DialogKey, id: ClientId, cseq: u32, response: &Response) {
        let branch = self.new_branch();
        let Some(dialog) = self.dialogs.get(&key) else { return };
        let flow = dialog.flow;
        let head = RequestHead {
            uri: dialog.target.clone(),
            branch,
            from: dialog.local.clone(),
            to: dialog.remote.clone(),
            call_id: dialog.call_id.clone(),
            cseq,
            routes: dialog.routes.clone(),
        };
        let ack = self.write_request("ACK", flow, &head, "", None);
        let tag = response.head.to_tag.clone().unwrap_or_default();
        self.send_ack(id, tag, flow, ack);
    }

    /// An answer that came too late: ACK, then BYE (RFC 3261 §13.2.2.4).
    fn decline_answer(
        &mut self,
        now: Duration,
        id: ClientId,
        flow: Flow,
        sent: &RequestHead,
        response: &Response,
    ) {
        let mut routes = record_routes(&response.headers);
        routes.reverse();
        let uri = contact_of(&response.headers).unwrap_or_else(|| sent.uri.clone());
        let mut head = RequestHead {
            uri,
            branch: self.new_branch(),
            to: response.head.to.clone(),
            routes,
            ..sent.clone()
        };
        let ack = self.write_request("ACK", flow, &head, "", None);
        let tag = response.head.to_tag.clone().unwrap_or_default();
        self.send_ack(id, tag, flow, ack);
        head.cseq += 1;
        head.branch = self.new_branch();
        let bye: Bytes = self.write_request("BYE", flow, &head, "", None);
        self.begin_client(now, Method::Bye, flow, head, Owner::Bye(None), bye);
    }

    /// A device did not take the call.
    pub(crate) fn fork_failed(
        &mut self,
        now: Duration,
        key: DialogKey,
        id: ClientId,
        outcome: &Outcome<'_>,
    ) {
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        let Phase::Calling { forks, .. } = &mut dialog.phase else { return };
        let Some(fork) = forks.iter_mut().find(|fork| fork.transaction == id) else { return };
        if fork.failed.is_some() {
            return;
        }
        let from_peer = matches!(outcome, Outcome::Response(_));
        fork.failed = Some((outcome.status(), outcome.reason().to_owned(), from_peer));
        if let Some(gateway) = fork.gateway {
            self.judge_gateway(now, gateway, outcome);
            if goes_elsewhere(outcome) && self.try_next_gateway(now, key) {
                return;
            }
        }
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        let Phase::Calling { forks, .. } = &mut dialog.phase else { return };
        // RFC 3261 §16.7 step 5: a 6xx ends the search everywhere.
        let everywhere = outcome.status() >= 600;
        if !everywhere && forks.iter().any(|fork| fork.failed.is_none()) {
            return;
        }
        let best =
            forks.iter().filter_map(|fork| fork.failed.clone()).min_by_key(|(s, ..)| rank(*s));
        let open: Vec<ClientId> =
            forks.iter().filter(|f| f.failed.is_none()).map(|f| f.transaction).collect();
        let (status, reason, from_peer) = best.unwrap_or((480, String::new(), false));
        tracing::info!(dialog = %key, status, "Call failed");
        for transaction in open {
            self.cancel_client(now, transaction, CancelFor::TakenBack);
        }
        self.remove_dialog(key);
        self.emit(SipEvent::Failed { dialog: key, status, reason, from_peer });
    }

    /// Takes back a call nobody answered yet.
    pub(crate) fn abandon(&mut self, now: Duration, key: DialogKey, why: CancelFor) {
        let Some(dialog) = self.remove_dialog(key) else { return };
        if let Phase::Calling { forks, .. } = dialog.phase {
            for fork in forks {
                self.cancel_client(now, fork.transaction, why);
            }
        }
        self.emit_end(key, EndCause::HungUp);
    }

    /// Offers a changed session.
    pub(crate) fn reinvite(&mut self, now: Duration, key: DialogKey, sdp: &[u8]) {
        let Some(dialog) = self.dialogs.get(&key) else { return };
        if !dialog.is_confirmed() {
            return;
        }
        if !self.offer_change(now, key, sdp) {
            self.emit(SipEvent::ReinviteAnswered { dialog: key, status: 491, sdp: None });
        }
    }

    fn reinvite_answered(
        &mut self,
        now: Duration,
        key: DialogKey,
        id: ClientId,
        head: &RequestHead,
        response: &Response,
    ) {
        let refresh = self.clients.get(&id).is_some_and(|it| it.owner == Owner::Refresh(key));
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        if let Some(target) = contact_of(&response.headers) {
            dialog.target = target;
        }
        dialog.outgoing_reinvite = None;
        dialog.retry = None;
        let confirmed = dialog.is_confirmed();
        let (flow, account) = (dialog.flow, dialog.account.clone());
        let (routes, target) = (dialog.routes.clone(), dialog.target.clone());
        let flow = self.next_hop(flow, &routes, &target, account.as_deref());
        if let Some(dialog) = self.dialogs.get_mut(&key) {
            dialog.flow = flow;
        }
        self.acknowledge(key, id, head.cseq, response);
        if confirmed {
            self.session_of(now, key, response);
        }
        if confirmed && !refresh {
            let sdp = (!response.body.is_empty()).then(|| response.body.clone());
            self.emit(SipEvent::ReinviteAnswered { dialog: key, status: response.status, sdp });
        }
    }

    pub(crate) fn reinvite_failed(&mut self, now: Duration, key: DialogKey, outcome: &Outcome<'_>) {
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        dialog.outgoing_reinvite = None;
        if !dialog.is_confirmed() {
            return;
        }
        let status = outcome.status();
        if status == 491 && self.retry_later(now, key) {
            return;
        }
        self.emit(SipEvent::ReinviteAnswered { dialog: key, status, sdp: None });
        if matches!(status, 408 | 481) {
            self.peer_lost(now, key);
        }
    }
}

pub(crate) fn calling(
    forks: Vec<Fork>,
    tags: Vec<String>,
    account: Option<String>,
    trunk: Option<Box<TrunkCall>>,
) -> Dialog {
    Dialog {
        phase: Phase::Calling { forks, trunk },
        call_id: String::new(),
        local_tag: String::new(),
        remote_tag: String::new(),
        local: String::new(),
        remote: String::new(),
        local_cseq: 0,
        remote_cseq: 0,
        routes: Vec::new(),
        target: String::new(),
        flow: Flow::datagram(0, ([0, 0, 0, 0], 0).into()),
        account,
        gateway: None,
        unacked: None,
        session: None,
        updates: false,
        description: Vec::new(),
        retry: None,
        referring: None,
        began: true,
        incoming_reinvite: None,
        outgoing_reinvite: None,
        tags,
    }
}

/// Which failure of several devices tells the caller most.
fn rank(status: u16) -> u16 {
    match status {
        600.. => 0,
        486 => 1,
        408 => 3,
        503 => 4,
        _ => 2,
    }
}

/// One header line; nothing in it can begin another line.
pub(crate) fn header_line(name: &str, value: &str) -> String {
    let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let value: String = value.chars().filter(|c| !c.is_control()).collect();
    format!("{name}: {value}\r\n")
}
