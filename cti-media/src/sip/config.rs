//! What an endpoint is told at its start.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use crate::sip::{BindingRecord, DigestAlgorithm, GatewayConfig};

/// How SIP messages travel.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// One message per datagram.
    Udp,
    /// Messages framed by Content-Length on a connection.
    Tcp,
    /// The same inside TLS.
    Tls,
    /// One message per WebSocket message (RFC 7118), for browsers.
    Ws,
    /// The same inside TLS.
    Wss,
}

impl Transport {
    /// Returns the name used in Via headers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
            Self::Ws => "WS",
            Self::Wss => "WSS",
        }
    }

    /// Returns whether messages come over a WebSocket: from a browser, which has no address of its own.
    #[must_use]
    pub fn is_web_socket(self) -> bool {
        matches!(self, Self::Ws | Self::Wss)
    }

    /// Returns whether nobody on the way can read or change a message.
    #[must_use]
    pub fn is_secure(self) -> bool {
        matches!(self, Self::Tls | Self::Wss)
    }

    /// The parameter that names it in a URI (RFC 7118 §5.2: `ws` with and without TLS).
    pub(crate) fn uri_parameter(self) -> &'static str {
        match self {
            Self::Udp => "",
            Self::Tcp => ";transport=tcp",
            Self::Tls => ";transport=tls",
            Self::Ws | Self::Wss => ";transport=ws",
        }
    }
}

/// One address the endpoint listens on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenerConfig {
    /// How messages travel.
    pub transport: Transport,
    /// The address to bind; port 0 takes a free one. For WebSockets, which an HTTP server accepts and
    /// hands over by [`SipHandle::attach`](crate::sip::SipHandle::attach), the address of that server.
    pub bind: SocketAddr,
    /// The host peers are told to send to, where it differs from `bind` (address translation).
    pub advertised: Option<IpAddr>,
    /// The networks that may send here, everyone when empty; messages of others are dropped, and their
    /// connections closed, unread.
    pub allowed: Vec<Network>,
}

impl ListenerConfig {
    /// Returns a listener for everyone, known by the address it is bound to.
    #[must_use]
    pub fn new(transport: Transport, bind: SocketAddr) -> Self {
        Self { transport, bind, advertised: None, allowed: Vec::new() }
    }
}

/// A network of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// An address of it.
    pub address: IpAddr,
    /// How many leading bits of it all its addresses share (32 or 128 for one host).
    pub prefix: u8,
}

impl Network {
    /// Returns whether `address` lies in this network.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let bits = u32::from(self.prefix.min(32));
                let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
                u32::from(network) & mask == u32::from(address) & mask
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let bits = u32::from(self.prefix.min(128));
                let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
                u128::from(network) & mask == u128::from(address) & mask
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// A peer whose calls are accepted by its source address, without a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedPeer {
    /// The name of the trunk its calls are reported with.
    pub trunk: String,
    /// The network its messages come from.
    pub network: IpAddr,
    /// How many leading bits of `network` must match (32 or 128 for one host).
    pub prefix: u8,
}

impl TrustedPeer {
    /// Returns whether `address` lies in this peer's network.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        Network { address: self.network, prefix: self.prefix }.contains(address)
    }
}

/// Certificate and key of TLS, as PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate chain shown to who connects, the own certificate first.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// Who must have signed the certificates of those we connect to; nobody is connected to by TLS without it.
    pub authorities: Option<PathBuf>,
}

/// Browsers that may call without an account.
///
/// They come over a WebSocket, reach a few numbers and nothing else, and their number counts as withheld:
/// a page can claim any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guests {
    /// The name of the trunk their calls are reported with.
    pub trunk: String,
    /// The numbers they may dial.
    pub numbers: Vec<String>,
}

