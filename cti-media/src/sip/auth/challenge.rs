//! Challenges that are met: with a login, for the realm it is for, and nowhere else.

use crate::sip::{
    Login,
    auth::{DigestAlgorithm, credentials::Parameters, digest_ha1},
};

/// A `WWW-Authenticate` or `Proxy-Authenticate` value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Challenge<'a> {
    pub(crate) realm: &'a str,
    nonce: &'a str,
    opaque: Option<&'a str>,
    algorithm: DigestAlgorithm,
    /// Whether it names the quality of protection; RFC 2069 did not know any.
    quality: bool,
}

impl<'a> Challenge<'a> {
    /// Reads a header value; `None` for what we cannot compute.
    pub(crate) fn parse(header: &'a str) -> Option<Self> {
        let (scheme, rest) = header.trim().split_once([' ', '\t'])?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let (mut realm, mut nonce, mut opaque, mut qualities) = (None, None, None, None);
        let mut algorithm = DigestAlgorithm::Md5;
        for (name, value) in Parameters(rest) {
            match name.to_ascii_lowercase().as_str() {
                "realm" => realm = Some(value),
                "nonce" => nonce = Some(value),
                "opaque" => opaque = Some(value),
                "qop" => qualities = Some(value),
                "algorithm" if value.eq_ignore_ascii_case("MD5") => {}
                "algorithm" if value.eq_ignore_ascii_case("SHA-256") => {
                    algorithm = DigestAlgorithm::Sha256;
                }
                "algorithm" => return None,
                _ => {}
            }
        }
        if let Some(all) = qualities
            && !all.split(',').any(|one| one.trim().eq_ignore_ascii_case("auth"))
        {
            return None;
        }
        let quality = qualities.is_some();
        Some(Self { realm: realm?, nonce: nonce?, opaque, algorithm, quality })
    }

    /// How much a password is worth that is proven this way.
    pub(crate) fn strength(&self) -> u8 {
        match self.algorithm {
            DigestAlgorithm::Md5 => 0,
            DigestAlgorithm::Sha256 => 1,
        }
    }

    /// The value of `Authorization` that proves a login for one request (RFC 7616 §3.4).
    pub(crate) fn answer(&self, login: &Login, method: &str, uri: &str, salt: &str) -> String {
        let Self { realm, nonce, algorithm, .. } = self;
        let ha1 = digest_ha1(*algorithm, &login.user, &login.realm, &login.password);
        let ha2 = algorithm.hash(&format!("{method}:{uri}"));
        let (proof, quality) = if self.quality {
            let proof = algorithm.hash(&format!("{ha1}:{nonce}:00000001:{salt}:auth:{ha2}"));
            (proof, format!(", qop=auth, nc=00000001, cnonce=\"{salt}\""))
        } else {
            (algorithm.hash(&format!("{ha1}:{nonce}:{ha2}")), String::new())
        };
        let opaque = self.opaque.map_or_else(String::new, |it| format!(", opaque=\"{it}\""));
        let user = login.user.replace(['"', '\\'], "");
        format!(
            "Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", \
             response=\"{proof}\", algorithm={}{quality}{opaque}",
            algorithm.name()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sip::auth::Credentials;

    fn login() -> Login {
        Login { user: "12345".into(), realm: "ims.example".into(), password: "secret".into() }
    }

    #[test]
    fn an_answer_is_what_a_registrar_computes_from_the_password() {
        for name in ["MD5", "SHA-256"] {
            let header = format!(
                "Digest realm=\"ims.example\", nonce=\"n1\", algorithm={name}, qop=\"auth-int,auth\", opaque=\"o\""
            );
            let challenge = Challenge::parse(&header).unwrap();
            let answer = challenge.answer(&login(), "INVITE", "sip:1@10.0.0.1", "salt");
            let read = Credentials::parse(&answer).unwrap();
            let ha1 = digest_ha1(read.algorithm, "12345", "ims.example", "secret");
            assert_eq!(read.response, read.response(&ha1, "INVITE"));
            assert!(answer.ends_with(", opaque=\"o\""));
        }
    }

    // RFC 2617 §3.2.2.1, without qop: H(HA1:nonce:HA2).
    #[test]
    fn an_old_gateway_without_quality_of_protection_is_answered_its_way() {
        let challenge = Challenge::parse("Digest realm=\"ims.example\", nonce=\"n1\"").unwrap();
        let answer = challenge.answer(&login(), "REGISTER", "sip:x", "salt");
        let md5 = |text: &str| DigestAlgorithm::Md5.hash(text);
        let ha1 = md5("12345:ims.example:secret");
        let proof = md5(&format!("{ha1}:n1:{}", md5("REGISTER:sip:x")));
        assert!(answer.contains(&format!("response=\"{proof}\"")) && !answer.contains("qop"));
    }

    #[test]
    fn what_cannot_be_computed_is_no_challenge() {
        for header in [
            "",
            "Basic realm=\"x\"",
            "Digest realm=\"x\"",
            "Digest realm=\"x\", nonce=\"n\", algorithm=SHA-512-256",
            "Digest realm=\"x\", nonce=\"n\", qop=\"auth-int\"",
        ] {
            assert_eq!(Challenge::parse(header), None, "{header}");
        }
    }
}
