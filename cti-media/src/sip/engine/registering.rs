//! Registrations of ours with a carrier (RFC 3261 §10.2).

use std::time::Duration;

use crate::sip::{
    GatewayState,
    address::{NameAddr, comma_separated, escape_user, is_sip, user_of},
    engine::{
        Engine,
        client::{Outcome, Owner},
        request::RequestHead,
        timers::Timer,
    },
    message::{Method, Response, value, values},
};

/// When a registration is tried again that failed.
const TRY_AGAIN: Duration = Duration::from_secs(30);
/// The longest registration asked for, whatever the carrier wants.
const LONGEST: Duration = Duration::from_secs(86_400);

/// How far a registration has come.
#[derive(Debug)]
pub(crate) struct Registering {
    call_id: String,
    tag: String,
    cseq: u32,
    /// What the carrier wants at least.
    least: Duration,
    holds_until: Option<Duration>,
    refused: bool,
    next: Duration,
}

impl Registering {
    pub(crate) fn new() -> Self {
        Self {
            call_id: String::new(),
            tag: String::new(),
            cseq: 0,
            least: Duration::ZERO,
            holds_until: None,
            refused: false,
            next: Duration::ZERO,
        }
    }

    pub(crate) fn state(&self) -> GatewayState {
        match (self.holds_until, self.refused) {
            (Some(_), _) => GatewayState::Up,
            (None, true) => GatewayState::Refused,
            (None, false) => GatewayState::Registering,
        }
    }

    /// The sequence number of a request that repeats one with a proof.
    pub(crate) fn used(&mut self, cseq: u32) {
        self.cseq = self.cseq.max(cseq);
    }
}

impl Engine {
    pub(crate) fn register_timer(&mut self, now: Duration, due: Duration, index: usize) {
        let Some(registering) = &mut self.gateways[index].registering else { return };
        if registering.next != due {
            return;
        }
        if registering.holds_until.is_some_and(|until| until <= now) {
            registering.holds_until = None;
            self.tell_gateway(index);
        }
        self.register_with(now, index);
    }

    fn register_with(&mut self, now: Duration, index: usize) {
        let Some(flow) = self.gateway_flow(index) else { return };
        let (branch, call_id, tag) = (self.new_branch(), self.random(), self.random());
        let gateway = &mut self.gateways[index];
        let (Some(registering), Some(login), Some(wanted)) =
            (&mut gateway.registering, &gateway.config.login, gateway.config.registration)
        else {
            return;
        };
        if registering.call_id.is_empty() {
            (registering.call_id, registering.tag) = (call_id, tag);
        }
        registering.cseq += 1;
        let user = escape_user(&login.user);
        let record = format!("<sip:{user}@{}>", login.realm);
        let head = RequestHead {
            uri: format!("sip:{}", login.realm),
            branch,
            from: format!("{record};tag={}", registering.tag),
            to: record,
            call_id: registering.call_id.clone(),
            cseq: registering.cseq,
            routes: Vec::new(),
        };
        let expires = wanted.max(registering.least).min(LONGEST).as_secs();
        let contact = self.contact_of_user(flow.listener, &user);
        let extra = format!("{contact}Expires: {expires}\r\n");
        let data = self.write_request("REGISTER", flow, &head, &extra, None);
        self.begin_client(now, Method::Register, flow, head, Owner::Register(index), data);
    }

    /// What came of a registration.
    pub(crate) fn register_done(&mut self, now: Duration, index: usize, outcome: &Outcome<'_>) {
        let gateway = &mut self.gateways[index];
        let (Some(registering), Some(login)) = (&mut gateway.registering, &gateway.config.login)
        else {
            return;
        };
        let wait = match outcome {
            Outcome::Response(response) if (200..300).contains(&response.status) => {
                let holds = granted(response, &login.user).unwrap_or(TRY_AGAIN * 2);
                registering.holds_until = Some(now + holds);
                registering.refused = false;
                // Early enough for two more attempts.
                holds.saturating_sub((holds / 4).min(TRY_AGAIN * 2)).max(Duration::from_secs(1))
            }
            Outcome::Response(response) if response.status == 423 => {
                let least = value(&response.headers, "Min-Expires")
                    .and_then(|text| text.parse().ok())
                    .map_or(LONGEST, Duration::from_secs);
                let raised = least > registering.least;
                registering.least = least.min(LONGEST);
                if raised { Duration::ZERO } else { TRY_AGAIN }
            }
            Outcome::Response(response) => {
                registering.refused = true;
                let name = &gateway.config.name;
                tracing::warn!(gateway = %name, status = response.status, "Cannot register");
                TRY_AGAIN
            }
            Outcome::Nothing { .. } => TRY_AGAIN,
        };
        let end = registering.holds_until.map_or(Duration::MAX, |until| until.max(now));
        registering.next = now.saturating_add(wait).min(end);
        self.timers.set(registering.next, Timer::Register(index));
        self.tell_gateway(index);
    }
}

/// How long the registrar lets our contact stand (RFC 3261 §10.2.4).
fn granted(response: &Response, user: &str) -> Option<Duration> {
    let ours = |contact: &NameAddr<'_>| {
        rsipstack::sip::parse_uri(contact.uri)
            .is_ok_and(|uri| is_sip(&uri) && user_of(&uri) == user)
    };
    let contacts = values(&response.headers, "Contact").flat_map(comma_separated);
    let stated = contacts
        .filter_map(NameAddr::parse)
        .filter(ours)
        .find_map(|contact| contact.parameter("expires")?.parse().ok())
        .or_else(|| value(&response.headers, "Expires")?.parse().ok());
    stated.map(Duration::from_secs).filter(|holds| !holds.is_zero()).map(|it| it.min(LONGEST))
}
