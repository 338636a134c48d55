//! The Timestamp of a Security header: when a message was created and when it expires.

use std::time::{Duration, SystemTime};

use crate::error::Error;
use crate::name::Name;
use crate::security::instant;
use crate::security::names::UTILITY;
use crate::xml::{Node, Reader};

/// Time until a message expires. WCF's default.
pub const TIMESTAMP_TTL: Duration = Duration::from_secs(5 * 60);

/// How far two clocks may be apart. WCF's default.
pub const CLOCK_SKEW: Duration = Duration::from_secs(5 * 60);

/// Oldest age of a message that is accepted, even if it expires later. WCF's default.
pub const REPLAY_WINDOW: Duration = Duration::from_secs(5 * 60);

/// The identifier of our Timestamps, by which a signature refers to them.
pub(crate) const TIMESTAMP_ID: &str = "_0";

/// Two points in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timestamp {
    pub(crate) created: SystemTime,
    pub(crate) expires: SystemTime,
}

impl Timestamp {
    /// The Timestamp of a message created now.
    pub(crate) fn new(now: SystemTime) -> Self {
        Self { created: now, expires: now + TIMESTAMP_TTL }
    }

    /// The element as written in a message, where `u` is declared further out.
    pub(crate) fn element(&self) -> String {
        self.markup("")
    }

    /// The same in canonical form, which is what is hashed: `u` is declared on the element itself.
    ///
    /// A test compares it with the canonical form of [`element`](Self::element).
    #[cfg(feature = "secure-conversation")]
    pub(crate) fn canonical(&self) -> String {
        self.markup(&format!(" xmlns:u=\"{UTILITY}\""))
    }

    fn markup(&self, declaration: &str) -> String {
        let (created, expires) = (instant::text(self.created), instant::text(self.expires));
        [
            "<u:Timestamp",
            declaration,
            " u:Id=\"",
            TIMESTAMP_ID,
            "\"><u:Created>",
            &created,
            "</u:Created><u:Expires>",
            &expires,
            "</u:Expires></u:Timestamp>",
        ]
        .concat()
    }

    /// Reads the current element. As strict as WCF: Created, then Expires, and nothing else.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let created = Self::read_instant("Created", "a Timestamp without Created first", reader)?;
        let expires = Self::read_instant("Expires", "a Timestamp without Expires after Created", reader)?;
        match reader.next()? {
            Node::End => Ok(Self { created, expires }),
            Node::Start => Err(reader.error("a Timestamp with something else than Created and Expires")),
        }
    }

    fn read_instant(local: &'static str, missing: &'static str, reader: &mut Reader<'_>) -> Result<SystemTime, Error> {
        if reader.next()? != Node::Start || !reader.is(Name::new(UTILITY, local)) {
            return Err(reader.error(missing));
        }
        let text = reader.text()?;
        instant::parse(&text).ok_or_else(|| reader.error("a Timestamp that is no time in UTC"))
    }

    /// Why it is not valid at this time, if so.
    pub(crate) fn unmet(&self, now: SystemTime, skew: Duration) -> Option<String> {
        let minutes = skew.as_secs() / 60;
        if self.expires < self.created {
            return Some("its Timestamp expires before it was created".to_owned());
        }
        // Nothing is added to a time from a message, which may be the latest that can be represented.
        let is_past = |time: SystemTime, by: Duration| now.duration_since(time).is_ok_and(|ago| ago >= by);
        if is_past(self.expires, skew) {
            return Some(format!("its Timestamp expired more than {minutes} min ago by this machine's clock"));
        }
        if self.created.duration_since(now).is_ok_and(|ahead| ahead >= skew) {
            return Some(format!("its Timestamp is more than {minutes} min in the future by this machine's clock"));
        }
        let oldest = REPLAY_WINDOW.saturating_add(skew);
        if is_past(self.created, oldest) {
            let minutes = oldest.as_secs() / 60;
            return Some(format!("its Timestamp is more than {minutes} min old by this machine's clock"));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::XmlLimits;

    fn read(content: &str) -> Result<Timestamp, Error> {
        let document = format!("<u:Timestamp xmlns:u='{UTILITY}'>{content}</u:Timestamp>");
        let mut reader = Reader::new(document.as_bytes(), &XmlLimits::default());
        reader.next()?;
        Timestamp::read(&mut reader)
    }

    fn instant(text: &str) -> SystemTime {
        instant::parse(text).unwrap()
    }

    #[test]
    fn only_created_and_expires_in_this_order() {
        let (created, expires) =
            ("<u:Created>2024-01-15T10:00:00.1234567Z</u:Created>", "<u:Expires>2024-01-15T10:05:00Z</u:Expires>");
        let stamp = read(&format!("{created} {expires}")).unwrap();
        assert_eq!(stamp.expires, instant("2024-01-15T10:05:00Z"));
        for wrong in [
            String::new(),
            created.to_owned(),
            format!("{expires}{created}"),
            format!("{created}{expires}{expires}"),
            format!("{created}<Expires/>"),
        ] {
            assert!(read(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_window_is_wcfs() {
        let now = instant("2024-01-15T10:00:00Z");
        let at = |created: &str, expires: &str| {
            Timestamp { created: instant(created), expires: instant(expires) }.unmet(now, CLOCK_SKEW)
        };
        assert_eq!(at("2024-01-15T10:00:00Z", "2024-01-15T10:05:00Z"), None);
        assert_eq!(at("2024-01-15T09:50:01Z", "2024-01-15T09:55:01Z"), None);
        assert_eq!(at("2024-01-15T10:04:59Z", "2024-01-15T10:09:59Z"), None);
        assert!(at("2024-01-15T10:05:00Z", "2024-01-15T10:10:00Z").unwrap().contains("future"));
        assert!(at("2024-01-15T09:50:00Z", "2024-01-15T09:55:00Z").unwrap().contains("expired"));
        assert!(at("2024-01-15T09:50:00Z", "2024-01-15T19:00:00Z").unwrap().contains("old"));
        assert!(at("2024-01-15T10:00:00Z", "2024-01-15T09:59:59Z").unwrap().contains("before it was created"));
        // Far away, and without limit.
        let last = "9999-12-31T23:59:59Z";
        assert_eq!(at("2024-01-15T10:00:00Z", last), None);
        assert!(at(last, last).unwrap().contains("future"));
        let believed = Timestamp { created: now, expires: now };
        assert_eq!(believed.unmet(now, Duration::MAX), None);
    }
}
