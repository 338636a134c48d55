//! A pull reader over a document in memory, within limits.

use std::borrow::Cow;

use quick_xml::events::Event;

use crate::error::Error;
use crate::limits::{DECLARATION_BYTES, XmlLimits};
use crate::name::Name;
use crate::xml::scope::{RESERVED, Resolved, Scopes, may_mean};
use crate::xml::{XSI, escape, steps};

mod content;
mod walk;

pub(crate) use content::{CHILD, SimpleContent};
pub(crate) use walk::Edge;

/// Reads one document from front to back.
///
/// After [`next`](Self::next) has returned [`Node::Start`], the reader is *at* that element: its name, attributes and
/// nil state are available, and its content is consumed by exactly one of [`text`](Self::text), [`skip`](Self::skip) or
/// a loop over `next` up to [`Node::End`].
pub struct Reader<'x> {
    /// Length of the byte order mark before the input.
    mark: usize,
    /// Empty if the document is not UTF-8, which the first step tells.
    input: &'x str,
    is_utf8: bool,
    events: quick_xml::Reader<&'x [u8]>,
    scopes: Scopes<'x>,
    depth: u32,
    limits: XmlLimits,
    memory: usize,
    tag: Tag<'x>,
    /// The current element was written `<x/>`: its end comes next.
    ends_at_once: bool,
    /// Text between elements is skipped instead of refused.
    tolerates_text: bool,
    /// What the next step returns again.
    held: Option<Node>,
}

/// The current start tag.
#[derive(Clone, Copy)]
struct Tag<'x> {
    /// Name and attributes, as written between `<` and `>`.
    content: &'x [u8],
    name_len: usize,
    local: &'x [u8],
    namespace: Resolved,
    nil: bool,
    start: usize,
}

/// Namespace, local name and value.
pub(crate) type Attribute<'s, 'x> = (&'s str, &'x str, Cow<'x, str>);

/// What comes next inside an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    /// A child element.
    Start,
    /// The end of the element.
    End,
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("offset", &self.offset()).field("depth", &self.depth).finish_non_exhaustive()
    }
}

impl<'x> Reader<'x> {
    /// A reader at the front of a UTF-8 document.
    pub fn new(document: &'x [u8], limits: &XmlLimits) -> Self {
        Self::with(document, limits, Scopes::default(), 0)
    }

    /// A reader of a piece of a document, inside of `depth` elements with these declarations.
    pub(crate) fn within(piece: &'x [u8], limits: &XmlLimits, around: &'x Scopes<'static>, depth: u32) -> Self {
        Self::with(piece, limits, Scopes::within(around), depth)
    }

    fn with(document: &'x [u8], limits: &XmlLimits, scopes: Scopes<'x>, depth: u32) -> Self {
        steps::count(document.len());
        let without_mark = document.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(document);
        // Checked once here; pieces are sliced from it by offset.
        let input = std::str::from_utf8(without_mark);
        Self {
            mark: document.len() - without_mark.len(),
            input: input.unwrap_or_default(),
            is_utf8: input.is_ok(),
            events: quick_xml::Reader::from_str(input.unwrap_or_default()),
            scopes,
            depth,
            limits: *limits,
            memory: 0,
            tag: Tag { content: b"", name_len: 0, local: b"", namespace: Resolved::None, nil: false, start: 0 },
            ends_at_once: false,
            tolerates_text: false,
            held: None,
        }
    }

    /// Skips text between elements, for documents that are read as far as possible.
    #[must_use]
    pub(crate) fn tolerating_text(mut self) -> Self {
        self.tolerates_text = true;
        self
    }

    /// Number of bytes read.
    pub fn offset(&self) -> usize {
        usize::try_from(self.events.buffer_position()).unwrap_or(usize::MAX)
    }

