//! The `Authorization` header.

use std::borrow::Cow;

use crate::sip::auth::DigestAlgorithm;

/// The parts of an `Authorization: Digest` value that are needed to check it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Credentials<'a> {
    pub(crate) username: Cow<'a, str>,
    pub(crate) realm: Cow<'a, str>,
    pub(crate) nonce: &'a str,
    pub(crate) uri: &'a str,
    pub(crate) response: &'a str,
    pub(crate) algorithm: DigestAlgorithm,
    pub(crate) client_nonce: &'a str,
    count: &'a str,
    pub(crate) nonce_count: u32,
}

impl<'a> Credentials<'a> {
    /// Reads a header value; `None` unless it is a complete digest with `qop=auth`.
    pub(crate) fn parse(header: &'a str) -> Option<Self> {
        let (scheme, rest) = header.trim().split_once([' ', '\t'])?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let (mut username, mut realm, mut nonce, mut uri, mut response) =
            (None, None, None, None, None);
        let (mut client_nonce, mut count, mut quality) = (None, None, None);
        let mut algorithm = DigestAlgorithm::Md5;
        for (name, value) in Parameters(rest) {
            match name.to_ascii_lowercase().as_str() {
                "username" => username = Some(unescape(value)),
                "realm" => realm = Some(unescape(value)),
                "nonce" => nonce = Some(value),
                "uri" => uri = Some(value),
                "response" => response = Some(value),
                "cnonce" => client_nonce = Some(value),
                "nc" => count = Some(value),
                "qop" => quality = Some(value),
                "algorithm" if value.eq_ignore_ascii_case("MD5") => {}
                "algorithm" if value.eq_ignore_ascii_case("SHA-256") => {
                    algorithm = DigestAlgorithm::Sha256;
                }
                "algorithm" => return None,
                _ => {}
            }
        }
        // RFC 7616 §3.4: qop is required, so that a nonce count protects against replay.
        if !quality?.eq_ignore_ascii_case("auth") {
            return None;
        }
        let count = count.filter(|text| text.len() == 8)?;
        Some(Self {
            username: username?,
            realm: realm?,
            nonce: nonce?,
            uri: uri?,
            response: response?,
            algorithm,
            client_nonce: client_nonce?,
            nonce_count: u32::from_str_radix(count, 16).ok()?,
            count,
        })
    }

    /// The response a client that knows `ha1` would have sent (RFC 7616 §3.4.1).
    pub(crate) fn response(&self, ha1: &str, method: &str) -> String {
        let ha2 = self.algorithm.hash(&format!("{method}:{}", self.uri));
        let Self { nonce, count, client_nonce, .. } = self;
        self.algorithm.hash(&format!("{ha1}:{nonce}:{count}:{client_nonce}:auth:{ha2}"))
    }
}

fn unescape(value: &str) -> Cow<'_, str> {
    if !value.contains('\\') {
        return Cow::Borrowed(value);
    }
    let mut text = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        text.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    Cow::Owned(text)
}

/// Comma-separated `name=value` or `name="value"`; quotes are removed, escapes are kept.
pub(super) struct Parameters<'a>(pub(super) &'a str);

impl<'a> Iterator for Parameters<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, rest) = self.0.trim_start_matches([' ', '\t', ',']).split_once('=')?;
        let rest = rest.trim_start();
        let Some(quoted) = rest.strip_prefix('"') else {
            let end = rest.find(',').unwrap_or(rest.len());
            self.0 = &rest[end..];
            return Some((name.trim(), rest[..end].trim()));
        };
        let mut escaped = false;
        let end = quoted.bytes().position(|byte| {
            let closes = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        })?;
        self.0 = &quoted[end + 1..];
        Some((name.trim(), &quoted[..end]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sip::auth::digest_ha1;

    // RFC 7616 §3.9.1: the same request with both algorithms.
    const EXAMPLE: &str = "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", \
        uri=\"/dir/index.html\", algorithm=ALGORITHM, \
        nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, \
        cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, \
        response=\"RESPONSE\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";

    fn matches_the_vector(name: &str, algorithm: DigestAlgorithm, response: &str) {
        let header = EXAMPLE.replace("ALGORITHM", name).replace("RESPONSE", response);
        let credentials = Credentials::parse(&header).unwrap();
        assert_eq!(credentials.algorithm, algorithm);
        let ha1 = digest_ha1(algorithm, "Mufasa", "http-auth@example.org", "Circle of Life");
        assert_eq!(credentials.response(&ha1, "GET"), response);
    }

    #[test]
    fn the_md5_vector_of_rfc_7616_is_reproduced() {
        matches_the_vector("MD5", DigestAlgorithm::Md5, "8ca523f5e9506fed4657c9700eebdbec");
    }

    #[test]
    fn the_sha_256_vector_of_rfc_7616_is_reproduced() {
        matches_the_vector(
            "SHA-256",
            DigestAlgorithm::Sha256,
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        );
    }

    #[test]
    fn quoted_values_may_hold_commas_and_escapes() {
        let header = "Digest username=\"a\\\"b,c\", realm=\"r\", nonce=\"n\", uri=\"sip:x\", \
                      response=\"0\", cnonce=\"c\", qop=\"auth\", nc=0000000a";
        let credentials = Credentials::parse(header).unwrap();
        assert_eq!(credentials.username, "a\"b,c");
        assert_eq!(credentials.nonce_count, 10);
    }

    #[test]
    fn incomplete_or_foreign_credentials_are_no_credentials() {
        for header in ["", "Digest", "Basic abc", "Digest username=\"x", "Digest username=\"x\""] {
            assert_eq!(Credentials::parse(header), None, "{header}");
        }
        let unknown = EXAMPLE.replace("ALGORITHM", "SHA-512-256-sess");
        assert_eq!(Credentials::parse(&unknown), None);
    }
}
