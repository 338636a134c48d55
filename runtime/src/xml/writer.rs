//! Writes elements in namespaces, escaped, and nothing that is not well-formed.

use std::fmt;

use zeroize::Zeroizing;

use crate::error::Error;
use crate::name::Name;
use crate::wiped::{Held, Wiped};
use crate::xml::escape::{self, LONGEST_REFERENCE, Within};
use crate::xml::{XML, XSI};

/// An element that has begun.
#[derive(Debug)]
#[must_use]
pub(crate) struct Open {
    prefix: Option<usize>,
    local: &'static str,
    /// Number of namespaces in force outside it.
    outside: usize,
}

/// The first prefixes; more are numbered.
const LETTERS: &[u8] = b"abcdefgh";

/// An XML document that is being written.
///
/// It chooses the prefixes: `s` is the envelope, `i` is XSI, the others are letters in the order in which namespaces
/// appear.
pub struct Writer {
    out: Vec<u8>,
    /// The start tag written last still lacks its `>`.
    tag_open: bool,
    in_attribute: bool,
    /// Namespaces in scope; the position is the prefix.
    namespaces: Vec<&'static str>,
    open: Vec<Open>,
    /// Secrets that are put in at the end.
    held: Vec<Held>,
}

/// The document holds credentials.
impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Writer({} bytes)", self.len())
    }
}

impl Default for Writer {
    fn default() -> Self {
        Self {
            out: Vec::with_capacity(1024),
            tag_open: false,
            in_attribute: false,
            namespaces: Vec::new(),
            open: Vec::new(),
            held: Vec::new(),
        }
    }
}

impl Writer {
    /// Whether what is written next is the value of an attribute.
    pub(crate) fn is_in_attribute(&self) -> bool {
        self.in_attribute
    }

    /// Writes markup that is known to be right.
    pub(crate) fn raw(&mut self, markup: &str) {
        self.close_tag();
        self.out.extend_from_slice(markup.as_bytes());
    }

    /// Writes an element whose attributes and content are known to be right, with a prefix that they do not use.
    pub(crate) fn raw_named(&mut self, name: Name, inside: &str, has_end: bool) -> Result<(), Error> {
        // Longer than every run of the letter inside, so that it occurs nowhere.
        let longest = inside.split(|letter| letter != 'q').map(str::len).max();
        let prefix = "q".repeat(longest.unwrap_or(0) + 1);
        let (tag, declaration) = match name.namespace {
            "" => (name.local.to_owned(), String::new()),
            _ => (format!("{prefix}:{}", name.local), format!(" xmlns:{prefix}=\"")),
        };
        self.close_tag();
        self.out.extend_from_slice(format!("<{tag}{declaration}").as_bytes());
        if !declaration.is_empty() {
            escape::push(&mut self.out, name.namespace, Within::Attribute)?;
            self.out.push(b'"');
        }
        self.out.extend_from_slice(inside.as_bytes());
        if has_end {
            self.out.extend_from_slice(format!("</{tag}>").as_bytes());
        }
        Ok(())
    }

    /// Begins an element.
    pub fn start(&mut self, name: Name) {
        let open = self.open(&name);
        self.open.push(open);
    }

    /// Ends the element begun last.
    pub fn end(&mut self) {
        if let Some(open) = self.open.pop() {
            self.close(open);
        }
    }

    /// Writes an element that holds a text.
    ///
    /// # Errors
    /// As [`text`](Self::text).
    pub fn text_element(&mut self, name: &Name, text: &str) -> Result<(), Error> {
        self.leaf(name, text.is_empty(), |out| escape::push(out, text, Within::Element))
    }

    /// Writes a text as a CDATA section, or several where it has the end of one in it. An attribute has none.
    ///
    /// # Errors
    /// A character that XML forbids.
    pub(crate) fn cdata(&mut self, text: &str) -> Result<(), Error> {
        if self.in_attribute || text.is_empty() {
            return self.text(text);
        }
        self.close_tag();
        escape::push_cdata(&mut self.out, text)
    }

    /// Writes an element that holds a text with nothing to escape.
    pub(crate) fn plain_element(&mut self, name: &Name, text: &[u8]) {
        // Can't fail: the content doesn't.
        let _ = self.leaf(name, text.is_empty(), |out| {
            out.extend_from_slice(text);
            Ok(())
        });
    }

