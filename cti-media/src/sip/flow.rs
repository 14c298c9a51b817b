//! The way back to a peer.

use std::net::SocketAddr;

use crate::sip::Transport;

/// One TCP connection, named by the driver when accepted and by the engine when it asks for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ConnectionId(pub(crate) u64);

/// Where a message came from and how to answer it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flow {
    /// Index of the listener it came in on.
    pub(crate) listener: usize,
    pub(crate) remote: SocketAddr,
    /// The connection, for TCP.
    pub(crate) connection: Option<ConnectionId>,
}

impl Flow {
    pub(crate) fn transport(&self) -> Transport {
        match self.connection {
            Some(_) => Transport::Tcp,
            None => Transport::Udp,
        }
    }

    pub(crate) fn is_reliable(&self) -> bool {
        self.connection.is_some()
    }
}
