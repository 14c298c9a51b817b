//! Digest authentication (RFC 3261 §22, RFC 7616, RFC 8760).

mod challenge;
mod credentials;
mod digest;
mod nonce;

use std::{fmt::Write as _, net::IpAddr, time::Duration};

use subtle::ConstantTimeEq as _;

pub use self::digest::{DigestAlgorithm, digest_ha1};
pub(crate) use self::{challenge::Challenge, credentials::Credentials, nonce::Nonces};
use crate::sip::{entropy::Entropy, limit::RateLimit};

/// The accounts that may register and call; looked up in memory.
pub trait Accounts: Send + Sync {
    /// Returns HA1, the hexadecimal hash of `account:realm:password`, or `None` for an unknown account.
    fn ha1(&self, account: &str, realm: &str, algorithm: DigestAlgorithm) -> Option<String>;
}

/// Wrong passwords for one account from one source before the next ones are not looked at.
const GUESSES: u32 = 10;

/// How many more guesses a second brings.
const GUESSES_PER_SECOND: f64 = 1.0 / 30.0;

/// The result of checking one request's credentials.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The password of this account was proven.
    Account(String),
    /// A challenge must be sent; `stale` tells the client that only its nonce was too old.
    Challenge { stale: bool },
}

/// The challenge sent for every request without good credentials, the same for all users.
pub(crate) struct Authenticator {
    realm: String,
    offered: Vec<DigestAlgorithm>,
    nonces: Nonces,
    guesses: RateLimit<(IpAddr, String)>,
    /// Compared against for unknown accounts, so that both cases cost the same.
    decoy: String,
}

impl Authenticator {
    pub(crate) fn new(
        realm: &str,
        offered: Vec<DigestAlgorithm>,
        lifetime: Duration,
        entropy: &mut dyn Entropy,
    ) -> Self {
        let mut decoy = [0; 32];
        entropy.fill(&mut decoy);
        Self {
            realm: realm.replace(['"', '\\', '\r', '\n'], ""),
            offered,
            nonces: Nonces::new(lifetime, entropy),
            guesses: RateLimit::new(GUESSES_PER_SECOND, GUESSES),
            decoy: hex::encode(decoy),
        }
    }

