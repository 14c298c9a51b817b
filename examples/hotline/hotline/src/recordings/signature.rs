//! Signs requests to stores that speak S3 (AWS Signature Version 4).

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// Who asks, and where.
pub(super) struct Signer<'a> {
    pub(super) id: &'a str,
    pub(super) secret: &'a str,
    pub(super) region: &'a str,
}

/// What is asked for; headers by their names in lower case, in the order of these.
pub(super) struct Asked<'a> {
    pub(super) method: &'a str,
    /// The encoded path.
    pub(super) path: &'a str,
    pub(super) headers: &'a [(&'a str, &'a str)],
    /// SHA-256 of the body, in hexadecimal.
    pub(super) body: &'a str,
    /// `YYYYMMDDTHHMMSSZ`.
    pub(super) at: &'a str,
}

impl Signer<'_> {
    /// Returns the header `Authorization`.
    pub(super) fn authorization(&self, asked: &Asked<'_>) -> String {
        let names = asked.headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let mut request = format!("{}\n{}\n\n", asked.method, asked.path);
        for (name, value) in asked.headers {
            let _ = writeln!(request, "{name}:{}", value.trim());
        }
        let _ = write!(request, "\n{names}\n{}", asked.body);
        let day = asked.at.get(..8).unwrap_or_default();
        let scope = format!("{day}/{}/s3/aws4_request", self.region);
        let hash = hex::encode(Sha256::digest(request.as_bytes()));
        let text = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{hash}", asked.at);
        let mut key = mac(format!("AWS4{}", self.secret).as_bytes(), day);
        for part in [self.region, "s3", "aws4_request"] {
            key = mac(&key, part);
        }
        let signature = hex::encode(mac(&key, &text));
        let id = self.id;
        format!(
            "AWS4-HMAC-SHA256 Credential={id}/{scope},SignedHeaders={names},Signature={signature}"
        )
    }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Percent-encodes a path: everything but the unreserved characters (RFC 3986 §2.3) and the slashes.
pub(super) fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The credentials and requests of the published examples of the signature.
    const SIGNER: Signer<'_> = Signer {
        id: "AKIAIOSFODNN7EXAMPLE",
        secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        region: "us-east-1",
    };
    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const AT: &str = "20130524T000000Z";

    fn signature(asked: &Asked<'_>) -> String {
        let header = SIGNER.authorization(asked);
        header.rsplit_once('=').unwrap().1.to_owned()
    }

    #[test]
    fn reading_a_part_is_signed_as_published() {
        let headers = [
            ("host", "examplebucket.s3.amazonaws.com"),
            ("range", "bytes=0-9"),
            ("x-amz-content-sha256", EMPTY),
            ("x-amz-date", AT),
        ];
        let asked =
            Asked { method: "GET", path: "/test.txt", headers: &headers, body: EMPTY, at: AT };
        let published = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
        assert_eq!(signature(&asked), published);
    }

    #[test]
    fn writing_is_signed_as_published() {
        let body = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
        let headers = [
            ("date", "Fri, 24 May 2013 00:00:00 GMT"),
            ("host", "examplebucket.s3.amazonaws.com"),
            ("x-amz-content-sha256", body),
            ("x-amz-date", AT),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ];
        let path = encoded("/test$file.text");
        let asked = Asked { method: "PUT", path: &path, headers: &headers, body, at: AT };
        let published = "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd";
        assert_eq!(signature(&asked), published);
    }
}
