//! Hashes of passwords: Argon2id with the least cost that OWASP names.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _},
};

/// Hashes and checks passwords. Slow by intent: call it where blocking is allowed.
#[derive(Clone, Debug)]
pub struct PasswordHasher(Argon2<'static>);

/// The cost parameters are out of range, or the system has no randomness.
#[derive(Debug, thiserror::Error)]
#[error("password hash: {0}")]
pub struct PasswordError(String);

impl Default for PasswordHasher {
    /// 19 MiB, two passes, one lane.
    fn default() -> Self {
        Self::with_cost(19 * 1024, 2).expect("OWASP's parameters are in range")
    }
}

impl PasswordHasher {
    /// Returns a hasher that uses this much memory, in KiB, and this many passes.
    ///
    /// # Errors
    /// When the parameters are out of range.
    pub fn with_cost(memory_kib: u32, passes: u32) -> Result<Self, PasswordError> {
        let params = Params::new(memory_kib, passes, 1, None)
            .map_err(|error| PasswordError(error.to_string()))?;
        Ok(Self(Argon2::new(Algorithm::Argon2id, Version::V0x13, params)))
    }

    /// Returns the hash of a password with a salt of its own, in PHC form.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn hash(&self, password: &str) -> Result<String, PasswordError> {
        let mut salt = [0_u8; 16];
        getrandom::fill(&mut salt).map_err(|error| PasswordError(error.to_string()))?;
        self.0
            .hash_password_with_salt(password.as_bytes(), &salt)
            .map(|hash| hash.to_string())
            .map_err(|error| PasswordError(error.to_string()))
    }

    /// Returns whether the password has this hash.
    #[must_use]
    pub fn verify(&self, password: &str, hash: &str) -> bool {
        self.0.verify_password(password.as_bytes(), hash).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_by_its_hash_and_another_is_not() {
        let hasher = PasswordHasher::with_cost(8, 1).unwrap();
        let hash = hasher.hash("demo8001").unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(hasher.verify("demo8001", &hash));
        assert!(!hasher.verify("demo8002", &hash));
        assert!(!hasher.verify("demo8001", "not a hash"));
        assert_ne!(hash, hasher.hash("demo8001").unwrap());
    }
}
