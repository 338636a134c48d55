//! A whole document in memory, with everything that its canonical form depends on: prefixes, declarations, white space.
//!
//! Messages are not read this way ([`Reader`](super::Reader) does that); it is for documents that are hashed in
//! canonical form.

use std::sync::Arc;

use quick_xml::events::Event;

use crate::error::Error;
use crate::limits::{DECLARATION_BYTES, XmlLimits};
use crate::xml::escape;
use crate::xml::reader::{attributes, declared_prefix, split};
use crate::xml::scope::{RESERVED, Resolved, Scopes, may_mean};

/// An element with what it holds.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) prefix: String,
    pub(crate) local: String,
    /// Shared with all whose prefix is declared in the same place.
    pub(crate) namespace: Arc<str>,
    /// Prefixes declared here and their namespaces; empty for the default, either of them.
    pub(crate) declarations: Vec<(String, String)>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) children: Vec<Child>,
}

#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) prefix: String,
    pub(crate) local: String,
    pub(crate) namespace: Arc<str>,
    pub(crate) value: String,
}

/// What stands in an element. Comments are dropped: no canonical form that is used here keeps them.
#[derive(Debug)]
pub(crate) enum Child {
    Element(Element),
    Text(String),
    /// A processing instruction: target and content.
    Instruction(String, String),
}

impl Element {
    /// The root of a document.
    ///
    /// # Errors
    /// A DTD, a limit, or a document that is not well-formed.
    pub(crate) fn parse(document: &[u8], limits: &XmlLimits) -> Result<Self, Error> {
        let input = document.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(document);
        let mut parser = Parser {
            events: quick_xml::Reader::from_reader(input),
            open: Vec::new(),
            scopes: Scopes::default(),
            namespaces: Vec::new(),
            memory: 0,
            limits,
        };
        parser.document()
    }

    /// Whether this is the element's name.
    pub(crate) fn is(&self, namespace: &str, local: &str) -> bool {
        self.local == local && *self.namespace == *namespace
    }

    /// The child elements.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|child| match child {
            Child::Element(element) => Some(element),
            _ => None,
        })
    }

    /// The first child element of this name.
    pub(crate) fn child(&self, namespace: &str, local: &str) -> Option<&Element> {
        self.elements().find(|element| element.is(namespace, local))
    }

    /// The value of an attribute.
    pub(crate) fn attribute(&self, namespace: &str, local: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|found| found.local == local && *found.namespace == *namespace);
        found.map(|found| found.value.as_str())
    }

    /// The text in it, without that of child elements.
    pub(crate) fn text(&self) -> String {
        let text = |child: &Child| match child {
            Child::Text(text) => Some(text.clone()),
            _ => None,
        };
        self.children.iter().filter_map(text).collect()
    }
}

struct Parser<'x> {
    events: quick_xml::Reader<&'x [u8]>,
    /// Elements whose end has not come, outermost first.
    open: Vec<Element>,
    scopes: Scopes<'static>,
    /// The namespace of each declaration in scope.
    namespaces: Vec<Arc<str>>,
    /// Bytes that the elements take.
    memory: usize,
    limits: &'x XmlLimits,
}

