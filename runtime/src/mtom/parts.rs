//! The parts beside an envelope: those that it refers to by `xop:Include`, and attachments.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use bytes::Bytes;

use crate::error::Error;
use crate::limits::XmlLimits;
use crate::mtom::content_id;
use crate::mtom::inline::inline;
use crate::mtom::layout::Layout;
use crate::mtom::part_head::PartHead;
use crate::schema::decode::Includes;
use crate::schema::encode::Attach;
use crate::value::{Attachment, Binary};
use crate::xml::XOP;

/// Parts that have been received, and the references to them that reading an envelope has found.
///
/// A part may be referred to only once, as in WCF: two values from one part would be two copies of unknown size.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// In the order of the package.
    received: Vec<Received>,
    /// Their indices.
    by_id: HashMap<Id, usize>,
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
    id: Option<Id>,
    /// As its head states it.
    media_type: Option<String>,
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

    /// Adds a received part. An envelope refers to the first of several with the same id.
    pub(crate) fn push(&mut self, head: PartHead, content: Binary) {
        let id = head.content_id.map(|id| content_id::key(&id).into_owned());
        if let Some(id) = &id {
            self.by_id.entry(id.clone()).or_insert(self.received.len());
        }
        self.received.push(Received { id, media_type: head.content_type, content: Some(content), layout: None });
    }

    /// Adds content that has been taken out of the envelope.
    pub(crate) fn push_inline(&mut self, id: &str, content: Binary, layout: Layout) {
        self.by_id.insert(id.as_bytes().to_vec(), self.received.len());
        self.received.push(Received { id: None, media_type: None, content: Some(content), layout: Some(layout) });
    }

    fn find(&self, id: &[u8]) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// Whether the part that a URL refers to has been received.
    #[cfg(all(feature = "server", feature = "secure-conversation"))]
    pub(crate) fn has(&self, href: &str) -> bool {
        content_id::of_url(href).is_some_and(|id| self.find(&content_id::key(id)).is_some())
    }

    /// The ids of the received parts, sorted.
    #[cfg(test)]
    pub(crate) fn ids(&self) -> Vec<String> {
        let mut ids: Vec<_> = self.by_id.keys().map(|id| String::from_utf8_lossy(id).into_owned()).collect();
        ids.sort();
        ids
    }

    /// The same parts for another reading, with none of them taken.
    pub(crate) fn again(&self) -> Self {
        Self { received: self.received.clone(), by_id: self.by_id.clone(), ..Self::default() }
    }
}

impl Includes for Parts {
    fn take(&mut self, href: &str, for_stream: bool) -> Result<Binary, &'static str> {
        let Some(id) = content_id::of_url(href) else { return Err("an xop:Include that refers to no part (cid:)") };
        let id = content_id::key(id);
        let asked_before = self.stream.as_deref() == Some(&*id) || self.awaited.contains(&*id);
        match self.find(&id) {
            Some(at) => self.received[at].content.take().ok_or("a part that is referred to twice"),
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

    fn attachments(&mut self, names: &[&str]) -> Result<Vec<Option<Attachment>>, &'static str> {
        let index: HashMap<&[u8], usize> = names.iter().enumerate().map(|(at, name)| (name.as_bytes(), at)).collect();
        let is_beside = |part: &&mut Received| part.content.is_some() && part.layout.is_none();
        let parts: Vec<&mut Received> = self.received.iter_mut().filter(is_beside).collect();
        let named = |part: &Received| index.get(content_id::part_name(part.id.as_ref()?)).copied();
        let has_names = parts.iter().any(|part| named(part).is_some());
        let mut found = vec![None; names.len()];
        for (place, part) in parts.into_iter().enumerate() {
            let place = if has_names { named(part) } else { Some(place) };
            let Some(place) = place.and_then(|place| found.get_mut(place)) else { continue };
            if place.is_some() {
                return Err("two attachments for one part of the message");
            }
            *place = part.content.take().map(|content| Attachment { content, media_type: part.media_type.clone() });
        }
        Ok(found)
    }

    fn as_written(&self, href: &str, base64: String) -> String {
        let found = content_id::of_url(href).and_then(|id| self.find(&content_id::key(id)));
        let Some(layout) = found.and_then(|at| self.received[at].layout.as_ref()) else { return base64 };
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
    /// Content of so many octets is included; without, the envelope includes nothing.
    threshold: Option<usize>,
    streams: bool,
    parts: Vec<Part>,
    stream: Option<String>,
}

/// A part that is sent.
pub(super) struct Part {
    pub(super) id: String,
    pub(super) media_type: Cow<'static, str>,
    pub(super) content: Bytes,
}

/// The media type of what an envelope includes.
pub(super) const OCTETS: &str = "application/octet-stream";

impl Attachments {
    /// None so far. With `streams`, the message's stream follows the envelope as the last part.
    pub(crate) fn new(ids: Ids, threshold: usize, streams: bool) -> Self {
        Self { ids, threshold: Some(threshold), streams, parts: Vec::new(), stream: None }
    }

    /// None so far, and nothing that the envelope includes: it is no document of XOP.
    pub(crate) fn without_includes(ids: Ids) -> Self {
        Self { ids, ..Self::default() }
    }

    /// Whether the envelope is a document of XOP.
    pub(super) fn is_xop(&self) -> bool {
        self.threshold.is_some()
    }

    fn next_id(&self) -> String {
        self.ids.part(self.parts.len() + usize::from(self.stream.is_some()) + 1)
    }

    /// Ids, the parts in memory, and the id of the stream.
    pub(super) fn into_parts(self) -> (Ids, Vec<Part>, Option<String>) {
        (self.ids, self.parts, self.stream)
    }
}

impl Attach for Attachments {
    fn takes(&self, len: usize) -> bool {
        self.threshold.is_some_and(|threshold| len >= threshold)
    }

    fn push(&mut self, content: Bytes) -> String {
        let id = self.next_id();
        let include = include(&id);
        self.parts.push(Part { id, media_type: Cow::Borrowed(OCTETS), content });
        include
    }

    fn attach(&mut self, name: &str, media_type: &str, content: Bytes) {
        let id = content_id::of_part(name, &self.ids.unique);
        self.parts.push(Part { id, media_type: Cow::Owned(media_type.to_owned()), content });
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

    /// The root of a document of XOP is named as WCF names it, and else as the mail standards have it.
    pub(super) fn root(&self, is_xop: bool) -> Cow<'static, str> {
        match is_xop {
            true => Cow::Borrowed("http://tempuri.org/0"),
            false => Cow::Owned(content_id::of_root(&self.unique)),
        }
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