/// Settings of a SIP endpoint.
#[derive(Clone, Debug)]
pub struct SipConfig {
    /// The addresses to listen on; at least one.
    pub listeners: Vec<ListenerConfig>,
    /// The domain in From headers of our calls and the digest realm.
    pub domain: String,
    /// Peers accepted by source address.
    pub trusted: Vec<TrustedPeer>,
    /// The gateways of trunks that are called by name ([`Target::Trunk`](crate::sip::Target::Trunk)).
    pub gateways: Vec<GatewayConfig>,
    /// Certificate and key for listeners and trunks with TLS.
    pub tls: Option<TlsFiles>,
    /// Browsers that may call without an account, if any.
    pub guests: Option<Guests>,
    /// The shortest registration accepted; shorter ones get 423.
    pub min_expires: Duration,
    /// The longest registration granted.
    pub max_expires: Duration,
    /// The registration granted when the phone names none.
    pub default_expires: Duration,
    /// How many devices one account may have registered; one more replaces the one that ends first.
    pub bindings_per_account: usize,
    /// The hashes offered in a challenge, in this order. RFC 8760 §2.4 wants the strongest first, but
    /// sipp and many desk phones look at the first challenge only and know MD5 alone, so MD5 is the
    /// first by default; clients that choose still find SHA-256 beside it. Browsers get them in the
    /// reverse order, because JsSIP keeps the last one.
    pub challenges: Vec<DigestAlgorithm>,
    /// How long a digest nonce may be used.
    pub nonce_lifetime: Duration,
    /// New requests per second accepted from one source that is not trusted; more are dropped.
    pub requests_per_second: u32,
    /// How many requests one source may send at once before the rate applies.
    pub request_burst: u32,
    /// The interval of session timers (RFC 4028); none are used when it is below 90 s.
    pub session_expires: Duration,
    /// The largest message read; larger ones are refused.
    pub max_message: usize,
    /// Dialogs held at most; a new call beyond it gets 503 with Retry-After.
    pub max_dialogs: usize,
    /// Numbers that are called even when nothing else is: beyond `max_dialogs` by a few, and beyond what a gateway
    /// carries.
    pub emergency: Vec<String>,
    /// Connections held at most.
    pub max_connections: usize,
    /// Connections held at most for one source address.
    pub max_connections_per_source: usize,
    /// How long a TCP peer may take to complete a message it has begun.
    pub message_timeout: Duration,
    /// How long a TCP connection may be silent.
    pub idle_timeout: Duration,
    /// Registrations to start with, from [`SipHandle::bindings`](crate::sip::SipHandle::bindings)
    /// of an earlier run.
    pub restore: Vec<BindingRecord>,
}

impl Default for SipConfig {
    fn default() -> Self {
        Self {
            listeners: Vec::new(),
            domain: String::from("localhost"),
            trusted: Vec::new(),
            gateways: Vec::new(),
            tls: None,
            guests: None,
            min_expires: Duration::from_secs(30),
            max_expires: Duration::from_secs(3600),
            default_expires: Duration::from_secs(600),
            bindings_per_account: 5,
            challenges: vec![DigestAlgorithm::Md5, DigestAlgorithm::Sha256],
            nonce_lifetime: Duration::from_secs(300),
            requests_per_second: 200,
            request_burst: 400,
            session_expires: Duration::from_secs(1800),
            max_message: 16 * 1024,
            max_dialogs: 20_000,
            emergency: ["110", "119", "120", "122"].map(String::from).into(),
            max_connections: 4096,
            max_connections_per_source: 256,
            message_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(7200),
            restore: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trusted_network_holds_its_own_addresses_only() {
        let peer = TrustedPeer {
            trunk: String::from("city"),
            network: "10.1.0.0".parse().unwrap(),
            prefix: 16,
        };
        assert!(peer.contains("10.1.255.9".parse().unwrap()));
        assert!(!peer.contains("10.2.0.1".parse().unwrap()));
        assert!(!peer.contains("::1".parse().unwrap()));
        let everyone = TrustedPeer { prefix: 0, ..peer };
        assert!(everyone.contains("1.2.3.4".parse().unwrap()));
    }
}