impl Parser<'_> {
    fn document(&mut self) -> Result<Element, Error> {
        let mut root = None;
        loop {
            let event = self.events.read_event().map_err(|_| self.error("XML that is not well-formed"))?;
            match event {
                Event::Start(tag) => {
                    let element = self.element(&tag, tag.name().as_ref().len(), root.is_some())?;
                    self.open.push(element);
                }
                Event::Empty(tag) => {
                    let element = self.element(&tag, tag.name().as_ref().len(), root.is_some())?;
                    self.close(element, &mut root);
                }
                // The parser has checked that the names agree.
                Event::End(_) => {
                    let element = self.open.pop().ok_or_else(|| self.error("XML that is not well-formed"))?;
                    self.close(element, &mut root);
                }
                Event::Text(text) => self.text(&text.into_inner())?,
                Event::CData(text) => self.text(&text.into_inner())?,
                Event::GeneralRef(reference) => {
                    let character = escape::resolve(&reference)
                        .ok_or_else(|| self.error("a reference to an entity that XML does not define"))?;
                    self.push_text(character.encode_utf8(&mut [0; 4]))?;
                }
                Event::PI(instruction) => {
                    let text = self.utf8(&instruction)?;
                    let (target, content) = text.split_once([' ', '\t', '\r', '\n']).unwrap_or((text, ""));
                    self.charge(size_of::<Child>() + text.len())?;
                    let child = Child::Instruction(target.to_owned(), content.trim_start().to_owned());
                    // Outside of the root nothing is ever signed.
                    if let Some(parent) = self.open.last_mut() {
                        parent.children.push(child);
                    }
                }
                Event::DocType(_) => return Err(self.error("a document type declaration, which is never read")),
                Event::Comment(_) | Event::Decl(_) => {}
                Event::Eof if self.open.is_empty() => {
                    return root.ok_or_else(|| self.error("a document without an element"));
                }
                Event::Eof => return Err(self.error("the document ends inside an element")),
            }
        }
    }

    fn close(&mut self, element: Element, root: &mut Option<Element>) {
        self.scopes.leave(self.depth());
        self.namespaces.truncate(self.scopes.len());
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Child::Element(element)),
            None => *root = Some(element),
        }
    }

    fn element(&mut self, content: &[u8], name_len: usize, second: bool) -> Result<Element, Error> {
        if second && self.open.is_empty() {
            return Err(self.error("content after the end of the document"));
        }
        let depth = self.depth();
        if depth > self.limits.depth {
            return Err(self.error("elements nested deeper than allowed (XmlLimits::depth)"));
        }
        let (mut declarations, mut read) = (Vec::new(), Vec::new());
        for (count, attribute) in attributes(content, name_len).enumerate() {
            if count >= self.limits.attributes {
                return Err(self.error("more attributes than allowed (XmlLimits::attributes)"));
            }
            let (key, value) = attribute.map_err(|what| self.error(what))?;
            let value = escape::attribute_value(self.utf8(value)?)
                .ok_or_else(|| self.error("an attribute value that is not well-formed"))?
                .into_owned();
            match declared_prefix(key) {
                Some(prefix) => declarations.push((self.utf8(prefix)?.to_owned(), value)),
                None => read.push((key, value)),
            }
        }
        for (prefix, namespace) in &declarations {
            self.declare(prefix, namespace, depth)?;
        }
        let (prefix, local) = split(&content[..name_len]);
        let mut element = Element {
            prefix: self.utf8(prefix)?.to_owned(),
            local: self.utf8(local)?.to_owned(),
            namespace: self.namespace(prefix)?,
            declarations,
            attributes: Vec::with_capacity(read.len()),
            children: Vec::new(),
        };
        for (key, value) in read {
            let (prefix, local) = split(key);
            let namespace = if prefix.is_empty() { "".into() } else { self.namespace(prefix)? };
            let (prefix, local) = (self.utf8(prefix)?.to_owned(), self.utf8(local)?.to_owned());
            element.attributes.push(Attribute { prefix, local, namespace, value });
        }
        self.charge(size_of::<Child>() + content.len() + size_of::<Attribute>() * element.attributes.len())?;
        Ok(element)
    }

    /// The depth of an element that is about to be opened, or is open no more.
    fn depth(&self) -> u32 {
        u32::try_from(self.open.len() + 1).unwrap_or(u32::MAX)
    }

    fn declare(&mut self, prefix: &str, namespace: &str, depth: u32) -> Result<(), Error> {
        if self.scopes.len() >= self.limits.declarations {
            return Err(self.error("more namespace declarations than allowed (XmlLimits::declarations)"));
        }
        if !may_mean(prefix.as_bytes(), namespace) {
            return Err(self.error(RESERVED));
        }
        self.scopes.declare(prefix.as_bytes().to_vec().into(), namespace.to_owned().into(), depth);
        self.namespaces.push(namespace.into());
        if self.scopes.bytes() > DECLARATION_BYTES {
            return Err(self.error("longer namespace declarations than allowed (DECLARATION_BYTES)"));
        }
        Ok(())
    }

    /// What a prefix means inside an element that is about to be opened.
    fn namespace(&self, prefix: &[u8]) -> Result<Arc<str>, Error> {
        match self.scopes.resolve(prefix) {
            Some(Resolved::Here(at)) => Ok(Arc::clone(&self.namespaces[at])),
            Some(Resolved::None) if !prefix.is_empty() => Err(self.error("a prefix that is not declared")),
            Some(other) => Ok(self.scopes.namespace(other).into()),
            None => Err(self.error("a prefix that is not declared")),
        }
    }

    /// Counts memory.
    fn charge(&mut self, bytes: usize) -> Result<(), Error> {
        self.memory = self.memory.saturating_add(bytes);
        if self.memory > self.limits.memory {
            return Err(self.error("the document takes more memory than allowed (XmlLimits::memory)"));
        }
        Ok(())
    }

    fn text(&mut self, raw: &[u8]) -> Result<(), Error> {
        let text = escape::line_ends(self.utf8(raw)?.into());
        self.push_text(&text)
    }

    fn push_text(&mut self, text: &str) -> Result<(), Error> {
        // A text is in one node, in however many pieces it comes.
        let last = self.open.last().and_then(|parent| parent.children.last());
        let node = if matches!(last, Some(Child::Text(_))) { 0 } else { size_of::<Child>() };
        self.charge(node + text.len())?;
        match self.open.last_mut().map(|parent| &mut parent.children) {
            None if text.trim_ascii().is_empty() => {}
            None => return Err(self.error("text outside of the document")),
            Some(children) => match children.last_mut() {
                Some(Child::Text(before)) => before.push_str(text),
                _ => children.push(Child::Text(text.to_owned())),
            },
        }
        Ok(())
    }

    fn utf8<'s>(&self, bytes: &'s [u8]) -> Result<&'s str, Error> {
        std::str::from_utf8(bytes).map_err(|_| self.error("bytes that are not UTF-8"))
    }

    fn error(&self, what: &'static str) -> Error {
        Error::malformed(what).at_offset(usize::try_from(self.events.buffer_position()).unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(document: &str, memory: usize) -> Result<Element, Error> {
        Element::parse(document.as_bytes(), &XmlLimits { memory, ..XmlLimits::default() })
    }

    /// Nodes are counted, and not the pieces in which a text comes.
    #[test]
    fn memory_is_counted_by_what_is_kept() {
        let instructions = format!("<a>{}</a>", "<?b?>".repeat(1000));
        assert!(parsed(&instructions, 10_000).unwrap_err().to_string().contains("XmlLimits::memory"));
        let references = format!("<a>{}</a>", "&lt;x".repeat(1000));
        assert_eq!(parsed(&references, 10_000).unwrap().text().len(), 2000);
    }
}
