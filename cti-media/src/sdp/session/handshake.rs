//! What both sides' keys come to, and what of it must stay the same for a whole talk.

use sdp_types::Media;

use super::Session;
use crate::sdp::{
    DtlsLocal, DtlsPeer, IceCredentials, ParseError, Protect, Protection, ProtectionError,
    SdesKeys, SrtpSuite,
    secure::{self, Keys, Setup},
};

/// The name of the stream in an offer of ours.
pub(super) const MID: &str = "0";

/// The state of a stream that a DTLS handshake protects, over all its descriptions.
#[derive(Clone, Debug, Default)]
pub(super) struct Handshake {
    /// The name of the stream (RFC 5888).
    pub(super) mid: Option<String>,
    pub(super) remote: Option<IceCredentials>,
    pub(super) fingerprint: Option<[u8; 32]>,
    /// Whether this side begins.
    pub(super) active: bool,
    /// How often the peer has restarted ICE.
    pub(super) restarts: u32,
}

impl Session {
    /// What both sides' keys come to; `theirs` are those of an offer or of an answer.
    pub(super) fn agree(
        &self,
        theirs: &Keys,
        offer: bool,
    ) -> Result<(Protection, Handshake), ParseError> {
        match (&self.local.protect, theirs) {
            (Protect::Sdes(own), Keys::Sdes { suite, key, .. }) => {
                if !offer && *suite != SrtpSuite::ALL[0] {
                    return Err(ProtectionError::NoKey.into());
                }
                let (send, receive) = (own.clone(), key.clone());
                let keys = SdesKeys { suite: *suite, send, receive };
                Ok((Protection::Sdes(Box::new(keys)), self.handshake.clone()))
            }
            (Protect::Dtls(local), Keys::Dtls(theirs)) => {
                let former = &self.handshake;
                if former.fingerprint.is_some_and(|known| known != theirs.fingerprint) {
                    return Err(ProtectionError::NewCertificate.into());
                }
                let active = match theirs.setup {
                    Setup::Active => false,
                    Setup::Passive => true,
                    Setup::Either if offer => former.active,
                    Setup::Either => return Err(ProtectionError::BadSetup.into()),
                };
                if former.fingerprint.is_some() && active != former.active {
                    return Err(ProtectionError::BadSetup.into());
                }
                let restarted = former.remote.as_ref().is_some_and(|known| *known != theirs.ice);
                let restarts = former.restarts + u32::from(offer && restarted);
                let handshake = Handshake {
                    mid: theirs.mid.clone().or_else(|| former.mid.clone()),
                    remote: Some(theirs.ice.clone()),
                    fingerprint: Some(theirs.fingerprint),
                    active,
                    restarts,
                };
                let peer = DtlsPeer {
                    local: local.credentials(restarts),
                    remote: theirs.ice.clone(),
                    fingerprint: theirs.fingerprint,
                    active,
                    sources: theirs.sources.clone(),
                };
                Ok((Protection::Dtls(Box::new(peer)), handshake))
            }
            (Protect::Plain | Protect::Sdes(_) | Protect::Dtls(_), _) => {
                Ok((Protection::Plain, self.handshake.clone()))
            }
        }
    }

    pub(super) fn write_dtls(&self, audio: &mut Media, local: &DtlsLocal, setup: Setup) {
        let ice = local.credentials(self.handshake.restarts);
        let address = self.local.rtp;
        let mid = self.handshake.mid.as_deref().unwrap_or(MID);
        audio.add_attribute_with_value("mid", mid);
        audio.add_attribute_with_value("msid", "cti cti-audio");
        audio.add_attribute_from_str("rtcp-mux");
        audio.add_attribute_with_value("ice-ufrag", ice.name);
        audio.add_attribute_with_value("ice-pwd", ice.password);
        // RFC 8445 §5.1.2.1: the priority of a host's only candidate.
        let (ip, port) = (address.ip(), address.port());
        let candidate = format!("1 1 udp 2130706431 {ip} {port} typ host");
        audio.add_attribute_with_value("candidate", candidate);
        audio.add_attribute_from_str("end-of-candidates");
        let print = secure::write_fingerprint(&local.fingerprint);
        audio.add_attribute_with_value("fingerprint", print);
        audio.add_attribute_with_value("setup", setup.attribute());
    }
}
