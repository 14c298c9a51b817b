//! Where telephones, trunks and browsers come in.

use std::{
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    path::PathBuf,
};

use cti_core::{address::PhoneNumber, id::TrunkId};
use cti_media::{
    engine::{Listener, ListenerId},
    sip::{Guests, ListenerConfig, Network, TlsFiles, Transport},
};
use serde::Deserialize;

use super::{Config, Trunk, parse_ports};

/// Listeners that there are without the list: UDP, TCP, and the HTTP server's for browsers.
const USUAL: usize = 3;

/// One more address to listen on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SipListener {
    /// `udp`, `tcp` or `tls`.
    pub transport: Transport,
    /// The address to bind.
    pub bind: SocketAddr,
    /// The address peers are told, where it differs.
    pub advertised: Option<IpAddr>,
    /// Its name, which trunks refer to.
    pub name: Option<String>,
    /// The ports of voice for calls that come by it, `first-last`; those of `rtp` when absent.
    pub ports: Option<String>,
    /// The networks that may send here, `address` or `address/bits`; everyone when absent.
    #[serde(default)]
    pub allow: Vec<String>,
}

/// Certificate and key of SIP over TLS, as PEM files.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SipTls {
    /// The certificate chain.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// Who must have signed the certificates of trunks.
    pub authorities: Option<PathBuf>,
}

/// Browsers that call without an account.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SipGuests {
    /// The name their calls are reported with.
    pub trunk: TrunkId,
    /// The numbers they may dial.
    pub numbers: Vec<PhoneNumber>,
}

impl SipListener {
    fn networks(&self) -> Result<Vec<Network>, String> {
        self.allow.iter().map(|text| parse_network(text)).collect()
    }

    /// The network that the voice of its calls uses.
    fn side(&self, usual: &RangeInclusive<u16>) -> Result<Listener, String> {
        let bind = self.bind.ip();
        let ports = self.ports.as_deref().map_or(Ok(usual.clone()), parse_ports)?;
        Ok(Listener {
            bind,
            advertised: self.advertised.unwrap_or(bind),
            ports,
            ..Listener::loopback()
        })
    }

    /// Finds what cannot be used.
    pub(super) fn check(&self, tls: Option<&SipTls>) -> Result<(), (&'static str, String)> {
        self.networks().map_err(|reason| ("sip.listeners.allow", reason))?;
        self.side(&(1024..=1025)).map_err(|reason| ("sip.listeners.ports", reason))?;
        if self.transport.is_web_socket() {
            let reason = "browsers come by the HTTP server; udp, tcp or tls".to_owned();
            return Err(("sip.listeners.transport", reason));
        }
        if self.transport == Transport::Tls && tls.is_none() {
            return Err(("sip.tls", "a listener with tls needs certificate and key".to_owned()));
        }
        Ok(())
    }
}

impl Config {
    /// Returns every address that SIP comes in by: the usual one by UDP and TCP, the HTTP server's for browsers,
    /// and those of the list.
    ///
    /// # Errors
    /// When a network is none.
    pub fn sip_listeners(&self) -> Result<Vec<ListenerConfig>, String> {
        let web = if self.http.tls_cert.is_some() { Transport::Wss } else { Transport::Ws };
        let usual = |transport, bind| ListenerConfig {
            advertised: self.sip.advertised,
            ..ListenerConfig::new(transport, bind)
        };
        let mut listeners = vec![
            usual(Transport::Udp, self.sip.listen),
            usual(Transport::Tcp, self.sip.listen),
            usual(web, self.http.listen),
        ];
        for one in &self.sip.listeners {
            listeners.push(ListenerConfig {
                transport: one.transport,
                bind: one.bind,
                advertised: one.advertised,
                allowed: one.networks()?,
            });
        }
        Ok(listeners)
    }

    /// Returns the networks of voice, and which of them belongs to each SIP listener.
    ///
    /// # Errors
    /// When a port range is none.
    pub fn voice(&self) -> Result<(Vec<Listener>, Vec<ListenerId>), String> {
        let ports = self.rtp.range()?;
        let bind = self.sip.listen.ip();
        let mut networks = vec![Listener {
            bind,
            advertised: self.sip.advertised.unwrap_or(bind),
            ports: ports.clone(),
            ..Listener::loopback()
        }];
        let mut sides = vec![ListenerId(0); USUAL];
        for one in &self.sip.listeners {
            let side = one.side(&ports)?;
            let known = networks.iter().position(|network| *network == side);
            let place = known.unwrap_or_else(|| {
                networks.push(side);
                networks.len() - 1
            });
            sides.push(ListenerId(place));
        }
        Ok((networks, sides))
    }

