//! The SIP machine: transactions, dialogs and the registrar, without a socket or a clock.
//!
//! The driver feeds [`Input`]s with the time since its start and drains [`Output`]s. Nothing is kept
//! for a request until its sender is known: refusals before that are stateless.

mod challenged;
mod client;
mod commands;
mod dialog;
mod early;
mod flows;
mod gateways;
mod glare;
mod identity;
mod inbound;
mod info;
mod invite;
mod outbound;
mod overload;
mod package;
mod refer;
mod register;
mod registering;
mod reliable;
mod request;
mod server;
mod session_timer;
mod subscriptions;
mod talk;
mod timers;
mod trunk_call;
mod update;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;

use self::{
    client::{ClientId, ClientTransaction},
    dialog::Dialog,
    gateways::Gateway,
    server::{ServerId, ServerTransaction},
    subscriptions::Subscriptions,
    timers::{Timer, Timers},
};
use crate::sip::{
    Accounts, DialogKey, EndCause, Network, SipConfig, SipEvent, SipStats, Transport,
    auth::Authenticator,
    entropy::{Entropy, token},
    flow::{ConnectionId, Flow},
    handle::Command,
    limit::RateLimit,
    message::{self, Message, Unreadable},
    registrar::Registrar,
};

/// RFC 3261 §17.1.1.1: the estimated round-trip time.
pub(crate) const T1: Duration = Duration::from_millis(500);
/// RFC 3261 §17.1.2.1: the longest interval between retransmissions.
pub(crate) const T2: Duration = Duration::from_secs(4);
/// RFC 3261 §17.1.2.2: how long a message stays in the network.
pub(crate) const T4: Duration = Duration::from_secs(5);
/// Timers B, D, F, H, J, L and M: 64·T1.
pub(crate) const GIVE_UP: Duration = Duration::from_secs(32);

/// The methods of this endpoint, for Allow.
pub(crate) const ALLOW: &str =
    "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, REGISTER, PRACK, UPDATE, SUBSCRIBE, REFER\r\n";

/// The extensions of this endpoint, for Supported.
pub(crate) const SUPPORTED: &str = "Supported: 100rel, timer\r\n";

/// The same, for what a request may require.
pub(crate) const EXTENSIONS: [&str; 2] = ["100rel", "timer"];

/// The media type of session descriptions.
pub(crate) const SDP: &str = "application/sdp";

/// One address the engine answers at.
#[derive(Clone, Debug)]
pub(crate) struct Listener {
    pub(crate) transport: Transport,
    /// The address peers are told.
    pub(crate) public: SocketAddr,
    /// Who may send here, everyone when empty.
    pub(crate) allowed: Vec<Network>,
}

impl Listener {
    fn allows(&self, source: IpAddr) -> bool {
        self.allowed.is_empty() || self.allowed.iter().any(|network| network.contains(source))
    }
}

/// What can happen to the engine.
#[derive(Debug)]
pub(crate) enum Input {
    /// Bytes that should be one message.
    Message { flow: Flow, data: Bytes },
    /// A peer connected.
    Connected { connection: ConnectionId },
    /// A connection closed, or could not be made.
    Closed { connection: ConnectionId },
    /// Whether the user of the endpoint is behind: nobody new is let in then.
    Busy(bool),
    /// A command of the handle.
    Command(Command),
}

/// What the driver must do.
#[derive(Debug)]
pub(crate) enum Output {
    Send {
        flow: Flow,
        data: Bytes,
    },
    /// Open a connection; what is sent on it meanwhile waits.
    Connect {
        flow: Flow,
    },
    Close {
        connection: ConnectionId,
    },
    Event(SipEvent),
    Stop,
}

/// The whole state of an endpoint.
pub(crate) struct Engine {
    config: SipConfig,
    listeners: Vec<Listener>,
    accounts: Arc<dyn Accounts>,
    entropy: Box<dyn Entropy>,
    auth: Authenticator,
    limit: RateLimit<IpAddr>,
    registrar: Registrar,
    gateways: Vec<Gateway>,
    subscriptions: Subscriptions,
    /// How many messages wait, by account; accounts with none are left out.
    messages: BTreeMap<String, u32>,
    stats: Arc<SipStats>,
    keys: Arc<AtomicU64>,
    connection_ids: Arc<AtomicU64>,
    /// Makes the To tags of stateless responses the same for a retransmitted request.
    tag_secret: String,
    /// Seconds since 1970 at the engine's time zero.
    started_unix: u64,
    draining: bool,
    busy: bool,
    next_transaction: u64,
    timers: Timers,
    servers: HashMap<ServerId, ServerTransaction>,
    server_index: HashMap<String, ServerId>,
    /// INVITEs being handled, by From tag, Call-ID and CSeq (RFC 3261 §8.2.2.2).
    merged: HashMap<String, ServerId>,
    clients: BTreeMap<ClientId, ClientTransaction>,
    client_index: HashMap<String, ClientId>,
    dialogs: BTreeMap<DialogKey, Dialog>,
    /// Our tags, which are unique by themselves.
    tags: HashMap<String, DialogKey>,
    connections: HashSet<ConnectionId>,
    outputs: VecDeque<Output>,
}

