//! How a leg's packets are put on the wire, and taken off it.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use mio::net::UdpSocket;

use super::leg::transmit;
use crate::{
    sdp::{Negotiated, Protection},
    srtp::{self, Srtp},
    webrtc::{Identity, Peer},
};

/// The protection of one leg.
#[derive(Debug)]
pub(super) enum Wire {
    /// None.
    Plain,
    /// SRTP with keys of the description.
    Srtp(Box<Srtp>),
    /// A browser.
    Browser(Box<Peer>),
    /// What was agreed on cannot be had; nothing is sent or heard rather than in clear.
    Broken,
}

/// What a worker lends to its legs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context<'a> {
    /// The point in time that all durations count from.
    pub(super) epoch: Instant,
    pub(super) identity: &'a Identity,
}

impl Wire {
    /// Takes a new agreement; `local` is the address the peer was told, `source` our source of voice.
    pub(super) fn agree(
        &mut self,
        now: Duration,
        context: Context<'_>,
        local: SocketAddr,
        source: u32,
        agreed: &Negotiated,
    ) {
        match (&agreed.protection, &mut *self) {
            (Protection::Plain, Self::Plain) => {}
            (Protection::Plain, _) => *self = Self::Plain,
            (Protection::Sdes(keys), Self::Srtp(srtp)) if srtp.has(keys) => {}
            (Protection::Sdes(keys), _) => *self = Self::Srtp(Box::new(Srtp::new(keys))),
            (Protection::Dtls(browser), Self::Browser(peer)) => peer.update(now, browser),
            (Protection::Dtls(browser), _) => {
                let Context { epoch, identity } = context;
                let peer = Peer::new(epoch, now, identity, local, source, browser, agreed);
                *self = peer.map_or_else(
                    |error| {
                        tracing::error!(%error, "Cannot wait for a browser");
                        Self::Broken
                    },
                    |peer| Self::Browser(Box::new(peer)),
                );
            }
        }
    }

    /// Whether voice that is sent now would arrive.
    pub(super) fn is_open(&self) -> bool {
        match self {
            Self::Plain | Self::Srtp(_) => true,
            Self::Browser(peer) => peer.is_connected(),
            Self::Broken => false,
        }
    }

    /// Sends an RTP packet.
    pub(super) fn send(
        &mut self,
        now: Duration,
        socket: &UdpSocket,
        target: SocketAddr,
        packet: &[u8],
    ) {
        match self {
            Self::Plain => transmit(socket, packet, target),
            Self::Srtp(srtp) => {
                let mut sealed = Vec::with_capacity(packet.len() + srtp::OVERHEAD);
                sealed.extend_from_slice(packet);
                if srtp.protect(&mut sealed).is_some() {
                    transmit(socket, &sealed, target);
                }
            }
            Self::Browser(peer) => {
                peer.send(now, packet, |to, sealed| transmit(socket, sealed, to))
            }
            Self::Broken => {}
        }
    }

    /// Sends a report. A browser gets those of its own machine.
    pub(super) fn send_report(&mut self, socket: &UdpSocket, target: SocketAddr, packet: &[u8]) {
        match self {
            Self::Plain => transmit(socket, packet, target),
            Self::Srtp(srtp) => {
                let mut sealed = packet.to_vec();
                if srtp.protect_control(&mut sealed).is_some() {
                    transmit(socket, &sealed, target);
                }
            }
            Self::Browser(_) | Self::Broken => {}
        }
    }
}
