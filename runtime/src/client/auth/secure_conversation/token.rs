//! The token of a session as its client uses it: the key that goes with it, its life, and the traces of its use.

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

/// The age at which a session that its server holds in memory is replaced, however long it may live.
pub(crate) const REISSUE_AGE: Duration = Duration::from_secs(10 * 3600);

/// No token is used for longer, whatever its server says.
pub(crate) const LONGEST_LIFE: Duration = Duration::from_secs(366 * 24 * 3600);

/// A session that its server holds in memory ends after 2 min without a message (WCF's default); a margin before that
/// it is taken for dead.
pub(crate) const IDLE: Duration = Duration::from_secs(110);

/// A token that its server has issued.
pub(crate) struct SessionToken {
    pub(super) wire: SecurityContextToken,
    pub(super) key: Zeroizing<Vec<u8>>,
    pub(super) life: Life,
    pub(super) jar: Jar,
    /// It has had a reply that did not object to its security.
    proven: AtomicBool,
    /// When it was last used, in milliseconds since 1970.
    used: AtomicU64,
    /// When the last message with it expires, in milliseconds since 1970.
    expires: AtomicU64,
}

/// When a token is good, by this machine's clock.
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
    /// Each expires a millisecond later than the one before, if not more: it is all that the token signs, and a service
    /// that remembers signatures would take a second one of the same millisecond for a replay.
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

    /// The token is used now.
    pub(super) fn touch(&self, now: SystemTime) {
        self.used.fetch_max(milliseconds(now), Ordering::Relaxed);
    }

    /// Time since it was last used.
    pub(super) fn idle(&self, now: SystemTime) -> Duration {
        Duration::from_millis(milliseconds(now).saturating_sub(self.used.load(Ordering::Relaxed)))
    }

    /// The server has accepted the token.
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
    /// The life of a token that arrived now and that lives for this span by its server's clock, which may be minutes off.
    pub(crate) fn new(now: SystemTime, span: Duration, held_by_server: bool) -> Self {
        let span = span.min(LONGEST_LIFE);
        let reissue = span * REISSUE_PERCENT / 100;
        let reissue = if held_by_server { reissue.min(REISSUE_AGE) } else { reissue };
        Self { reissue: now + reissue, end: now + span }
    }
}

/// The identifier and the key would be enough to speak in the caller's name.
impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionToken").field("life", &self.life).field("jar", &self.jar).finish_non_exhaustive()
    }
}
