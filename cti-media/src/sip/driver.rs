//! The sockets, the clock and the one task that runs the engine.

#![expect(clippy::disallowed_methods, reason = "this is the driver: it reads the clock and spawns")]

mod attach;
mod connections;
#[cfg(test)]
mod tests;
mod tls;
mod udp;

use std::{
    collections::VecDeque,
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    sync::{Arc, atomic::AtomicU64},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use tokio::sync::mpsc;

pub(crate) use self::connections::Shared as SharedConnections;
pub use self::{
    attach::{AttachError, SipConnection},
    tls::TlsError,
};
use self::{connections::Connections, tls::Tls, udp::Sockets};
use crate::sip::{
    Accounts, GatewayError, SipConfig, SipEvent, SipHandle, SipStats, Transport,
    engine::{Engine, Input, Listener, Output, Parts},
    entropy::SystemEntropy,
    handle::Command,
};

/// Commands that may wait.
const COMMANDS: usize = 8192;
/// Events that may wait for the user of the endpoint.
const EVENTS: usize = 4096;
/// Events kept beside the channel before the sockets are left unread.
const BACKLOG: usize = 4096;
/// Events kept beside the channel before nobody new is let in.
const BUSY: usize = 1024;
/// Inputs of connections that may wait.
const INPUTS: usize = 1024;

/// Why an endpoint did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration names no listener.
    #[error("no SIP listener is configured")]
    NoListener,
    /// An address could not be bound, most often because another program has it.
    #[error("cannot listen for SIP on {} {address}: {reason}", transport.name())]
    Bind {
        /// How messages travel there.
        transport: Transport,
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        reason: io::Error,
    },
    /// A listener has TLS, but no certificate is configured.
    #[error("a listener for TLS needs a certificate and a key")]
    NoCertificate,
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A gateway cannot be used as it is configured.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The system gave no random bytes.
    #[error("the system's random source failed: {reason}")]
    Entropy {
        /// What the system said.
        reason: String,
    },
}

/// A running SIP endpoint; it ends when it is told to or its handles and receiver are gone.
#[derive(Debug)]
pub struct SipEndpoint;

