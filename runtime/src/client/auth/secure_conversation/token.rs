//! The token of a session on the client: its key, its lifetime, and when it was used.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use zeroize::Zeroizing;

use crate::client::auth::secure_conversation::cookies::Jar;
use crate::security::timestamp::Timestamp;
use crate::security::trust::context_token::SecurityContextToken;

/// The part of a token's life after which the next call asks for another one, in percent. WCF's
/// `cookieRenewalThresholdPercentage`.
pub(crate) const REISSUE_PERCENT: u32 = 60;

/// The age at which a session that the server keeps in memory is replaced, whatever its lifetime.
pub(crate) const REISSUE_AGE: Duration = Duration::from_secs(10 * 3600);

/// The longest lifetime of a token, whatever its server states.
pub(crate) const LONGEST_LIFE: Duration = Duration::from_secs(366 * 24 * 3600);

/// A session that the server keeps in memory ends after 2 min without a message (WCF's default). It is considered ended
/// somewhat earlier.
pub(crate) const IDLE: Duration = Duration::from_secs(110);

/// A token that its server has issued.
pub(crate) struct SessionToken {
    pub(super) wire: SecurityContextToken,
    pub(super) key: Zeroizing<Vec<u8>>,
    pub(super) life: Life,
    pub(super) jar: Jar,
    /// The service has accepted it: a reply did not report a security fault.
    proven: AtomicBool,
    /// When it was last used, in milliseconds since 1970.
    used: AtomicU64,
    /// When the last message with it expires, in milliseconds since 1970.
    expires: AtomicU64,
}

/// When a token is valid, by this machine's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    pub(crate) reissue: SystemTime,
    pub(crate) end: SystemTime,
}

impl SessionToken {
    pub(crate) fn new(wire: SecurityContextToken, key: Zeroizing<Vec<u8>>, life: Life, now: SystemTime) -> Self {
        Self {
            wire,
            key,
            life,
            jar: Jar::default(),
            proven: AtomicBool::new(false),
            used: AtomicU64::new(milliseconds(now)),
            expires: AtomicU64::default(),
        }
    }

    /// The Timestamp of a message made now.
    ///
    /// Each expires at least a millisecond later than the one before. It is all that the token signs, so a service that
    /// remembers signatures would treat a second message with the same time as a replay.
    pub(super) fn timestamp(&self, now: SystemTime) -> Timestamp {
        let mut timestamp = Timestamp::new(now);
        let earliest = milliseconds(timestamp.expires);
        let mut expires = earliest;
        // Never fails: there is always a later one.
        let _ = self.expires.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
            expires = earliest.max(last.saturating_add(1));
            Some(expires)
        });
        timestamp.expires += Duration::from_millis(expires - earliest);
        timestamp
    }

    /// Records that the token is used now.
    pub(super) fn touch(&self, now: SystemTime) {
        self.used.fetch_max(milliseconds(now), Ordering::Relaxed);
    }

    /// Time since it was last used.
    pub(super) fn idle(&self, now: SystemTime) -> Duration {
        Duration::from_millis(milliseconds(now).saturating_sub(self.used.load(Ordering::Relaxed)))
    }

    /// Records that the server has accepted the token.
    pub(super) fn prove(&self) {
        self.proven.store(true, Ordering::Relaxed);
    }

    /// Whether a server has accepted the token before.
    pub(super) fn is_proven(&self) -> bool {
        self.proven.load(Ordering::Relaxed)
    }
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

impl Life {
    /// The validity of a token that arrives now, from its lifetime. The server's clock, which may be minutes off, is
    /// not used.
    pub(crate) fn new(now: SystemTime, span: Duration, held_by_server: bool) -> Self {
        let span = span.min(LONGEST_LIFE);
        let reissue = span * REISSUE_PERCENT / 100;
        let reissue = if held_by_server { reissue.min(REISSUE_AGE) } else { reissue };
        Self { reissue: now + reissue, end: now + span }
    }
}

/// Neither identifier nor key is printed: they would be enough to impersonate the caller.
impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionToken").field("life", &self.life).field("jar", &self.jar).finish_non_exhaustive()
    }
}