    /// Nearly all elements are leaves, so this counts: where the namespace is the one declared last, under a letter, the
    /// tags are copied in few pieces and nothing is kept in between.
    #[inline(always)]
    fn leaf(
        &mut self,
        name: &Name,
        is_empty: bool,
        content: impl FnOnce(&mut Vec<u8>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let letter = match self.namespaces.last() {
            Some(known) if std::ptr::eq(*known, name.namespace) => LETTERS.get(self.namespaces.len() - 1),
            _ => None,
        };
        match letter {
            Some(&letter) if !is_empty => {
                self.close_tag();
                self.out.extend_from_slice(&[b'<', letter, b':']);
                self.out.extend_from_slice(name.local.as_bytes());
                self.out.push(b'>');
                content(&mut self.out)?;
                self.out.extend_from_slice(&[b'<', b'/', letter, b':']);
                self.out.extend_from_slice(name.local.as_bytes());
                self.out.push(b'>');
            }
            _ => {
                let open = self.open(name);
                if !is_empty {
                    self.close_tag();
                    content(&mut self.out)?;
                }
                self.close(open);
            }
        }
        Ok(())
    }

    /// Begins an element that the caller ends with [`close`](Self::close).
    pub(crate) fn open(&mut self, name: &Name) -> Open {
        self.close_tag();
        let outside = self.namespaces.len();
        let (prefix, new) = self.prefix(name.namespace);
        self.out.push(b'<');
        self.push_name(prefix, name.local);
        self.tag_open = true;
        if new {
            self.push_declaration(prefix, name.namespace);
        }
        Open { prefix, local: name.local, outside }
    }

    /// Ends an element that has no other open inside.
    pub(crate) fn close(&mut self, Open { prefix, local, outside }: Open) {
        if self.tag_open {
            self.out.extend_from_slice(b"/>");
            self.tag_open = false;
        } else {
            self.out.extend_from_slice(b"</");
            self.push_name(prefix, local);
            self.out.push(b'>');
        }
        self.namespaces.truncate(outside);
    }

    /// Declares a namespace on the element begun last, so that its children need not.
    pub(crate) fn declare(&mut self, namespace: &'static str) {
        if self.tag_open {
            let (prefix, new) = self.prefix(namespace);
            if new {
                self.push_declaration(prefix, namespace);
            }
        }
    }

    /// Begins an attribute of the element begun last: the next text is its value.
    pub(crate) fn start_attribute(&mut self, name: Name) {
        if name.namespace == XML {
            // Its prefix is `xml` everywhere, and no other may mean it.
            self.out.extend_from_slice(b" xml:");
            self.out.extend_from_slice(name.local.as_bytes());
        } else {
            let (prefix, new) = self.prefix(name.namespace);
            if new {
                self.push_declaration(prefix, name.namespace);
            }
            self.out.push(b' ');
            self.push_name(prefix, name.local);
        }
        self.out.extend_from_slice(b"=\"");
        self.in_attribute = true;
    }

    pub(crate) fn end_attribute(&mut self) {
        self.out.push(b'"');
        self.in_attribute = false;
    }

    /// Writes an attribute whose namespace is known only now.
    pub(crate) fn any_attribute(&mut self, namespace: &str, local: &str, value: &str) -> Result<(), Error> {
        let number = self.out.len();
        match namespace {
            "" => self.out.push(b' '),
            XML => self.out.extend_from_slice(b" xml:"),
            _ => {
                self.out.extend_from_slice(format!(" xmlns:q{number}=\"").as_bytes());
                escape::push(&mut self.out, namespace, Within::Attribute)?;
                self.out.extend_from_slice(format!("\" q{number}:").as_bytes());
            }
        }
        self.out.extend_from_slice(local.as_bytes());
        self.out.extend_from_slice(b"=\"");
        escape::push(&mut self.out, value, Within::Attribute)?;
        self.out.push(b'"');
        Ok(())
    }

    /// Declares the prefix of XSI on the element begun last: on the envelope, or on an element without one around it.
    pub(crate) fn declare_xsi(&mut self) {
        self.out.extend_from_slice(b" xmlns:i=\"");
        self.out.extend_from_slice(XSI.as_bytes());
        self.out.push(b'"');
    }

    /// Marks the element begun last as nil.
    pub fn nil(&mut self) {
        self.out.extend_from_slice(b" i:nil=\"true\"");
    }

    /// States the type of the element begun last.
    pub(crate) fn xsi_type(&mut self, name: Name) {
        self.declare(name.namespace);
        let (prefix, _) = self.prefix(name.namespace);
        self.out.extend_from_slice(b" i:type=\"");
        self.push_name(prefix, name.local);
        self.out.push(b'"');
    }

    /// States a type in an attribute of the element begun last, with a text behind its name.
    pub(crate) fn type_attribute(&mut self, attribute: Name, ty: Name, behind: &str) {
        for namespace in [attribute.namespace, ty.namespace] {
            self.declare(namespace);
        }
        let (prefix, _) = self.prefix(attribute.namespace);
        self.out.push(b' ');
        self.push_name(prefix, attribute.local);
        self.out.extend_from_slice(b"=\"");
        let (prefix, _) = self.prefix(ty.namespace);
        self.push_name(prefix, ty.local);
        self.out.extend_from_slice(behind.as_bytes());
        self.out.push(b'"');
    }

    /// Writes character content, or the value of the attribute begun last.
    ///
    /// # Errors
    /// A character that XML 1.0 forbids.
    pub fn text(&mut self, text: &str) -> Result<(), Error> {
        if self.in_attribute {
            escape::push(&mut self.out, text, Within::Attribute)
        } else if text.is_empty() {
            Ok(())
        } else {
            self.close_tag();
            escape::push(&mut self.out, text, Within::Element)
        }
    }

    /// As [`text`](Self::text), for a secret. It leaves no copies behind if the document is [sealed](Self::seal).
    ///
    /// # Errors
    /// A character that XML 1.0 forbids.
    pub(crate) fn secret_text(&mut self, text: &str) -> Result<(), Error> {
        let within = if self.in_attribute { Within::Attribute } else { Within::Element };
        let mut octets = Zeroizing::new(Vec::with_capacity(LONGEST_REFERENCE * text.len()));
        escape::push(&mut octets, text, within)?;
        self.hold(octets);
        Ok(())
    }

    /// As [`raw`](Self::raw), for markup that holds a secret.
    pub(crate) fn secret_raw(&mut self, markup: &str) {
        self.hold(Zeroizing::new(markup.as_bytes().to_vec()));
    }

    fn hold(&mut self, octets: Zeroizing<Vec<u8>>) {
        if octets.is_empty() {
            return;
        }
        if !self.in_attribute {
            self.close_tag();
        }
        self.held.push(Held { at: self.out.len(), octets });
    }

    /// Writes text that holds nothing to escape.
    pub(crate) fn plain(&mut self, text: &[u8]) {
        if !text.is_empty() {
            self.plain_by(|out| out.extend_from_slice(text));
        }
    }

    /// The same, for a text that is not empty and is written to where it belongs.
    pub(crate) fn plain_by(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        if !self.in_attribute {
            self.close_tag();
        }
        write(&mut self.out);
    }

    /// Writes a QName as text, its namespace declared on the element begun last.
    pub(crate) fn qname(&mut self, namespace: &str, local: &str) -> Result<(), Error> {
        if namespace.is_empty() {
            return self.text(local);
        }
        if !self.tag_open || self.in_attribute {
            return Err(Error::malformed("a QName in a namespace can only be the content of an element"));
        }
        self.out.extend_from_slice(b" xmlns:q=\"");
        escape::push(&mut self.out, namespace, Within::Attribute)?;
        self.out.push(b'"');
        self.close_tag();
        self.out.extend_from_slice(b"q:");
        self.text(local)
    }

    /// Number of bytes so far.
    pub fn len(&self) -> usize {
        self.out.len() + self.held()
    }

    fn held(&self) -> usize {
        self.held.iter().map(|secret| secret.octets.len()).sum()
    }

    /// Nothing was written.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Removes what was written since, which holds no secret.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.out.truncate(len.saturating_sub(self.held()));
    }