/// What an engine is made of besides its configuration.
pub(crate) struct Parts {
    pub(crate) listeners: Vec<Listener>,
    pub(crate) accounts: Arc<dyn Accounts>,
    pub(crate) entropy: Box<dyn Entropy>,
    pub(crate) stats: Arc<SipStats>,
    pub(crate) keys: Arc<AtomicU64>,
    pub(crate) connection_ids: Arc<AtomicU64>,
    pub(crate) started_unix: u64,
}

impl Engine {
    pub(crate) fn new(config: SipConfig, parts: Parts) -> Self {
        let mut entropy = parts.entropy;
        let mut engine = Self {
            auth: Authenticator::new(
                &config.domain,
                config.challenges.clone(),
                config.nonce_lifetime,
                &mut *entropy,
            ),
            limit: RateLimit::new(f64::from(config.requests_per_second), config.request_burst),
            registrar: Registrar::new(config.bindings_per_account),
            gateways: config.gateways.iter().cloned().map(Gateway::new).collect(),
            subscriptions: Subscriptions::default(),
            messages: BTreeMap::new(),
            tag_secret: token(&mut *entropy),
            entropy,
            listeners: parts.listeners,
            accounts: parts.accounts,
            stats: parts.stats,
            keys: parts.keys,
            connection_ids: parts.connection_ids,
            started_unix: parts.started_unix,
            draining: false,
            busy: false,
            next_transaction: 0,
            timers: Timers::default(),
            servers: HashMap::new(),
            server_index: HashMap::new(),
            merged: HashMap::new(),
            clients: BTreeMap::new(),
            client_index: HashMap::new(),
            dialogs: BTreeMap::new(),
            tags: HashMap::new(),
            connections: HashSet::new(),
            outputs: VecDeque::new(),
            config,
        };
        engine.restore_bindings();
        engine.start_gateways();
        engine
    }

    /// Applies one input.
    pub(crate) fn handle(&mut self, now: Duration, input: Input) {
        match input {
            Input::Message { flow, data } => self.on_bytes(now, flow, &data),
            Input::Connected { connection } => {
                self.connections.insert(connection);
            }
            Input::Closed { connection } => self.on_closed(now, connection),
            Input::Busy(busy) => self.busy = busy,
            Input::Command(command) => self.on_command(now, command),
        }
        self.tell_watchers(now);
        self.publish_gauges();
    }

    /// Fires what is due; calling early or twice is harmless.
    pub(crate) fn handle_timeout(&mut self, now: Duration) {
        while let Some((due, timer)) = self.timers.pop_due(now) {
            match timer {
                Timer::Server(id) => self.server_timer(now, due, id),
                Timer::Client(id) => self.client_timer(now, due, id),
                Timer::Answer(dialog) => self.answer_timer(now, due, dialog),
                Timer::Bindings(account) => self.expire_bindings(now, &account),
                Timer::Subscription(id) => self.subscription_timer(now, id),
                Timer::Provisional(dialog) => self.provisional_timer(now, due, dialog),
                Timer::Session(dialog) => self.session_timer(now, dialog),
                Timer::Retry(dialog) => self.retry_timer(now, dialog),
                Timer::Flow(dialog) => self.flow_timer(now, dialog),
                Timer::Gateway(index) => self.gateway_timer(now, due, index),
                Timer::Register(index) => self.register_timer(now, due, index),
                Timer::Patience(dialog, id) => self.patience_timer(now, dialog, id),
            }
        }
        self.tell_watchers(now);
        self.publish_gauges();
    }

    /// When [`handle_timeout`](Self::handle_timeout) should next be called.
    pub(crate) fn poll_timeout(&self) -> Option<Duration> {
        self.timers.next_due()
    }

    /// The next effect to carry out.
    pub(crate) fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn on_bytes(&mut self, now: Duration, flow: Flow, data: &[u8]) {
        if data.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        if !self.listeners[flow.listener].allows(flow.remote.ip()) {
            self.stats.add_refused_source();
            self.outputs.extend(flow.connection.map(|connection| Output::Close { connection }));
            return;
        }
        self.stats.add_message();
        if data.len() > self.config.max_message {
            self.stats.add_malformed();
            self.refuse_oversized(now, flow, data);
            return;
        }
        match message::parse(data, flow.remote) {
            Ok(Message::Request(request)) => self.on_request(now, flow, request),
            Ok(Message::Response(response)) => self.on_response(now, flow, &response),
            Err(Unreadable::Refuse { head, status, reason }) => {
                self.stats.add_malformed();
                tracing::debug!(source = %flow.remote, status, reason, "Refused a malformed request");
                if self.admit(now, flow) {
                    let data = head.write(status, reason, Some("malformed"), "", None);
                    self.send_reply(flow, head.destination, data);
                }
            }
            Err(Unreadable::Silent(reason)) => {
                self.stats.add_malformed();
                tracing::debug!(source = %flow.remote, reason, "Dropped what is no SIP message");
                if let Some(connection) = flow.connection {
                    self.outputs.push_back(Output::Close { connection });
                }
            }
        }
    }