    /// Returns the place of the listener that a trunk's calls go out from.
    ///
    /// # Errors
    /// When there is no listener of this name.
    pub fn listener_of(&self, trunk: &Trunk) -> Result<usize, String> {
        let Some(name) = &trunk.listener else { return Ok(0) };
        let named = |it: &SipListener| it.name.as_ref() == Some(name);
        let place = self.sip.listeners.iter().position(named);
        place
            .map(|at| USUAL + at)
            .ok_or_else(|| format!("there is no listener {name:?} in sip.listeners"))
    }

    /// Returns the files of SIP over TLS.
    #[must_use]
    pub fn sip_tls(&self) -> Option<TlsFiles> {
        self.sip.tls.as_ref().map(|tls| TlsFiles {
            certificate: tls.certificate.clone(),
            key: tls.key.clone(),
            authorities: tls.authorities.clone(),
        })
    }

    /// Returns who may call without an account.
    #[must_use]
    pub fn sip_guests(&self) -> Option<Guests> {
        self.sip.guests.as_ref().map(|guests| Guests {
            trunk: guests.trunk.to_string(),
            numbers: guests.numbers.iter().map(|number| number.reveal().to_owned()).collect(),
        })
    }
}

/// Reads `address` or `address/bits`.
pub(super) fn parse_network(text: &str) -> Result<Network, String> {
    let wrong = || format!("{text:?} is no network: ADDRESS or ADDRESS/BITS");
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().map_err(|_| wrong())?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let prefix = match bits {
        Some(bits) => bits.parse::<u8>().ok().filter(|bits| *bits <= most).ok_or_else(wrong)?,
        None => most,
    };
    Ok(Network { address, prefix })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEMO: &str = include_str!("../../../config/demo.toml");

    fn with(sip: &str) -> Result<Config, String> {
        let text = DEMO.replace("[rtp]", &format!("{sip}\n[rtp]"));
        Config::parse("f.toml", &text).map_err(|error| error.to_string())
    }

    #[test]
    fn browsers_come_in_where_the_page_is_served() {
        let listeners = with("").unwrap().sip_listeners().unwrap();
        let ways: Vec<Transport> = listeners.iter().map(|it| it.transport).collect();
        assert_eq!(ways, [Transport::Udp, Transport::Tcp, Transport::Ws]);
        assert_eq!(listeners[2].bind.port(), 8080);
        assert_eq!(with("").unwrap().sip_guests().unwrap().numbers[0], "12345");
    }

    #[test]
    fn a_listener_has_its_own_address_and_networks() {
        let listener = "[[sip.listeners]]\ntransport = \"tcp\"\nbind = \"0.0.0.0:5070\"\n\
             advertised = \"203.0.113.7\"\nallow = [\"10.0.0.0/8\", \"::1\"]";
        let listeners = with(listener).unwrap().sip_listeners().unwrap();
        let own = &listeners[3];
        assert_eq!(own.advertised, Some("203.0.113.7".parse().unwrap()));
        assert_eq!(own.allowed.iter().map(|it| it.prefix).collect::<Vec<_>>(), [8, 128]);
    }

    #[test]
    fn voice_uses_the_network_that_a_call_came_by() {
        let listener = "[[sip.listeners]]\nname = \"city\"\ntransport = \"udp\"\nbind = \"10.0.0.1:5060\"\n\
             ports = \"50000-50999\"\n[[sip.trunks]]\ntrunk = \"city\"\ngateway = \"10.0.0.2:5060\"\nlistener = \"city\"";
        let config = with(listener).unwrap();
        let (networks, sides) = config.voice().unwrap();
        assert_eq!(sides, [0, 0, 0, 1].map(ListenerId));
        assert_eq!(
            (networks[0].ports.clone(), networks[1].ports.clone()),
            (40_000..=49_999, 50_000..=50_999)
        );
        assert_eq!(networks[1].bind.to_string(), "10.0.0.1");
        assert_eq!(config.listener_of(&config.sip.trunks[0]), Ok(3));
        let error = with(&listener.replace("listener = \"city\"", "listener = \"x\"")).unwrap_err();
        assert_eq!(
            error,
            "f.toml: sip.trunks.listener: there is no listener \"x\" in sip.listeners"
        );
    }

    #[test]
    fn a_listener_that_cannot_work_is_named() {
        for (transport, allow, error) in [
            ("tls", "", "f.toml: sip.tls: a listener with tls needs certificate and key"),
            (
                "ws",
                "",
                "f.toml: sip.listeners.transport: browsers come by the HTTP server; udp, tcp or tls",
            ),
            (
                "udp",
                "\"x\"",
                "f.toml: sip.listeners.allow: \"x\" is no network: ADDRESS or ADDRESS/BITS",
            ),
        ] {
            let text = format!(
                "[[sip.listeners]]\ntransport = \"{transport}\"\nbind = \"127.0.0.1:5070\"\nallow = [{allow}]"
            );
            assert_eq!(with(&text).unwrap_err(), error);
        }
    }
}