    /// The next child element or the end of this one.
    ///
    /// # Errors
    /// Text between elements, a DTD, a limit, or XML that is not well-formed.
    #[expect(clippy::should_implement_trait, reason = "a pull reader is no iterator: each step may fail")]
    pub fn next(&mut self) -> Result<Node, Error> {
        if let Some(node) = self.held.take() {
            return Ok(node);
        }
        if self.ends_at_once {
            return Ok(self.leave());
        }
        loop {
            match self.event()? {
                Event::Start(tag) => {
                    let (len, name_len) = (tag.len(), tag.name().as_ref().len());
                    self.enter(len, name_len, 1)?;
                    return Ok(Node::Start);
                }
                Event::Empty(tag) => {
                    let (len, name_len) = (tag.len(), tag.name().as_ref().len());
                    self.enter(len, name_len, 2)?;
                    self.ends_at_once = true;
                    return Ok(Node::Start);
                }
                Event::End(_) => return Ok(self.leave()),
                Event::Text(text) if text.iter().all(u8::is_ascii_whitespace) => {}
                Event::Comment(_) | Event::PI(_) => {}
                // The document is UTF-8 by now, whatever its declaration says.
                Event::Decl(_) if self.depth == 0 => {}
                Event::DocType(_) => return Err(self.error("a document type declaration, which is never read")),
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) if self.tolerates_text => {}
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {
                    return Err(self.error("text between elements"));
                }
                Event::Eof if !self.is_utf8 => return Err(self.error("bytes that are not UTF-8")),
                Event::Eof => return Err(self.error("the document ends inside an element")),
                Event::Decl(_) => return Err(self.error("an XML declaration inside the document")),
            }
        }
    }

    /// Makes [`next`](Self::next) return what it has just returned once more. Nothing may be consumed in between.
    pub(crate) fn hold(&mut self, node: Node) {
        self.held = Some(node);
    }

    /// Checks that nothing follows the root element.
    ///
    /// # Errors
    /// Anything but white space and comments.
    pub fn finish(&mut self) -> Result<(), Error> {
        loop {
            match self.event()? {
                Event::Eof => return Ok(()),
                Event::Text(text) if text.iter().all(u8::is_ascii_whitespace) => {}
                Event::Comment(_) | Event::PI(_) => {}
                _ => return Err(self.error("content after the end of the document")),
            }
        }
    }

    /// Whether the current element has this local name.
    pub fn is_local(&self, local: &str) -> bool {
        self.tag.local == local.as_bytes()
    }

    /// Whether the current element is in this namespace.
    pub fn is_in(&mut self, namespace: &'static str) -> bool {
        self.scopes.is(self.tag.namespace, namespace)
    }

    /// Whether the current element has this name.
    pub fn is(&mut self, name: Name) -> bool {
        self.is_local(name.local) && self.is_in(name.namespace)
    }

    /// The local name of the current element.
    pub(crate) fn local(&self) -> &'x [u8] {
        self.tag.local
    }

    /// Whether the current element says `xsi:nil`.
    pub fn is_nil(&self) -> bool {
        self.tag.nil
    }

    /// Skips the content of the current element.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub fn skip(&mut self) -> Result<(), Error> {
        let outside = self.depth - 1;
        if self.ends_at_once {
            self.leave();
            return Ok(());
        }
        while self.depth > outside {
            match self.event()? {
                Event::Start(_) => self.deeper()?,
                Event::End(_) => {
                    self.leave();
                }
                Event::DocType(_) => return Err(self.error("a document type declaration, which is never read")),
                Event::Eof => return Err(self.error("the document ends inside an element")),
                _ => {}
            }
        }
        Ok(())
    }

    /// The current element with its content, as a document of its own: it carries every declaration in scope.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub(crate) fn fragment(&mut self) -> Result<String, Error> {
        let Tag { content, name_len, start, .. } = self.tag;
        let mut xml = Vec::with_capacity(content.len() + 64);
        xml.push(b'<');
        xml.extend_from_slice(&content[..name_len]);
        for (prefix, namespace) in self.scopes.in_force_outside(self.depth) {
            xml.extend_from_slice(if prefix.is_empty() { b" xmlns" } else { b" xmlns:" });
            xml.extend_from_slice(prefix);
            xml.extend_from_slice(b"=\"");
            escape::push(&mut xml, namespace, escape::Within::Attribute)?;
            xml.push(b'"');
        }
        self.skip()?;
        let rest = start + 1 + name_len..self.offset();
        self.charge(xml.len() + rest.len())?;
        xml.extend_from_slice(&self.input.as_bytes()[rest]);
        steps::count(xml.len());
        String::from_utf8(xml).map_err(|_| self.error("bytes that are not UTF-8"))
    }

    /// The attributes of the current element, declarations and `xsi:` ones left out: namespace, local name, value.
    ///
    /// # Errors
    /// Markup that is not well-formed, or a prefix that nothing declares.
    pub(crate) fn attributes(&self) -> Result<Vec<Attribute<'_, 'x>>, Error> {
        let mut found = Vec::new();
        for attribute in attributes(self.tag.content, self.tag.name_len) {
            let (key, value) = attribute.map_err(|what| self.error(what))?;
            if declared_prefix(key).is_some() {
                continue;
            }
            let (prefix, local) = split(key);
            let namespace = match prefix {
                b"" => Resolved::None,
                _ => self.scopes.resolve(prefix).ok_or_else(|| self.error("a prefix that is not declared"))?,
            };
            let namespace = self.scopes.namespace(namespace);
            if namespace != XSI {
                found.push((namespace, self.utf8(local)?, self.attribute_value(value)?));
            }
        }
        Ok(found)
    }

    /// The value of an attribute without namespace.
    ///
    /// # Errors
    /// As [`attributes`](Self::attributes).
    pub(crate) fn attribute(&self, wanted: &str) -> Result<Option<String>, Error> {
        let found =
            self.attributes()?.into_iter().find(|(namespace, local, _)| namespace.is_empty() && *local == wanted);
        Ok(found.map(|(_, _, value)| value.into_owned()))
    }

    /// `xsi:type` of the current element: namespace and local name.
    pub(crate) fn xsi_type(&mut self) -> Result<Option<(String, String)>, Error> {
        if !self.has_attributes() {
            return Ok(None);
        }
        for attribute in attributes(self.tag.content, self.tag.name_len) {
            let (key, value) = attribute.map_err(|what| self.error(what))?;
            let (prefix, local) = split(key);
            if local == b"type"
                && !prefix.is_empty()
                && self.scopes.resolve(prefix).is_some_and(|found| self.scopes.is(found, XSI))
            {
                let value = self.attribute_value(value)?;
                return self.qname(value.trim()).map(Some);
            }
        }
        Ok(None)
    }

    /// Resolves a prefixed name in content by the declarations of the current element.
    pub(crate) fn qname(&self, text: &str) -> Result<(String, String), Error> {
        let (prefix, local) = text.split_once(':').unwrap_or(("", text));
        let namespace =
            self.scopes.resolve(prefix.as_bytes()).ok_or_else(|| self.error("a prefix that is not declared"))?;
        Ok((self.scopes.namespace(namespace).to_owned(), local.to_owned()))
    }

    /// The declarations of the document that are in force.
    pub(crate) fn scopes(&self) -> &Scopes<'x> {
        &self.scopes
    }

    /// The limits of the document.
    pub(crate) fn limits(&self) -> XmlLimits {
        self.limits
    }

    /// Counts memory that a value is about to take.
    ///
    /// # Errors
    /// More than [`XmlLimits::memory`].
    pub(crate) fn charge(&mut self, bytes: usize) -> Result<(), Error> {
        self.memory = self.memory.saturating_add(bytes);
        if self.memory > self.limits.memory {
            return Err(self.error("the values take more memory than allowed (XmlLimits::memory)"));
        }
        Ok(())
    }

    /// The content of the current element as a prefixed name: its namespace, if the prefix is declared, and the local
    /// name.
    pub(crate) fn qname_content(&mut self) -> Result<(Option<String>, String), Error> {
        let SimpleContent::Text(text) = self.content_to_end()? else { return Err(self.error(CHILD)) };
        let name = self.split_qname(&text);
        // Only now: the end of the element takes its declarations with it.
        self.leave();
        Ok(name)
    }

    /// Resolves a prefixed name by the declarations of the current element. An undeclared prefix gives no namespace.
    pub(crate) fn split_qname(&self, text: &str) -> (Option<String>, String) {
        let (prefix, local) = text.trim().split_once(':').unwrap_or(("", text.trim()));
        let namespace = self.scopes.resolve(prefix.as_bytes()).map(|found| self.scopes.namespace(found).to_owned());
        (namespace, local.to_owned())
    }

    /// Whether the current start tag has attributes.
    pub(crate) fn has_attributes(&self) -> bool {
        self.tag.name_len < self.tag.content.len()
    }

    /// An error at the current position.
    pub(crate) fn error(&self, what: &'static str) -> Error {
        Error::malformed(what).at_offset(self.offset())
    }

    /// An error about the current element, which is not the expected one.
    pub(crate) fn unexpected(&self, what: &'static str) -> Error {
        let (namespace, local) = self.name();
        self.error(what).with_found(namespace, local)
    }

    #[inline(always)]
    fn event(&mut self) -> Result<Event<'x>, Error> {
        match self.events.read_event() {
            Ok(event) => Ok(event),
            // The parser's own message may quote names from the document.
            Err(_) => {
                let offset = usize::try_from(self.events.error_position()).unwrap_or(usize::MAX);
                Err(Error::malformed("XML that is not well-formed").at_offset(offset))
            }
        }
    }

    /// Reads a start tag of `len` bytes between `<` and an end of `tail` bytes.
    fn enter(&mut self, len: usize, name_len: usize, tail: usize) -> Result<(), Error> {
        self.deeper()?;
        let end = self.offset() - tail;
        let start = end - len - 1;
        let content = &self.input.as_bytes()[start + 1..end];
        let (prefix, local) = split(&content[..name_len]);
        self.tag = Tag { content, name_len, local, namespace: Resolved::None, nil: false, start };
        if name_len < len {
            self.read_declarations(content, name_len)?;
        }
        self.tag.namespace = self.scopes.resolve(prefix).ok_or_else(|| self.error("a prefix that is not declared"))?;
        Ok(())
    }

    fn read_declarations(&mut self, content: &'x [u8], name_len: usize) -> Result<(), Error> {
        let mut may_be_nil = false;
        for (count, attribute) in attributes(content, name_len).enumerate() {
            if count >= self.limits.attributes {
                return Err(self.error("more attributes than allowed (XmlLimits::attributes)"));
            }
            let (key, value) = attribute.map_err(|what| self.error(what))?;
            if let Some(prefix) = declared_prefix(key) {
                if self.scopes.len() >= self.limits.declarations {
                    return Err(self.error("more namespace declarations than allowed (XmlLimits::declarations)"));
                }
                let namespace = self.attribute_value(value)?;
                if !may_mean(prefix, &namespace) {
                    return Err(self.error(RESERVED));
                }
                if prefix == b"xml" {
                    continue;
                }
                self.scopes.declare(prefix.into(), namespace, self.depth);
                if self.scopes.bytes() > DECLARATION_BYTES {
                    return Err(self.error("longer namespace declarations than allowed (DECLARATION_BYTES)"));
                }
            } else {
                may_be_nil |= split(key).1 == b"nil";
            }
        }
        // `nil` may stand before the declaration of its prefix.
        if may_be_nil { self.read_nil(content, name_len) } else { Ok(()) }
    }

    fn read_nil(&mut self, content: &'x [u8], name_len: usize) -> Result<(), Error> {
        for (key, value) in attributes(content, name_len).flatten() {
            if let (prefix, b"nil") = split(key)
                && !prefix.is_empty()
                && self.scopes.resolve(prefix).is_some_and(|found| self.scopes.is(found, XSI))
            {
                self.tag.nil = match self.attribute_value(value)?.trim_ascii() {
                    "true" | "1" => true,
                    "false" | "0" => false,
                    _ => return Err(self.error("xsi:nil that is not a boolean")),
                };
            }
        }
        Ok(())
    }

    fn deeper(&mut self) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > self.limits.depth {
            return Err(self.error("elements nested deeper than allowed (XmlLimits::depth)"));
        }
        Ok(())
    }

    fn leave(&mut self) -> Node {
        self.ends_at_once = false;
        self.scopes.leave(self.depth);
        self.depth = self.depth.saturating_sub(1);
        Node::End
    }

    fn attribute_value(&self, raw: &'x [u8]) -> Result<Cow<'x, str>, Error> {
        let text = self.utf8(raw)?;
        escape::attribute_value(text).ok_or_else(|| self.error("an attribute value that is not well-formed"))
    }

    /// The text of a piece of the document, found by where it lies.
    fn cut(&self, bytes: &'x [u8]) -> Result<&'x str, Error> {
        let start = (bytes.as_ptr() as usize).wrapping_sub(self.input.as_ptr() as usize);
        self.input.get(start..start.wrapping_add(bytes.len())).ok_or_else(|| self.error("bytes that are not UTF-8"))
    }

    fn utf8<'s>(&self, bytes: &'s [u8]) -> Result<&'s str, Error> {
        std::str::from_utf8(bytes).map_err(|_| self.error("bytes that are not UTF-8"))
    }
}