    fn refuse_oversized(&mut self, now: Duration, flow: Flow, data: &[u8]) {
        let head = message::find(data, b"\r\n\r\n").unwrap_or(0).min(self.config.max_message);
        let Ok(section) = str::from_utf8(&data[..head]) else { return };
        if section.starts_with("SIP/") || section.starts_with("ACK ") {
            return;
        }
        if let Some(head) = crate::sip::reply::ReplyHead::scan(section, flow.remote)
            && self.admit(now, flow)
        {
            let data = head.write(513, "Message Too Large", Some("oversized"), "", None);
            self.send_reply(flow, head.destination, data);
        }
    }

    fn on_closed(&mut self, now: Duration, connection: ConnectionId) {
        self.connections.remove(&connection);
        for (account, change) in self.registrar.connection_closed(connection) {
            self.report_change(&account, change, None);
        }
        self.clients_of_closed_connection(now, connection);
        self.dialogs_of_closed_connection(now, connection);
        self.subscriptions_of_closed_connection(connection);
    }

    /// Whether a request that is not part of anything may be looked at.
    fn admit(&mut self, now: Duration, flow: Flow) -> bool {
        self.trunk_of(flow).is_some() || self.admit_stranger(now, flow)
    }

    /// The same for requests that no trunk has reason to send.
    fn admit_stranger(&mut self, now: Duration, flow: Flow) -> bool {
        let admitted = self.limit.admit(now, flow.remote.ip());
        if !admitted {
            self.stats.add_rate_limited();
        }
        admitted
    }

    /// The trunk whose addresses hold the source of a flow. A page in a browser speaks for no trunk, wherever
    /// the browser runs.
    fn trunk_of(&self, flow: Flow) -> Option<&str> {
        if flow.transport.is_web_socket() {
            return None;
        }
        let source = flow.remote.ip();
        let believed = self.config.trusted.iter().find(|peer| peer.contains(source));
        believed.map(|peer| peer.trunk.as_str()).or_else(|| {
            // A carrier that we register with sends its calls from where we registered.
            let carrier = |it: &&Gateway| it.registering.is_some() && it.is_at(flow);
            self.gateways.iter().find(carrier).map(|it| it.config.trunk.as_str())
        })
    }

    fn send(&mut self, flow: Flow, data: Bytes) {
        self.outputs.push_back(Output::Send { flow, data });
    }

    /// Sends a response the way RFC 3261 §18.2.2 asks for.
    fn send_reply(&mut self, flow: Flow, destination: SocketAddr, data: Bytes) {
        let remote = if flow.is_reliable() { flow.remote } else { destination };
        self.send(Flow { remote, ..flow }, data);
    }

    fn emit(&mut self, event: SipEvent) {
        self.outputs.push_back(Output::Event(event));
    }

    /// Gives the last event of a dialog.
    fn emit_end(&mut self, dialog: DialogKey, cause: EndCause) {
        self.emit(SipEvent::Ended { dialog, cause });
    }

    pub(crate) fn new_key(&self) -> DialogKey {
        DialogKey(self.keys.fetch_add(1, Ordering::Relaxed))
    }

    fn next_transaction(&mut self) -> u64 {
        self.next_transaction += 1;
        self.next_transaction
    }

    fn random(&mut self) -> String {
        token(&mut *self.entropy)
    }

    /// A flow to `remote`, over a new connection unless by datagrams. A browser cannot be connected to.
    fn open(&mut self, transport: Transport, near: usize, remote: SocketAddr) -> Option<Flow> {
        let fits = |listener: &Listener| {
            listener.transport == transport && listener.public.is_ipv4() == remote.is_ipv4()
        };
        let listener = match self.listeners.get(near).is_some_and(fits) {
            true => near,
            false => self.listeners.iter().position(fits)?,
        };
        let connection = match transport {
            Transport::Udp => None,
            Transport::Tcp | Transport::Tls => {
                let id = ConnectionId(self.connection_ids.fetch_add(1, Ordering::Relaxed));
                self.connections.insert(id);
                let flow = Flow { listener, transport, remote, connection: Some(id) };
                self.outputs.push_back(Output::Connect { flow });
                Some(id)
            }
            Transport::Ws | Transport::Wss => return None,
        };
        Some(Flow { listener, transport, remote, connection })
    }

    fn publish_gauges(&self) {
        self.stats.set_dialogs(self.dialogs.len());
        self.stats.set_transactions(self.servers.len() + self.clients.len());
    }
}