    /// Checks the `Authorization` values of a request.
    pub(crate) fn verify<'a>(
        &mut self,
        now: Duration,
        source: IpAddr,
        method: &str,
        headers: impl Iterator<Item = &'a str>,
        accounts: &dyn Accounts,
    ) -> Verdict {
        let mut verdict = Verdict::Challenge { stale: false };
        // A client that knows both algorithms may send both; the first for our realm counts.
        for header in headers.take(4) {
            let Some(credentials) = Credentials::parse(header) else { continue };
            if credentials.realm != self.realm {
                continue;
            }
            verdict = self.check(now, source, method, &credentials, accounts);
            break;
        }
        verdict
    }

    fn check(
        &mut self,
        now: Duration,
        source: IpAddr,
        method: &str,
        credentials: &Credentials<'_>,
        accounts: &dyn Accounts,
    ) -> Verdict {
        let ha1 = accounts.ha1(&credentials.username, &self.realm, credentials.algorithm);
        let known = ha1.is_some();
        let expected = credentials.response(ha1.as_deref().unwrap_or(&self.decoy), method);
        let proven: bool =
            expected.as_bytes().ct_eq(credentials.response.to_ascii_lowercase().as_bytes()).into();
        // Names longer than any account's are all the same to the table.
        let guesser = (source, credentials.username.chars().take(64).collect());
        if !self.guesses.has(now, &guesser) {
            return Verdict::Challenge { stale: false };
        }
        if !(known && proven) {
            self.guesses.admit(now, guesser);
            return Verdict::Challenge { stale: false };
        }
        if self.nonces.accept(now, source, credentials.nonce, credentials.nonce_count) {
            return Verdict::Account(credentials.username.to_string());
        }
        Verdict::Challenge { stale: true }
    }

    /// The `WWW-Authenticate` lines, one for each hash offered.
    pub(crate) fn challenge(
        &self,
        now: Duration,
        source: IpAddr,
        stale: bool,
        entropy: &mut dyn Entropy,
    ) -> String {
        let nonce = self.nonces.issue(now, source, entropy);
        let stale = if stale { ", stale=true" } else { "" };
        let mut lines = String::new();
        for algorithm in &self.offered {
            let _ = write!(
                lines,
                "WWW-Authenticate: Digest realm=\"{}\", nonce=\"{nonce}\", algorithm={}, \
                 qop=\"auth\"{stale}\r\n",
                self.realm,
                algorithm.name()
            );
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct One;

    impl Accounts for One {
        fn ha1(&self, account: &str, realm: &str, algorithm: DigestAlgorithm) -> Option<String> {
            (account == "8001").then(|| digest_ha1(algorithm, account, realm, "demo8001"))
        }
    }

    struct Counting(u8);

    impl Entropy for Counting {
        fn fill(&mut self, target: &mut [u8]) {
            for byte in target {
                self.0 = self.0.wrapping_add(1);
                *byte = self.0;
            }
        }
    }

    fn authenticator() -> (Authenticator, Counting) {
        let mut entropy = Counting(0);
        let offered = vec![DigestAlgorithm::Sha256, DigestAlgorithm::Md5];
        let lifetime = Duration::from_secs(300);
        (Authenticator::new("city", offered, lifetime, &mut entropy), entropy)
    }

    fn nonce_of(challenge: &str) -> String {
        challenge.split("nonce=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }

    fn authorization(user: &str, password: &str, nonce: &str, count: &str) -> String {
        let ha1 = digest_ha1(DigestAlgorithm::Sha256, user, "city", password);
        let ha2 = DigestAlgorithm::Sha256.hash("REGISTER:sip:city");
        let response =
            DigestAlgorithm::Sha256.hash(&format!("{ha1}:{nonce}:{count}:c0ffee:auth:{ha2}"));
        format!(
            "Digest username=\"{user}\", realm=\"city\", nonce=\"{nonce}\", uri=\"sip:city\", \
             response=\"{response}\", algorithm=SHA-256, cnonce=\"c0ffee\", qop=auth, nc={count}"
        )
    }

    const SOURCE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));

    fn verify(machine: &mut Authenticator, at: u64, header: &str) -> Verdict {
        let now = Duration::from_secs(at);
        machine.verify(now, SOURCE, "REGISTER", std::iter::once(header), &One)
    }

    #[test]
    fn the_right_password_is_accepted_once_per_nonce_count() {
        let (mut machine, mut entropy) = authenticator();
        let challenge = machine.challenge(Duration::from_secs(1), SOURCE, false, &mut entropy);
        let (first, second) = challenge.split_once("\r\n").unwrap();
        assert!(first.contains("SHA-256") && second.contains("algorithm=MD5"));
        let nonce = nonce_of(&challenge);
        let first = authorization("8001", "demo8001", &nonce, "00000001");
        assert_eq!(verify(&mut machine, 2, &first), Verdict::Account("8001".into()));
        assert_eq!(verify(&mut machine, 3, &first), Verdict::Challenge { stale: true });
        let second = authorization("8001", "demo8001", &nonce, "00000002");
        assert_eq!(verify(&mut machine, 4, &second), Verdict::Account("8001".into()));
    }

    #[test]
    fn a_wrong_password_and_an_unknown_user_get_the_same_verdict() {
        let (mut machine, mut entropy) = authenticator();
        let challenge = machine.challenge(Duration::from_secs(1), SOURCE, false, &mut entropy);
        let nonce = nonce_of(&challenge);
        let wrong = authorization("8001", "guess", &nonce, "00000001");
        let unknown = authorization("9999", "guess", &nonce, "00000001");
        assert_eq!(verify(&mut machine, 2, &wrong), Verdict::Challenge { stale: false });
        assert_eq!(verify(&mut machine, 2, &unknown), Verdict::Challenge { stale: false });
    }

    #[test]
    fn after_ten_wrong_guesses_even_the_right_one_has_to_wait() {
        let (mut machine, mut entropy) = authenticator();
        let challenge = machine.challenge(Duration::from_secs(1), SOURCE, false, &mut entropy);
        let nonce = nonce_of(&challenge);
        for n in 1..=10 {
            verify(&mut machine, 2, &authorization("8001", "guess", &nonce, &format!("{n:08x}")));
        }
        let right = authorization("8001", "demo8001", &nonce, "0000000b");
        assert_eq!(verify(&mut machine, 3, &right), Verdict::Challenge { stale: false });
        let elsewhere = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 8));
        let now = Duration::from_secs(3);
        let challenge = machine.challenge(now, elsewhere, false, &mut entropy);
        let header = authorization("8001", "demo8001", &nonce_of(&challenge), "00000001");
        let headers = std::iter::once(header.as_str());
        let verdict = machine.verify(now, elsewhere, "REGISTER", headers, &One);
        assert_eq!(verdict, Verdict::Account("8001".into()));
        assert_eq!(verify(&mut machine, 40, &right), Verdict::Account("8001".into()));
    }

    #[test]
    fn an_old_nonce_with_the_right_password_is_stale() {
        let (mut machine, mut entropy) = authenticator();
        let challenge = machine.challenge(Duration::from_secs(1), SOURCE, false, &mut entropy);
        let header = authorization("8001", "demo8001", &nonce_of(&challenge), "00000001");
        assert_eq!(verify(&mut machine, 400, &header), Verdict::Challenge { stale: true });
    }

    #[test]
    fn credentials_without_quality_of_protection_are_not_accepted() {
        let (mut machine, mut entropy) = authenticator();
        let challenge = machine.challenge(Duration::from_secs(1), SOURCE, false, &mut entropy);
        let header = authorization("8001", "demo8001", &nonce_of(&challenge), "00000001");
        let header = header.replace("qop=auth", "x=y");
        assert_eq!(verify(&mut machine, 2, &header), Verdict::Challenge { stale: false });
    }
}
