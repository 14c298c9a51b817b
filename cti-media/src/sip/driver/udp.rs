//! Datagram sockets.

use std::{io, net::SocketAddr, task::Poll};

use bytes::Bytes;
use tokio::net::UdpSocket;

use crate::sip::flow::Flow;

/// Datagrams taken from one socket before the engine runs.
const BATCH: usize = 64;

/// The largest datagram.
const LARGEST: usize = 65_536;

/// The system's buffer for datagrams that arrive while the engine works.
const SYSTEM_BUFFER: usize = 4 << 20;

/// All UDP listeners.
pub(super) struct Sockets {
    sockets: Vec<(usize, UdpSocket)>,
    buffer: Vec<u8>,
}

impl Default for Sockets {
    fn default() -> Self {
        Self { sockets: Vec::new(), buffer: vec![0; LARGEST] }
    }
}

impl Sockets {
    pub(super) fn bind(&mut self, listener: usize, address: SocketAddr) -> io::Result<SocketAddr> {
        let socket = std::net::UdpSocket::bind(address)?;
        socket.set_nonblocking(true)?;
        // A smaller buffer than wished is still a working one.
        let _ = socket2::SockRef::from(&socket).set_recv_buffer_size(SYSTEM_BUFFER);
        let bound = socket.local_addr()?;
        self.sockets.push((listener, UdpSocket::from_std(socket)?));
        Ok(bound)
    }

    /// Waits for datagrams and takes what is there, up to a batch.
    pub(super) async fn read(&mut self, into: &mut Vec<(Flow, Bytes)>) {
        let Self { sockets, buffer } = self;
        std::future::poll_fn(|context| {
            for (listener, socket) in sockets.iter() {
                while into.len() < BATCH {
                    let mut space = tokio::io::ReadBuf::new(buffer);
                    match socket.poll_recv_from(context, &mut space) {
                        Poll::Ready(Ok(remote)) => {
                            let flow = Flow::datagram(*listener, remote);
                            into.push((flow, Bytes::copy_from_slice(space.filled())));
                        }
                        // Errors here report earlier datagrams that no one received.
                        Poll::Ready(Err(error)) => {
                            tracing::debug!(%error, "A datagram was not delivered");
                            if error.kind() != io::ErrorKind::ConnectionRefused {
                                break;
                            }
                        }
                        Poll::Pending => break,
                    }
                }
            }
            if into.is_empty() { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
    }

    /// Sends a datagram; one that does not fit into the system's buffer is lost like on the network.
    pub(super) fn send(&self, flow: Flow, data: &[u8]) {
        let found = self.sockets.iter().find(|(listener, _)| *listener == flow.listener);
        if let Some((_, socket)) = found
            && let Err(error) = socket.try_send_to(data, flow.remote)
        {
            tracing::debug!(%error, remote = %flow.remote, "A datagram was not sent");
        }
    }
}
