//! Gateways of trunks: whether they live, and which of them takes the next call.
//!
//! ```text
//!             any reply                two probes or calls unanswered, 503
//!  Unknown ──────────────▶ Up ◀──────────────────────────────────────────▶ Down
//!                           any reply
//! ```
//!
//! A gateway that must be registered with takes calls while the registration holds and it is not down.

use std::time::Duration;

use crate::sip::{
    GatewayConfig, GatewayState, GatewayStatus, SipEvent, Transport,
    address::destination,
    engine::{
        Engine,
        client::{Outcome, Owner},
        registering::Registering,
        request::RequestHead,
        timers::Timer,
    },
    flow::Flow,
    message::{Method, value},
};

/// How long a probe waits for a reply.
const PROBE_PATIENCE: Duration = Duration::from_secs(4);
/// When a gateway is asked again that did not reply.
const ASK_AGAIN: Duration = Duration::from_secs(5);
/// Unanswered probes or calls in a row after which a gateway is down.
const MISSES: u32 = 2;
/// The longest time a gateway is left alone because it asked for it (Retry-After).
const LONGEST_REST: u64 = 300;

/// One gateway.
#[derive(Debug)]
pub(crate) struct Gateway {
    pub(crate) config: GatewayConfig,
    /// Where it is; nowhere if its address is none.
    pub(crate) at: Option<(Transport, std::net::SocketAddr)>,
    pub(crate) registering: Option<Registering>,
    health: Health,
    misses: u32,
    /// It asked to be left alone until then.
    rests_until: Option<Duration>,
    next_probe: Duration,
    /// The connection to it.
    flow: Option<Flow>,
    pub(crate) calls: u32,
    failures: u64,
    /// Calls it is owed by its weight.
    owed: i64,
    told: GatewayState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Health {
    Unknown,
    Up,
    Down,
}

impl Gateway {
    pub(crate) fn new(config: GatewayConfig) -> Self {
        let at = destination(&format!("sip:{}", config.address));
        let registering =
            config.registration.and(config.login.as_ref()).map(|_| Registering::new());
        let mut gateway = Self {
            at: at.map(|(transport, at)| (transport.unwrap_or(Transport::Udp), at)),
            registering,
            health: Health::Unknown,
            misses: 0,
            rests_until: None,
            next_probe: Duration::ZERO,
            flow: None,
            calls: 0,
            failures: 0,
            owed: 0,
            told: GatewayState::Unknown,
            config,
        };
        gateway.told = gateway.state();
        gateway
    }

    pub(crate) fn state(&self) -> GatewayState {
        match (self.health, &self.registering) {
            (Health::Down, _) => GatewayState::Down,
            (Health::Unknown | Health::Up, Some(registering)) => registering.state(),
            (Health::Unknown, None) => GatewayState::Unknown,
            (Health::Up, None) => GatewayState::Up,
        }
    }

    fn takes_calls(&self, emergency: bool) -> bool {
        let room = emergency || self.config.capacity.is_none_or(|capacity| self.calls < capacity);
        room && self.at.is_some() && self.state().is_usable()
    }

    /// Whether a message came from it, or goes to it.
    pub(crate) fn is_at(&self, flow: Flow) -> bool {
        self.at.is_some_and(|(_, at)| at.ip() == flow.remote.ip())
    }
}

impl Engine {
    /// Sets the first probes and registrations.
    pub(crate) fn start_gateways(&mut self) {
        for (index, gateway) in self.gateways.iter().enumerate() {
            if !gateway.config.probe.is_zero() {
                self.timers.set(Duration::ZERO, Timer::Gateway(index));
            }
            if gateway.registering.is_some() {
                self.timers.set(Duration::ZERO, Timer::Register(index));
            }
        }
    }

    /// The gateway a call that comes by a flow came from.
    pub(crate) fn gateway_of(&self, flow: Flow) -> Option<usize> {
        let trunk = self.trunk_of(flow)?;
        self.gateways.iter().position(|it| it.config.trunk == trunk && it.is_at(flow))
    }

    /// The gateways that could take a call now.
    fn open_gateways(&self, trunk: &str, tried: &[usize], emergency: bool) -> Vec<usize> {
        let takes = |(index, gateway): &(usize, &Gateway)| {
            gateway.config.trunk == trunk
                && !tried.contains(index)
                && gateway.takes_calls(emergency)
        };
        let open: Vec<_> = self.gateways.iter().enumerate().filter(takes).collect();
        let first = open.iter().map(|(_, it)| it.config.priority).min();
        let first = open.into_iter().filter(|(_, it)| Some(it.config.priority) == first);
        let (sharing, spare): (Vec<_>, Vec<_>) = first.partition(|(_, it)| it.config.weight > 0);
        let chosen = if sharing.is_empty() { spare } else { sharing };
        chosen.into_iter().map(|(index, _)| index).collect()
    }

    pub(crate) fn has_gateway(&self, trunk: &str, tried: &[usize], emergency: bool) -> bool {
        !self.open_gateways(trunk, tried, emergency).is_empty()
    }

    /// The gateway for the next call: of the first priority, in turns by weight.
    pub(crate) fn choose_gateway(
        &mut self,
        trunk: &str,
        tried: &[usize],
        emergency: bool,
    ) -> Option<usize> {
        let open = self.open_gateways(trunk, tried, emergency);
        let weight = |engine: &Self, index: usize| i64::from(engine.gateways[index].config.weight);
        let mut total = 0;
        for index in &open {
            let weight = weight(self, *index);
            self.gateways[*index].owed += weight;
            total += weight;
        }
        let chosen = open.into_iter().rev().max_by_key(|index| self.gateways[*index].owed)?;
        self.gateways[chosen].owed -= total;
        Some(chosen)
    }

