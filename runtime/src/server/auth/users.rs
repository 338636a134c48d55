//! User names and passwords: who is accepted is for the program to say.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use subtle::ConstantTimeEq as _;

use crate::secret::Secret;
use crate::security::instant;
use crate::security::timestamp::{CLOCK_SKEW, REPLAY_WINDOW};
use crate::security::username_token::password_digest;
use crate::server::context::Caller;
use crate::transport::BoxFuture;

/// Says whether a user is accepted.
pub(in crate::server) type Users = Arc<dyn Fn(String, PasswordProof) -> BoxFuture<'static, bool> + Send + Sync>;

/// What a caller proves a password with: the password itself, or a digest of it.
///
/// It never prints.
#[derive(Clone)]
pub struct PasswordProof(Proof);

#[derive(Clone)]
enum Proof {
    Text(Secret),
    /// SHA-1 over nonce, time and password (UsernameToken Profile 1.0).
    Digest {
        nonce: Vec<u8>,
        created: String,
        digest: String,
    },
}

impl PasswordProof {
    pub(super) fn text(password: Secret) -> Self {
        Self(Proof::Text(password))
    }

    pub(super) fn digest(nonce: Vec<u8>, created: String, digest: String) -> Self {
        Self(Proof::Digest { nonce, created, digest })
    }

    pub(super) fn is_digest(&self) -> bool {
        matches!(self.0, Proof::Digest { .. })
    }

    /// Whether it proves this password. How long the answer takes does not tell how much of it is right.
    pub fn is(&self, password: &str) -> bool {
        let (given, right) = match &self.0 {
            Proof::Text(given) => (given.expose(), password.to_owned()),
            Proof::Digest { nonce, created, digest } => (&**digest, password_digest(nonce, created, password)),
        };
        given.as_bytes().ct_eq(right.as_bytes()).into()
    }

    /// The password, for a program that holds only hashes of passwords. `None` for a digest, which needs the password itself
    /// on both sides.
    pub fn password(&self) -> Option<&Secret> {
        match &self.0 {
            Proof::Text(password) => Some(password),
            Proof::Digest { .. } => None,
        }
    }
}

impl fmt::Debug for PasswordProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// A user as a request names it.
pub(super) struct UserToken {
    pub(super) user_name: Secret,
    pub(super) proof: PasswordProof,
}

/// The caller, if the user is accepted.
pub(super) async fn check(users: Option<&Users>, token: UserToken) -> Option<Caller> {
    let UserToken { user_name, proof } = token;
    let password = proof.password().cloned();
    let accepted = users?(user_name.expose().to_owned(), proof).await;
    accepted.then(|| Caller { user_name: Some(user_name), password, ..Caller::default() })
}

/// Most nonces that are remembered at a time. Beyond it digests are refused, as one of them could be a replay.
const NONCES: usize = 100_000;

/// Most octets of a nonce: what clients write has 16.
const NONCE_OCTETS: usize = 64;

/// How long a digest is taken, and so how long its nonce is remembered.
const LIFE: Duration = REPLAY_WINDOW.saturating_add(CLOCK_SKEW);

/// The nonces of the digests that have been seen: each is taken once.
#[derive(Clone, Default)]
pub(super) struct NonceCache(Arc<Mutex<HashMap<Vec<u8>, SystemTime>>>);

/// A nonce that may be taken, and its time.
pub(super) struct FreshNonce {
    nonce: Vec<u8>,
    created: SystemTime,
}

impl FreshNonce {
    /// Of a digest: `None` if it is too old, from the future, or too long.
    pub(super) fn of(token: &UserToken, now: SystemTime) -> Option<Self> {
        let Proof::Digest { nonce, created, .. } = &token.proof.0 else { return None };
        let created = instant::parse(created)?;
        let is_ahead = created.duration_since(now).is_ok_and(|ahead| ahead >= CLOCK_SKEW);
        let is_taken = !is_old(created, now) && !is_ahead && nonce.len() <= NONCE_OCTETS;
        is_taken.then(|| Self { nonce: nonce.clone(), created })
    }
}

fn is_old(created: SystemTime, now: SystemTime) -> bool {
    now.duration_since(created).is_ok_and(|age| age >= LIFE)
}

impl NonceCache {
    /// Whether a nonce has not been taken before. Only asked for users who are accepted: nobody else fills the cache.
    pub(super) fn take(&self, FreshNonce { nonce, created }: FreshNonce, now: SystemTime) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= NONCES {
            seen.retain(|_, created| !is_old(*created, now));
        }
        seen.len() < NONCES && seen.insert(nonce, created).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_taken_once_while_it_is_fresh() {
        let cache = NonceCache::default();
        let now = instant::parse("2024-01-15T10:00:00Z").unwrap();
        let token = |nonce: &str, created: &str| {
            let digest = password_digest(nonce.as_bytes(), created, "secret");
            let proof = PasswordProof::digest(nonce.into(), created.to_owned(), digest);
            UserToken { user_name: "user".into(), proof }
        };
        let once = token("1", "2024-01-15T09:55:00Z");
        assert!(once.proof.is("secret") && !once.proof.is("Secret") && once.proof.password().is_none());
        let accept = |token: &UserToken| FreshNonce::of(token, now).is_some_and(|nonce| cache.take(nonce, now));
        assert!(accept(&once));
        assert!(!accept(&once));
        assert!(accept(&token("2", "2024-01-15T10:04:59Z")));
        for wrong in ["2024-01-15T10:05:00Z", "2024-01-15T09:50:00Z", "yesterday", ""] {
            assert!(!accept(&token("3", wrong)), "{wrong}");
        }
        assert!(!accept(&token(&"4".repeat(NONCE_OCTETS + 1), "2024-01-15T10:00:00Z")));
    }

    #[test]
    fn a_password_in_plain_text() {
        let proof = PasswordProof::text("p<&æ".into());
        assert!(proof.is("p<&æ") && !proof.is("p<&") && !proof.is(""));
        assert_eq!(format!("{proof:?}"), "[redacted]");
    }
}
