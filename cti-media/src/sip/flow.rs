//! The way back to a peer.

use std::net::SocketAddr;

use crate::sip::Transport;

/// One connection, named by the driver when accepted and by the engine when it asks for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ConnectionId(pub(crate) u64);

/// Where a message came from and how to answer it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flow {
    /// Index of the listener it came in on.
    pub(crate) listener: usize,
    pub(crate) transport: Transport,
    pub(crate) remote: SocketAddr,
    /// The connection; none for UDP.
    pub(crate) connection: Option<ConnectionId>,
}

impl Flow {
    /// A datagram's way.
    pub(crate) fn datagram(listener: usize, remote: SocketAddr) -> Self {
        Self { listener, transport: Transport::Udp, remote, connection: None }
    }

    pub(crate) fn is_reliable(&self) -> bool {
        self.connection.is_some()
    }
}
