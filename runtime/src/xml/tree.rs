//! A whole document in memory, with everything that its canonical form depends on: prefixes, declarations, white space.
//!
//! Messages are not read this way ([`Reader`](super::Reader) does that); it is for documents that are hashed in
//! canonical form.

use std::borrow::Cow;

use quick_xml::events::Event;

use crate::error::Error;
use crate::limits::XmlLimits;
use crate::xml::XML;
use crate::xml::escape;
use crate::xml::reader::{attributes, declared_prefix, split};

/// An element with what it holds.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) prefix: String,
    pub(crate) local: String,
    pub(crate) namespace: String,
    /// Prefixes declared here and their namespaces; empty for the default, either of them.
    pub(crate) declarations: Vec<(String, String)>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) children: Vec<Child>,
}

#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) prefix: String,
    pub(crate) local: String,
    pub(crate) namespace: String,
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
    /// A DTD, nesting deeper than the limit, or a document that is not well-formed.
    pub(crate) fn parse(document: &[u8], limits: &XmlLimits) -> Result<Self, Error> {
        let input = document.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(document);
        let mut parser = Parser { events: quick_xml::Reader::from_reader(input), open: Vec::new(), limits };
        parser.document()
    }

    /// Whether this is the element's name.
    pub(crate) fn is(&self, namespace: &str, local: &str) -> bool {
        self.local == local && self.namespace == namespace
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
        let found = self.attributes.iter().find(|found| found.local == local && found.namespace == namespace);
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
                    if self.open.len() > self.limits.depth as usize {
                        return Err(self.error("elements nested deeper than allowed (XmlLimits::depth)"));
                    }
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
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Child::Element(element)),
            None => *root = Some(element),
        }
    }

    fn element(&self, content: &[u8], name_len: usize, second: bool) -> Result<Element, Error> {
        if second && self.open.is_empty() {
            return Err(self.error("content after the end of the document"));
        }
        let mut element = Element {
            prefix: String::new(),
            local: String::new(),
            namespace: String::new(),
            declarations: Vec::new(),
            attributes: Vec::new(),
            children: Vec::new(),
        };
        for attribute in attributes(content, name_len) {
            let (key, value) = attribute.map_err(|what| self.error(what))?;
            let value = escape::attribute_value(self.utf8(value)?)
                .ok_or_else(|| self.error("an attribute value that is not well-formed"))?
                .into_owned();
            if let Some(prefix) = declared_prefix(key) {
                element.declarations.push((self.utf8(prefix)?.to_owned(), value));
            } else {
                let (prefix, local) = split(key);
                let (prefix, local) = (self.utf8(prefix)?.to_owned(), self.utf8(local)?.to_owned());
                element.attributes.push(Attribute { prefix, local, namespace: String::new(), value });
            }
        }
        for at in 0..element.attributes.len() {
            let prefix = &element.attributes[at].prefix;
            if !prefix.is_empty() {
                element.attributes[at].namespace = self.namespace(&element, prefix)?.into_owned();
            }
        }
        let (prefix, local) = split(&content[..name_len]);
        (element.prefix, element.local) = (self.utf8(prefix)?.to_owned(), self.utf8(local)?.to_owned());
        element.namespace = self.namespace(&element, &element.prefix)?.into_owned();
        Ok(element)
    }

    /// What a prefix means inside an element that is about to be opened.
    fn namespace<'s>(&'s self, element: &'s Element, prefix: &str) -> Result<Cow<'s, str>, Error> {
        if prefix == "xml" {
            return Ok(Cow::Borrowed(XML));
        }
        let declared = std::iter::once(element)
            .chain(self.open.iter().rev())
            .find_map(|element| element.declarations.iter().find(|(declared, _)| declared == prefix));
        match declared {
            Some((_, namespace)) if !namespace.is_empty() || prefix.is_empty() => Ok(Cow::Borrowed(namespace)),
            None if prefix.is_empty() => Ok(Cow::Borrowed("")),
            _ => Err(self.error("a prefix that is not declared")),
        }
    }

    fn text(&mut self, raw: &[u8]) -> Result<(), Error> {
        let text = self.utf8(raw)?.replace("\r\n", "\n").replace('\r', "\n");
        self.push_text(&text)
    }

    fn push_text(&mut self, text: &str) -> Result<(), Error> {
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
