//! A security context token: what a session is known by, and the key that proves it is ours.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use zeroize::Zeroizing;

use crate::client::auth::cookies::Jar;
use crate::mtom::parts::Attachments;
use crate::schema::encode::Attach;
use crate::security::names::MICROSOFT;
use crate::security::timestamp::Timestamp;
use crate::security::trust::version::Version;
use crate::value::base64_bytes;
use crate::xml::escape::{self, Within};

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

/// A token as its server issued it.
pub(crate) struct ContextToken {
    /// Its `u:Id`: to be repeated in every message, as the server keeps it inside the cookie.
    pub(crate) id: String,
    pub(crate) identifier: String,
    pub(crate) instance: Option<String>,
    /// The whole element, as it goes into every message. It may use the prefix `u`.
    element: String,
    /// Where in it the cookie stands, and its octets.
    cookie: Option<(Range<usize>, Bytes)>,
    pub(crate) key: Zeroizing<Vec<u8>>,
    pub(crate) life: Life,
    pub(crate) jar: Jar,
    /// It has had a reply that was no complaint.
    proven: AtomicBool,
    /// Milliseconds since 1970.
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

/// The parts of a token, as its server wrote them.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) id: String,
    pub(crate) identifier: String,
    pub(crate) instance: Option<String>,
    /// The server's state in base64, which only the server can read.
    pub(crate) cookie: Option<String>,
    /// What else stood in the token, each a document of its own.
    pub(crate) others: Vec<String>,
}

impl ContextToken {
    pub(crate) fn new(version: &Version, parts: Parts, key: Zeroizing<Vec<u8>>, life: Life, now: SystemTime) -> Self {
        let (element, cookie) = parts.element(version);
        let Parts { id, identifier, instance, .. } = parts;
        Self {
            id,
            identifier,
            instance,
            element,
            cookie,
            key,
            life,
            jar: Jar::default(),
            proven: AtomicBool::new(false),
            used: AtomicU64::new(milliseconds(now)),
            expires: AtomicU64::default(),
        }
    }

    /// The whole element, as its server wrote it. It may use the prefix `u`.
    ///
    /// In a package, a long cookie goes as a part of its own: no signature covers it.
    pub(crate) fn element(&self, attachments: Option<&mut Attachments>) -> Cow<'_, str> {
        match (attachments, &self.cookie) {
            (Some(attachments), Some((place, octets))) if attachments.takes(octets.len()) => {
                let include = attachments.push(octets.clone());
                Cow::Owned([&self.element[..place.start], &include, &self.element[place.end..]].concat())
            }
            _ => Cow::Borrowed(&self.element),
        }
    }

    /// The Timestamp of a message made now.
    ///
    /// Each expires a millisecond later than the one before, if not more: it is all that the token signs, and a service
    /// that remembers signatures would take a second one of the same millisecond for a replay.
    pub(crate) fn timestamp(&self, now: SystemTime) -> Timestamp {
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

    /// Notes that the token is about to be used.
    pub(crate) fn touch(&self, now: SystemTime) {
        self.used.fetch_max(milliseconds(now), Ordering::Relaxed);
    }

    /// Time since it was last used.
    pub(crate) fn idle(&self, now: SystemTime) -> Duration {
        Duration::from_millis(milliseconds(now).saturating_sub(self.used.load(Ordering::Relaxed)))
    }

    /// Notes that a server accepted the token.
    pub(crate) fn prove(&self) {
        self.proven.store(true, Ordering::Relaxed);
    }

    /// Whether a server has accepted the token before.
    pub(crate) fn is_proven(&self) -> bool {
        self.proven.load(Ordering::Relaxed)
    }

    /// The attributes by which a message outside of the session names it.
    pub(crate) fn external_reference(&self, version: &Version) -> String {
        let mut reference = String::from("URI=\"");
        push(&mut reference, &self.identifier, Within::Attribute);
        reference.push('"');
        if let Some(instance) = &self.instance {
            reference.push_str(" c:Instance=\"");
            push(&mut reference, instance, Within::Attribute);
            reference.push_str("\" xmlns:c=\"");
            reference.push_str(version.conversation);
            reference.push('"');
        }
        reference
    }
}

impl Parts {
    /// The element, and where the cookie stands in it, with its octets if they can be told from base64.
    fn element(&self, version: &Version) -> (String, Option<(Range<usize>, Bytes)>) {
        let mut place = None;
        let mut element = String::from("<c:SecurityContextToken u:Id=\"");
        push(&mut element, &self.id, Within::Attribute);
        element.push_str("\" xmlns:c=\"");
        element.push_str(version.conversation);
        element.push_str("\"><c:Identifier>");
        push(&mut element, &self.identifier, Within::Element);
        element.push_str("</c:Identifier>");
        if let Some(instance) = &self.instance {
            element.push_str("<c:Instance>");
            push(&mut element, instance, Within::Element);
            element.push_str("</c:Instance>");
        }
        if let Some(cookie) = &self.cookie {
            element.push_str("<Cookie xmlns=\"");
            element.push_str(MICROSOFT);
            element.push_str("\">");
            let start = element.len();
            push(&mut element, cookie, Within::Element);
            place = base64_bytes(cookie).map(|octets| (start..element.len(), octets.into()));
            element.push_str("</Cookie>");
        }
        for other in &self.others {
            element.push_str(other);
        }
        element.push_str("</c:SecurityContextToken>");
        (element, place)
    }
}

/// What came out of a document goes back into one: no character of it is forbidden.
fn push(out: &mut String, text: &str, place: Within) {
    let mut escaped = Vec::with_capacity(text.len());
    let _ = escape::push(&mut escaped, text, place);
    out.push_str(&String::from_utf8_lossy(&escaped));
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

impl Life {
    /// Of a token that arrived now and says from when to when it lives.
    ///
    /// Only the span is taken from the server: two clocks that differ by minutes are allowed.
    pub(crate) fn new(now: SystemTime, span: Duration, held_in_memory: bool) -> Self {
        let span = span.min(LONGEST_LIFE);
        let reissue = span * REISSUE_PERCENT / 100;
        let reissue = if held_in_memory { reissue.min(REISSUE_AGE) } else { reissue };
        Self { reissue: now + reissue, end: now + span }
    }
}

/// The identifier and the key would be enough to speak in the caller's name.
impl fmt::Debug for ContextToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextToken").field("life", &self.life).field("jar", &self.jar).finish_non_exhaustive()
    }
}