impl SipEndpoint {
    /// Opens the listeners and starts the endpoint on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// [`StartError::Bind`] names the transport and the address that could not be bound.
    pub async fn start(
        config: SipConfig,
        accounts: Arc<dyn Accounts>,
    ) -> Result<(SipHandle, mpsc::Receiver<SipEvent>), StartError> {
        if config.listeners.is_empty() {
            return Err(StartError::NoListener);
        }
        for gateway in &config.gateways {
            gateway.check(config.listeners.len())?;
        }
        let entropy = SystemEntropy::new()
            .map_err(|error| StartError::Entropy { reason: error.to_string() })?;
        let connection_ids = Arc::new(AtomicU64::new(1));
        let keys = Arc::new(AtomicU64::new(1));
        let stats = Arc::new(SipStats::default());
        let (inputs, from_connections) = mpsc::channel(INPUTS);
        let mut sockets = Sockets::default();
        let tls = config.tls.clone().map(Tls::load).transpose()?;
        if tls.is_none() && config.listeners.iter().any(|it| it.transport == Transport::Tls) {
            return Err(StartError::NoCertificate);
        }
        let ids = Arc::clone(&connection_ids);
        let mut connections = Connections::new(&config, inputs, ids, Arc::clone(&stats), tls);
        let mut listeners = Vec::new();
        let mut addresses = Vec::new();
        for (index, listener) in config.listeners.iter().enumerate() {
            let bound = match listener.transport {
                Transport::Udp => sockets.bind(index, listener.bind),
                Transport::Tcp | Transport::Tls => {
                    connections.listen(index, listener.transport, listener.bind).await
                }
                // The HTTP server has it.
                Transport::Ws | Transport::Wss => Ok(listener.bind),
            };
            let bound = bound.map_err(|reason| StartError::Bind {
                transport: listener.transport,
                address: listener.bind,
                reason,
            })?;
            let host = listener.advertised.unwrap_or_else(|| public_host(bound.ip()));
            listeners.push(Listener {
                transport: listener.transport,
                public: SocketAddr::new(host, bound.port()),
                allowed: listener.allowed.clone(),
            });
            addresses.push((listener.transport, bound));
        }
        let (commands, from_handles) = mpsc::channel(COMMANDS);
        let (events, receiver) = mpsc::channel(EVENTS);
        let handle = SipHandle {
            commands,
            keys: Arc::clone(&keys),
            stats: Arc::clone(&stats),
            addresses: addresses.into(),
            connections: connections.shared(),
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let parts = Parts {
            listeners,
            accounts,
            entropy: Box::new(entropy),
            stats,
            keys,
            connection_ids,
            started_unix: now.as_secs(),
        };
        let driver = Driver {
            engine: Engine::new(config, parts),
            started: Instant::now(),
            sockets,
            connections,
            events,
            backlog: VecDeque::new(),
            busy: false,
        };
        tokio::spawn(driver.run(from_handles, from_connections));
        Ok((handle, receiver))
    }
}

struct Driver {
    engine: Engine,
    started: Instant,
    sockets: Sockets,
    connections: Connections,
    events: mpsc::Sender<SipEvent>,
    backlog: VecDeque<SipEvent>,
    busy: bool,
}

impl Driver {
    async fn run(
        mut self,
        mut commands: mpsc::Receiver<Command>,
        mut from_connections: mpsc::Receiver<Input>,
    ) {
        let mut datagrams = Vec::new();
        let events = self.events.clone();
        self.carry_out();
        loop {
            let busy = self.backlog.len() >= BUSY;
            if std::mem::replace(&mut self.busy, busy) != busy {
                self.handle(Input::Busy(busy));
            }
            let due = self.engine.poll_timeout();
            let timer = async {
                match due {
                    Some(at) => tokio::time::sleep_until((self.started + at).into()).await,
                    None => std::future::pending().await,
                }
            };
            // A slow user must not make the endpoint forget events: it stops reading instead, and
            // peers retransmit.
            let room = self.backlog.len() < BACKLOG;
            tokio::select! {
                permit = events.reserve(), if !self.backlog.is_empty() => {
                    let Ok(permit) = permit else { return };
                    if let Some(event) = self.backlog.pop_front() {
                        permit.send(event);
                    }
                }
                command = commands.recv() => {
                    let Some(command) = command else { return };
                    self.handle(Input::Command(command));
                }
                () = self.sockets.read(&mut datagrams), if room => {
                    for (flow, data) in datagrams.drain(..) {
                        self.engine.handle(self.started.elapsed(), Input::Message { flow, data });
                    }
                }
                input = from_connections.recv(), if room => {
                    if let Some(input) = input {
                        self.handle(input);
                    }
                }
                () = timer => self.engine.handle_timeout(self.started.elapsed()),
            }
            if !self.carry_out() {
                return;
            }
        }
    }

    fn handle(&mut self, input: Input) {
        if let Input::Closed { connection } = &input {
            self.connections.forget(*connection);
        }
        self.engine.handle(self.started.elapsed(), input);
    }

    /// Carries out what the engine asks for; `false` when it is over.
    fn carry_out(&mut self) -> bool {
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::Send { flow, data } => match flow.connection {
                    None => self.sockets.send(flow, &data),
                    Some(connection) => self.connections.send(connection, data),
                },
                Output::Connect { flow } => self.connections.connect(flow),
                Output::Close { connection } => self.connections.close(connection),
                Output::Event(event) => self.give(event),
                Output::Stop => return false,
            }
        }
        true
    }

    fn give(&mut self, event: SipEvent) {
        if !self.backlog.is_empty() {
            self.backlog.push_back(event);
            return;
        }
        if let Err(mpsc::error::TrySendError::Full(event)) = self.events.try_send(event) {
            self.backlog.push_back(event);
        }
    }
}

/// The address peers can reach a listener at that is bound to all addresses.
fn public_host(bound: IpAddr) -> IpAddr {
    if !bound.is_unspecified() {
        return bound;
    }
    // Connecting a datagram socket sends nothing; it only asks the system for a route.
    let route = || {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
        Some(socket.local_addr().ok()?.ip())
    };
    route().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

/// The time a peer gets for one step on a connection.
#[derive(Clone, Copy, Debug)]
struct Patience {
    message: Duration,
    idle: Duration,
}