/// Key and raw value of each attribute in a start tag.
pub(super) fn attributes(
    content: &[u8],
    name_len: usize,
) -> impl Iterator<Item = Result<(&[u8], &[u8]), &'static str>> {
    steps::count(content.len());
    let text = std::str::from_utf8(content).unwrap_or_default();
    quick_xml::events::attributes::Attributes::new(text, name_len.min(text.len())).map(|attribute| match attribute {
        Ok(attribute) => match attribute.value {
            Cow::Borrowed(value) => Ok((attribute.key.into_inner(), value)),
            Cow::Owned(_) => Err("an attribute that is not well-formed"),
        },
        Err(_) => Err("an attribute that is not well-formed"),
    })
}

/// Prefix and local name; no prefix is the empty one.
pub(super) fn split(name: &[u8]) -> (&[u8], &[u8]) {
    match name.iter().position(|byte| *byte == b':') {
        Some(at) => (&name[..at], &name[at + 1..]),
        None => (b"", name),
    }
}

/// The prefix that an attribute declares, if it is a namespace declaration.
pub(super) fn declared_prefix(key: &[u8]) -> Option<&[u8]> {
    match key.strip_prefix(b"xmlns")? {
        b"" => Some(b""),
        rest => rest.strip_prefix(b":"),
    }
}
