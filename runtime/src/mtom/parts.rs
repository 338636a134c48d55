//! The parts that an envelope refers to by `xop:Include`.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;

use crate::error::Error;
use crate::limits::XmlLimits;
use crate::mtom::content_id;
use crate::mtom::inline::inline;
use crate::mtom::layout::Layout;
use crate::schema::decode::Includes;
use crate::schema::encode::Attach;
use crate::value::Binary;
use crate::xml::XOP;

/// Parts that have been received, and the references to them that reading an envelope has found.
///
/// A part may be referred to only once, as in WCF: two values from one part would be two copies of unknown size.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    received: HashMap<Id, Received>,
    /// The part that holds the message's stream may come later.
    pub(crate) stream_follows: bool,
    /// Number of parts that may follow. A missing one is recorded, and is read as empty content for now.
    pub(crate) may_follow: usize,
    /// The envelope is read before the parts that it includes.
    items: bool,
    /// The id that the message's stream refers to, if the part was missing.
    pub(crate) stream: Option<Id>,
    /// Other ids that were referred to and missing.
    pub(crate) awaited: HashSet<Id>,
}

/// A content id as it is compared.
type Id = Vec<u8>;

#[derive(Clone, Debug)]
struct Received {
    /// Nothing, once it has been taken.
    content: Option<Binary>,
    /// The white space that it had in the envelope, if it was there.
    layout: Option<Layout>,
}

impl Parts {
    /// No parts, for the items of a list: the parts that they include follow the list.
    pub(crate) fn of_items() -> Self {
        Self { items: true, ..Self::default() }
    }

    /// Adds a received part. Of several with the same id the first counts.
    pub(crate) fn push(&mut self, content_id: &str, content: Binary) {
        let received = Received { content: Some(content), layout: None };
        self.received.entry(content_id::key(content_id).into_owned()).or_insert(received);
    }

    /// Adds content that has been taken out of the envelope.
    pub(crate) fn push_inline(&mut self, id: &str, content: Binary, layout: Layout) {
        self.received.insert(id.as_bytes().to_vec(), Received { content: Some(content), layout: Some(layout) });
    }

    /// The ids of the received parts, sorted.
    #[cfg(test)]
    pub(crate) fn ids(&self) -> Vec<String> {
        let mut ids: Vec<_> = self.received.keys().map(|id| String::from_utf8_lossy(id).into_owned()).collect();
        ids.sort();
        ids
    }

    /// The same parts for another reading, with none of them taken.
    pub(crate) fn again(&self) -> Self {
        Self { received: self.received.clone(), ..Self::default() }
    }
}

impl Includes for Parts {
    fn take(&mut self, href: &str, for_stream: bool) -> Result<Binary, &'static str> {
        let Some(id) = content_id::of_url(href) else { return Err("an xop:Include that refers to no part (cid:)") };
        let id = content_id::key(id);
        let asked_before = self.stream.as_deref() == Some(&*id) || self.awaited.contains(&*id);
        match self.received.get_mut(&*id) {
            Some(received) => received.content.take().ok_or("a part that is referred to twice"),
            None if asked_before => Err("a part that is referred to twice"),
            None if for_stream && self.stream_follows => {
                self.stream = Some(id.into_owned());
                Ok(Binary::default())
            }
            None if self.awaited.len() < self.may_follow => {
                self.awaited.insert(id.into_owned());
                Ok(Binary::default())
            }
            None if self.may_follow > 0 => Err("an envelope that refers to more parts than a package may have"),
            None if self.items => Err("content in a part, which comes behind the list: read this list as a whole"),
            None => Err("an xop:Include that refers to a part that is not there"),
        }
    }

    fn as_written(&self, href: &str, base64: String) -> String {
        let received = content_id::of_url(href).and_then(|id| self.received.get(&*content_id::key(id)));
        let Some(layout) = received.and_then(|received| received.layout.as_ref()) else { return base64 };
        // White space and base64 are ASCII.
        String::from_utf8(layout.text(base64.as_bytes())).unwrap_or(base64)
    }

    fn inline(&mut self, document: Vec<u8>, limits: &XmlLimits, limit: usize) -> Result<Vec<u8>, Error> {
        inline(document.into(), self, limits, limit).map(Into::into)
    }
}

/// Parts to be sent, as an envelope is written that refers to them.
///
/// What is written later, such as a security header, adds its parts to the same collection.
#[derive(Default)]
pub(crate) struct Attachments {
    ids: Ids,
    threshold: usize,
    streams: bool,
    parts: Vec<(String, Bytes)>,
    stream: Option<String>,
}

impl Attachments {
    /// None so far. With `streams`, the message's stream follows the envelope as the last part.
    pub(crate) fn new(ids: Ids, threshold: usize, streams: bool) -> Self {
        Self { ids, threshold, streams, parts: Vec::new(), stream: None }
    }

    fn next_id(&self) -> String {
        self.ids.part(self.parts.len() + usize::from(self.stream.is_some()) + 1)
    }

    /// Ids, the parts in memory, and the id of the stream.
    pub(super) fn into_parts(self) -> (Ids, Vec<(String, Bytes)>, Option<String>) {
        (self.ids, self.parts, self.stream)
    }
}

impl Attach for Attachments {
    fn takes(&self, len: usize) -> bool {
        len >= self.threshold
    }

    fn push(&mut self, content: Bytes) -> String {
        let id = self.next_id();
        let include = include(&id);
        self.parts.push((id, content));
        include
    }

    fn include_stream(&mut self) -> Option<String> {
        self.streams.then(|| {
            let id = self.next_id();
            include(self.stream.insert(id))
        })
    }
}

/// The only child of its element, without white space, and no other attribute: WCF insists on it.
fn include(id: &str) -> String {
    format!(r#"<xop:Include href="cid:{id}" xmlns:xop="{XOP}"/>"#)
}

/// Boundary and content ids of one package, in WCF's form.
///
/// From 128 random bits, so that content holds the boundary neither by chance nor by intent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ids {
    unique: String,
}

impl Ids {
    /// From random octets.
    pub(crate) fn new(random: [u8; 16]) -> Self {
        let hex: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let unique = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
        Self { unique }
    }

    /// 48 of the 70 characters that a boundary may have.
    pub(super) fn boundary(&self) -> String {
        format!("uuid:{}+id=1", self.unique)
    }

    pub(super) fn root(&self) -> &'static str {
        "http://tempuri.org/0"
    }

    fn part(&self, number: usize) -> String {
        format!("http://tempuri.org/{number}/{}", self.unique)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_awaited_than_may_follow() {
        let mut parts = Parts { may_follow: 2, ..Parts::default() };
        assert!(parts.take("cid:1", false).is_ok());
        assert!(parts.take("cid:1", false).unwrap_err().contains("twice"));
        assert!(parts.take("cid:2", false).is_ok());
        assert!(parts.take("cid:3", false).unwrap_err().contains("more parts"));
        assert_eq!(parts.awaited, [b"1".to_vec(), b"2".to_vec()].into());
        assert!(Parts::of_items().take("cid:1", false).unwrap_err().contains("as a whole"));
    }
}