    /// The flow to a gateway; its connection is kept.
    pub(crate) fn gateway_flow(&mut self, index: usize) -> Option<Flow> {
        let gateway = &self.gateways[index];
        if let Some(flow) = gateway.flow.filter(|flow| self.is_alive(*flow)) {
            return Some(flow);
        }
        let (transport, remote) = gateway.at?;
        let flow = self.open(transport, gateway.config.listener, remote);
        self.gateways[index].flow = flow;
        flow
    }

    /// A timer of a gateway.
    pub(crate) fn gateway_timer(&mut self, now: Duration, due: Duration, index: usize) {
        let Some(gateway) = self.gateways.get_mut(index) else { return };
        if gateway.next_probe != due {
            return;
        }
        if gateway.rests_until.is_some_and(|until| until <= now) {
            gateway.rests_until = None;
            gateway.health = Health::Unknown;
            self.tell_gateway(index);
        }
        if self.gateways[index].config.probe.is_zero() {
            return;
        }
        let Some(flow) = self.gateway_flow(index) else { return self.gateway_missed(now, index) };
        let tag = self.random();
        let head = RequestHead {
            uri: format!("sip:{}", self.gateways[index].config.address),
            branch: self.new_branch(),
            from: format!("<sip:cti@{}>;tag={tag}", self.config.domain),
            to: format!("<sip:{}>", self.gateways[index].config.address),
            call_id: self.random(),
            cseq: 1,
            routes: Vec::new(),
        };
        let extra = self.contact_line(flow.listener);
        let data = self.write_request("OPTIONS", flow, &head, &extra, None);
        let id = self.begin_client(now, Method::Options, flow, head, Owner::Probe(index), data);
        self.end_client_at(id, now + PROBE_PATIENCE);
    }

    /// What came of a probe.
    pub(crate) fn probe_done(&mut self, now: Duration, index: usize, outcome: &Outcome<'_>) {
        match outcome {
            Outcome::Response(response) if response.status == 503 => {
                self.gateways[index].health = Health::Down;
                self.tell_gateway(index);
                self.probe_at(index, now + ASK_AGAIN.min(self.gateways[index].config.probe));
            }
            Outcome::Response(_) => self.gateway_alive(now, index),
            Outcome::Nothing { .. } => self.gateway_missed(now, index),
        }
    }

    fn gateway_alive(&mut self, now: Duration, index: usize) {
        let gateway = &mut self.gateways[index];
        gateway.misses = 0;
        if gateway.rests_until.is_some() {
            return;
        }
        gateway.health = Health::Up;
        let probe = gateway.config.probe;
        self.tell_gateway(index);
        self.probe_at(index, now + probe);
    }

    fn gateway_missed(&mut self, now: Duration, index: usize) {
        let gateway = &mut self.gateways[index];
        gateway.misses += 1;
        let probe = gateway.config.probe;
        // One that is never asked could not come back.
        if gateway.misses >= MISSES && !probe.is_zero() {
            gateway.health = Health::Down;
        }
        self.tell_gateway(index);
        self.probe_at(index, now + ASK_AGAIN.min(probe));
    }

    /// A gateway did not take a call of ours.
    pub(crate) fn judge_gateway(&mut self, now: Duration, index: usize, outcome: &Outcome<'_>) {
        let Outcome::Response(response) = outcome else {
            self.gateways[index].failures += 1;
            return self.gateway_missed(now, index);
        };
        self.gateways[index].misses = 0;
        if response.status < 500 {
            return;
        }
        self.gateways[index].failures += 1;
        let rest = value(&response.headers, "Retry-After");
        let rest = rest.and_then(|text| text.split([' ', ';', '(']).next()?.parse::<u64>().ok());
        if let (503, Some(seconds @ 1..)) = (response.status, rest) {
            let until = now + Duration::from_secs(seconds.min(LONGEST_REST));
            self.gateways[index].rests_until = Some(until);
            self.gateways[index].health = Health::Down;
            self.tell_gateway(index);
            self.set_probe(index, until);
        }
    }

    fn probe_at(&mut self, index: usize, at: Duration) {
        if !self.gateways[index].config.probe.is_zero() {
            self.set_probe(index, at);
        }
    }

    fn set_probe(&mut self, index: usize, at: Duration) {
        self.gateways[index].next_probe = at;
        self.timers.set(at, Timer::Gateway(index));
    }

    /// Reports a gateway whose state has changed.
    pub(crate) fn tell_gateway(&mut self, index: usize) {
        let gateway = &mut self.gateways[index];
        let state = gateway.state();
        if state == gateway.told {
            return;
        }
        gateway.told = state;
        let (gateway, trunk) = (gateway.config.name.clone(), gateway.config.trunk.clone());
        if state.is_usable() {
            tracing::info!(gateway, trunk, ?state, "A gateway takes calls");
        } else {
            tracing::warn!(gateway, trunk, ?state, "A gateway takes no calls");
        }
        self.emit(SipEvent::Gateway { gateway, trunk, state });
    }

    pub(crate) fn gateway_statuses(&self) -> Vec<GatewayStatus> {
        let status = |gateway: &Gateway| GatewayStatus {
            name: gateway.config.name.clone(),
            trunk: gateway.config.trunk.clone(),
            state: gateway.state(),
            calls: gateway.calls,
            capacity: gateway.config.capacity,
            failures: gateway.failures,
        };
        self.gateways.iter().map(status).collect()
    }
}