    /// The document.
    pub fn finish(self) -> Vec<u8> {
        self.seal().into_octets()
    }

    /// What was written so far, and is not part of the document any more. Nothing of it can be removed again.
    #[cfg(feature = "server")]
    pub(crate) fn take(&mut self) -> Wiped {
        Wiped::new(std::mem::take(&mut self.out), std::mem::take(&mut self.held))
    }

    /// The document, whose secrets are wiped with it.
    pub(crate) fn seal(self) -> Wiped {
        Wiped::new(self.out, self.held)
    }

    fn close_tag(&mut self) {
        if self.tag_open {
            self.out.push(b'>');
            self.tag_open = false;
        }
    }

    /// The prefix of a namespace, and whether it has to be declared. No prefix for no namespace.
    fn prefix(&mut self, namespace: &'static str) -> (Option<usize>, bool) {
        if namespace.is_empty() {
            return (None, false);
        }
        if self.namespaces.last().is_some_and(|known| std::ptr::eq(*known, namespace)) {
            return (Some(self.namespaces.len() - 1), false);
        }
        match self.namespaces.iter().rposition(|known| *known == namespace) {
            Some(known) => {
                // One constant can have several addresses, so the pointer seen last is kept.
                self.namespaces[known] = namespace;
                (Some(known), false)
            }
            None => {
                self.namespaces.push(namespace);
                (Some(self.namespaces.len() - 1), true)
            }
        }
    }

    fn push_name(&mut self, prefix: Option<usize>, local: &str) {
        if let Some(prefix) = prefix {
            self.push_prefix(prefix);
            self.out.push(b':');
        }
        self.out.extend_from_slice(local.as_bytes());
    }

    fn push_declaration(&mut self, prefix: Option<usize>, namespace: &'static str) {
        if let Some(prefix) = prefix {
            self.out.extend_from_slice(b" xmlns:");
            self.push_prefix(prefix);
            self.out.extend_from_slice(b"=\"");
            // Namespaces are constants of generated code; only `&` could need escaping, and push can't fail on it.
            let _ = escape::push(&mut self.out, namespace, Within::Attribute);
            self.out.push(b'"');
        }
    }

    fn push_prefix(&mut self, prefix: usize) {
        match LETTERS.get(prefix) {
            Some(letter) => self.out.push(*letter),
            None => self.out.extend_from_slice(format!("n{prefix}").as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_under_another_name_does_not_see_its_prefix() {
        let mut writer = Writer::default();
        writer.raw_named(Name::new("urn:a", "a"), " b='qqq'>qq<q/>", true).unwrap();
        assert_eq!(writer.finish(), b"<qqqq:a xmlns:qqqq=\"urn:a\" b='qqq'>qq<q/></qqqq:a>");
    }
}
