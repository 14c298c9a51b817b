//! Calls by a trunk: one gateway after the other until one takes it.

use std::{fmt::Write as _, time::Duration};

use crate::sip::{
    CallerRules, DialogKey,
    address::{escape_user, quote_display},
    engine::{
        Engine, SDP,
        client::{CancelFor, ClientId, ClientState, Outcome, Owner},
        dialog::{Fork, Phase},
        outbound::{calling, header_line},
        request::RequestHead,
        timers::Timer,
    },
    handle::Dial,
    mask::Masked,
    message::Method,
};

/// The caller of a call whose number is withheld (RFC 3323 §4.1).
const ANONYMOUS: &str = "\"Anonymous\" <sip:anonymous@anonymous.invalid>";

/// A call that may need several gateways.
#[derive(Debug)]
pub(crate) struct TrunkCall {
    trunk: String,
    number: String,
    dial: Dial,
    tried: Vec<usize>,
}

impl Engine {
    /// Begins a call by a trunk; `false` if none of its gateways takes it.
    pub(crate) fn dial_trunk(
        &mut self,
        now: Duration,
        trunk: String,
        number: String,
        dial: Dial,
    ) -> bool {
        let key = dial.dialog;
        let call = TrunkCall { trunk, number, dial, tried: Vec::new() };
        self.dialogs.insert(key, calling(Vec::new(), Vec::new(), None, Some(Box::new(call))));
        let begun = self.try_next_gateway(now, key);
        if !begun {
            self.remove_dialog(key);
        }
        begun
    }

    /// Calls by the next gateway; `false` if there is none.
    pub(crate) fn try_next_gateway(&mut self, now: Duration, key: DialogKey) -> bool {
        loop {
            let Some(call) = self.trunk_call(key) else { return false };
            let (trunk, tried, number) =
                (call.trunk.clone(), call.tried.clone(), call.number.clone());
            let emergency = self.is_emergency(&number);
            let Some(index) = self.choose_gateway(&trunk, &tried, emergency) else {
                return false;
            };
            let flow = self.gateway_flow(index);
            let Some(call) = self.trunk_call(key) else { return false };
            call.tried.push(index);
            let dial = call.dial.clone();
            let Some(flow) = flow else { continue };
            let tag = self.random();
            let branch = self.new_branch();
            let call_id = self.random();
            let gateway = &self.gateways[index].config;
            let rules = &gateway.caller;
            let phone = if rules.user_phone { ";user=phone" } else { "" };
            let uri = format!("sip:{}@{}{phone}", escape_user(&number), gateway.address);
            let head = RequestHead {
                from: format!("{};tag={tag}", rules.from(&dial, &self.config.domain)),
                to: format!("<{uri}>"),
                uri,
                branch,
                call_id,
                cseq: 1,
                routes: Vec::new(),
            };
            let mut extra = self.session_wish();
            extra.extend(dial.headers.iter().map(|(name, value)| header_line(name, value)));
            rules.write_identity(&mut extra, &dial, &self.config.domain);
            tracing::info!(
                call_id = %head.call_id, dialog = %key, from = %Masked(&dial.from_user),
                to = %Masked(&number), gateway = gateway.name, "Calling"
            );
            let patience = now + gateway.patience;
            let body = dial.offer.as_ref().map(|offer| (SDP, offer.for_device(flow.transport)));
            let data = self.write_request("INVITE", flow, &head, &extra, body);
            let owner = Owner::Fork(key);
            let transaction = self.begin_client(now, Method::Invite, flow, head, owner, data);
            self.tags.insert(tag.clone(), key);
            self.timers.set(patience, Timer::Patience(key, transaction));
            self.occupy(key, index);
            let Some(dialog) = self.dialogs.get_mut(&key) else { return false };
            dialog.tags.push(tag);
            if let Phase::Calling { forks, .. } = &mut dialog.phase {
                forks.push(Fork::new(transaction, Some(index)));
            }
            return true;
        }
    }

    fn trunk_call(&mut self, key: DialogKey) -> Option<&mut TrunkCall> {
        match &mut self.dialogs.get_mut(&key)?.phase {
            Phase::Calling { trunk, .. } => trunk.as_deref_mut(),
            Phase::Incoming { .. } | Phase::Confirmed | Phase::Closing => None,
        }
    }

    /// A gateway has had its time for a first reply: another one gets the call, if there is one.
    pub(crate) fn patience_timer(&mut self, now: Duration, key: DialogKey, id: ClientId) {
        let silent = self.clients.get(&id).is_some_and(|it| it.state == ClientState::Calling);
        let Some(call) = self.trunk_call(key) else { return };
        let (trunk, tried, number) = (call.trunk.clone(), call.tried.clone(), call.number.clone());
        if !silent || !self.has_gateway(&trunk, &tried, self.is_emergency(&number)) {
            return;
        }
        self.cancel_client(now, id, CancelFor::TakenBack);
        self.fork_failed(now, key, id, &Outcome::Nothing { status: 408 });
    }

    /// Counts a call to a gateway, and no longer to the one before.
    pub(crate) fn occupy(&mut self, key: DialogKey, index: usize) {
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        let before = dialog.gateway.replace(index);
        self.gateways[index].calls += 1;
        self.vacate(before);
    }

    pub(crate) fn vacate(&mut self, index: Option<usize>) {
        if let Some(index) = index {
            self.gateways[index].calls = self.gateways[index].calls.saturating_sub(1);
        }
    }
}

/// Whether another gateway may take a call that one did not: it did not reply, is in trouble, sends us
/// elsewhere or does not know us. Where it sends us is not asked: only configured gateways are.
pub(crate) fn goes_elsewhere(outcome: &Outcome<'_>) -> bool {
    match outcome {
        Outcome::Nothing { .. } => true,
        Outcome::Response(response) => {
            matches!(response.status, 300..=399 | 401 | 407 | 408 | 500..=599)
        }
    }
}

impl CallerRules {
    /// The From value, without a tag.
    fn from(&self, dial: &Dial, ours: &str) -> String {
        if dial.from_user == "anonymous" {
            return ANONYMOUS.to_owned();
        }
        format!("{}<{}>", quote_display(&dial.from_display), self.uri(&dial.from_user, ours))
    }

    fn uri(&self, number: &str, ours: &str) -> String {
        let phone = if self.user_phone { ";user=phone" } else { "" };
        let domain = self.domain.as_deref().unwrap_or(ours);
        format!("sip:{}@{domain}{phone}", escape_user(number))
    }

    /// P-Asserted-Identity (RFC 3325 §9.1) and Diversion (RFC 5806), as the carrier wants them.
    fn write_identity(&self, lines: &mut String, dial: &Dial, ours: &str) {
        let shown = (dial.from_user != "anonymous").then_some(&dial.from_user);
        if let (true, Some(number)) = (self.asserted, self.main_number.as_ref().or(shown)) {
            let _ = write!(lines, "P-Asserted-Identity: <{}>\r\n", self.uri(number, ours));
        }
        if let Some(by) = &self.diverted_by
            && shown.is_some_and(|shown| shown != by && Some(shown) != self.main_number.as_ref())
        {
            let uri = self.uri(by, ours);
            let _ = write!(lines, "Diversion: <{uri}>;reason=unconditional;counter=1\r\n");
        }
    }
}
