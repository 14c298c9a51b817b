//! Connections that someone else accepted: the WebSockets of an HTTP server.

use std::{fmt, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use tokio::sync::mpsc;

use super::connections::Shared;
use crate::sip::{
    SipHandle, Transport,
    engine::Input,
    flow::{ConnectionId, Flow},
};

/// Why a connection was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttachError {
    /// No listener has this transport.
    #[error("there is no SIP listener for {}", .0.name())]
    NoListener(Transport),
    /// The endpoint, or the source, has as many connections as it may.
    #[error("too many SIP connections")]
    TooMany,
    /// The endpoint has stopped.
    #[error("the SIP endpoint has stopped")]
    Stopped,
}

/// One WebSocket, as the endpoint sees it; dropping it tells the endpoint that it has closed.
pub struct SipConnection {
    shared: Arc<Shared>,
    id: ConnectionId,
    flow: Flow,
    queue: mpsc::Receiver<Bytes>,
}

impl fmt::Debug for SipConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SipConnection").field("flow", &self.flow).finish_non_exhaustive()
    }
}

impl SipHandle {
    /// Takes over a WebSocket with the subprotocol `sip` (RFC 7118) that an HTTP server accepted.
    ///
    /// `transport` is [`Transport::Ws`] or [`Transport::Wss`]; one of the listeners must have it.
    ///
    /// # Errors
    ///
    /// Fails when no listener has this transport, or there are too many connections.
    pub async fn attach(
        &self,
        transport: Transport,
        remote: SocketAddr,
    ) -> Result<SipConnection, AttachError> {
        let shared = Arc::clone(&self.connections);
        let found = shared.web_sockets.iter().find(|(known, _)| *known == transport);
        let listener = found.ok_or(AttachError::NoListener(transport))?.1;
        let id = shared.new_id();
        let queue = shared.register(id, remote.ip()).ok_or(AttachError::TooMany)?;
        let flow = Flow { listener, transport, remote, connection: Some(id) };
        let connection = SipConnection { shared, id, flow, queue };
        let told = connection.shared.inputs.send(Input::Connected { connection: id }).await;
        told.map(|()| connection).map_err(|_| AttachError::Stopped)
    }
}

impl SipConnection {
    /// Gives the endpoint one message; waits while it is busy, so that the peer is slowed down.
    ///
    /// # Errors
    ///
    /// Fails when the endpoint has stopped.
    pub async fn receive(&self, data: Bytes) -> Result<(), AttachError> {
        let input = Input::Message { flow: self.flow, data };
        self.shared.inputs.send(input).await.map_err(|_| AttachError::Stopped)
    }

    /// Returns the next message for the peer, or `None` when the connection is to be closed.
    pub async fn next(&mut self) -> Option<Bytes> {
        self.queue.recv().await
    }

    /// Returns the largest message that may be received, in bytes.
    #[must_use]
    pub fn max_message(&self) -> usize {
        self.shared.max_message
    }
}

impl Drop for SipConnection {
    fn drop(&mut self) {
        let closed = Input::Closed { connection: self.id };
        if let Err(mpsc::error::TrySendError::Full(closed)) = self.shared.inputs.try_send(closed) {
            let inputs = self.shared.inputs.clone();
            tokio::spawn(async move { inputs.send(closed).await });
        }
    }
}
