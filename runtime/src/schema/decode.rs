//! Reading values: an XML reader with the context that a value may need besides the XML.

use std::borrow::Cow;
use std::fmt::{self, Debug};
use std::ops::{Deref, DerefMut};

use crate::error::Error;
use crate::limits::XmlLimits;
use crate::schema::field::Field;
use crate::schema::shown::{Around, Marks};
use crate::schema::slots::Slots;
use crate::value::{
    Attachment, Base64, Binary, Fragment, Mixed, MixedNode, QName, WhiteSpace, base64_bytes, base64_text,
};
use crate::xml::{CHILD, INCLUDE, Node, Reader, SimpleContent, escape};

/// The parts of a package, to which a document refers by `xop:Include`.
pub(crate) trait Includes: Debug + Send {
    /// The content that a URL refers to. `for_stream`: it is the message's stream, which may come later.
    fn take(&mut self, href: &str, for_stream: bool) -> Result<Binary, &'static str>;

    /// The parts of these names that are attachments of the message: those that the document does not include. They are
    /// told by their content ids or, where none of these has a name, by their order.
    fn attachments(&mut self, names: &[&str]) -> Result<Vec<Option<Attachment>>, &'static str>;

    /// The text that stands for the content of a URL, which is this base64: with white space, if it had any.
    fn as_written(&self, href: &str, base64: String) -> String;

    /// The document with the content of the parts in the place of the references to them, as base64.
    fn inline(&mut self, document: Vec<u8>, limits: &XmlLimits, limit: usize) -> Result<Vec<u8>, Error>;
}

/// Reads the values of one document.
///
/// It is a [`Reader`] that also has the parts beside the document and the facts of the descriptor about the text of the
/// current value. Methods of the same name replace those of the reader.
pub struct Decoder<'x> {
    xml: Reader<'x>,
    /// What `xop:Include` can refer to. Without a package around the document it refers to nothing.
    parts: Option<&'x mut dyn Includes>,
    /// The value of the current attribute, in the place of the content of an element.
    attribute: Option<Cow<'x, str>>,
    /// The current attachment, likewise.
    attachment: Option<Attachment>,
    /// The value that the schema gives for an empty text.
    default: Option<&'static str>,
    white_space: WhiteSpace,
    /// Attributes of the current element that no field names.
    unclaimed: Vec<(QName, String)>,
    slots: Slots,
    stream: Option<Binary>,
    /// The next value is the message's stream.
    stream_next: bool,
    /// `xsi:type` is ignored.
    ignores_types: bool,
    /// The fields around the group that is read: its siblings may belong to them.
    groups: Vec<&'static [Field]>,
    /// The texts that may be shown, if anybody asks.
    marks: Option<Box<Marks>>,
}

impl fmt::Debug for Decoder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").field("xml", &self.xml).finish_non_exhaustive()
    }
}

impl<'x> Decoder<'x> {
    /// Starts at the front of a UTF-8 document.
    pub fn new(document: &'x [u8], limits: &XmlLimits) -> Self {
        Self::of(Reader::new(document, limits))
    }

    /// Continues at the position of a reader.
    pub(crate) fn of(xml: Reader<'x>) -> Self {
        Self {
            xml,
            parts: None,
            attribute: None,
            attachment: None,
            default: None,
            white_space: WhiteSpace::Preserve,
            unclaimed: Vec::new(),
            slots: Slots::default(),
            stream: None,
            stream_next: false,
            ignores_types: false,
            groups: Vec::new(),
            marks: None,
        }
    }

    /// Resolves references to the parts of the package that the document comes in.
    #[must_use]
    pub(crate) fn with_parts(mut self, parts: &'x mut dyn Includes) -> Self {
        self.parts = Some(parts);
        self
    }

    /// Notes which texts may be shown.
    #[must_use]
    pub(crate) fn marking(mut self, marks: bool) -> Self {
        self.marks = marks.then(Box::default);
        self
    }

    /// The texts that may be shown.
    pub(crate) fn take_marks(&mut self) -> Option<Box<Marks>> {
        self.marks.take()
    }

    /// Begins to read what belongs to a field.
    pub(crate) fn enter(&mut self, field: &'static Field) -> Option<Around> {
        self.marks.as_mut().map(|marks| marks.enter(field))
    }

    /// Ends it.
    pub(crate) fn leave(&mut self, around: Option<Around>) {
        if let Some((marks, around)) = self.marks.as_mut().zip(around) {
            marks.leave(around);
        }
    }

    /// Hides what was read of the field at hand.
    pub(crate) fn hide(&mut self) {
        if let Some(marks) = &mut self.marks {
            marks.withdraw();
        }
    }

    /// Reads every value as what it is declared to be, whatever its `xsi:type` says.
    pub(crate) fn ignore_types(&mut self, ignores: bool) {
        self.ignores_types = ignores;
    }

    /// `xsi:type` of the current element: namespace and local name.
    ///
    /// # Errors
    /// A prefix that is not declared.
    pub(crate) fn xsi_type(&mut self) -> Result<Option<(String, String)>, Error> {
        if self.ignores_types { Ok(None) } else { self.xml.xsi_type() }
    }

    /// The fields around the group that is read, from the element inwards.
    pub(crate) fn groups(&mut self) -> &mut Vec<&'static [Field]> {
        &mut self.groups
    }

    /// The credentials found in slots so far.
    pub fn slots(&mut self) -> &mut Slots {
        &mut self.slots
    }

    /// The content found where the message refers to its stream.
    pub fn stream(&mut self) -> &mut Option<Binary> {
        &mut self.stream
    }

    /// Says that the value to be read next is the message's stream.
    pub(crate) fn expect_stream(&mut self, expected: bool) {
        self.stream_next = expected;
    }

    /// Sets what the schema states about the text that is read next.
    pub(crate) fn expect_text(&mut self, default: Option<&'static str>, white_space: WhiteSpace) {
        (self.default, self.white_space) = (default, white_space);
    }

    /// Makes this value the next content.
    pub(crate) fn at_attribute(&mut self, value: Cow<'x, str>) {
        self.attribute = Some(value);
    }

    /// The attachments of the message, of which some may be missing.
    ///
    /// # Errors
    /// Two for one name.
    pub(crate) fn attachments(&mut self, names: &[&str]) -> Result<Vec<Option<Attachment>>, Error> {
        let found = match &mut self.parts {
            Some(parts) => parts.attachments(names),
            None => Ok(vec![None; names.len()]),
        };
        found.map_err(|what| self.xml.error(what))
    }

    /// Makes this attachment the next content.
    pub(crate) fn at_attachment(&mut self, attachment: Attachment) {
        self.attachment = Some(attachment);
    }

    /// The current attachment, if there is one.
    pub(crate) fn take_attachment(&mut self) -> Option<Attachment> {
        self.attachment.take()
    }

    /// Attributes of the current element that no field names, for a wildcard to take.
    pub(crate) fn unclaimed(&mut self) -> &mut Vec<(QName, String)> {
        &mut self.unclaimed
    }

    /// Whether the current element says `xsi:nil`. An attribute never does, nor an attachment.
    pub fn is_nil(&self) -> bool {
        self.attribute.is_none() && self.attachment.is_none() && self.xml.is_nil()
    }

    /// Skips the content of the current element, or the value of the attribute.
    ///
    /// # Errors
    /// As [`Reader::skip`].
    pub fn skip(&mut self) -> Result<(), Error> {
        if self.attribute.take().is_some() { Ok(()) } else { self.xml.skip() }
    }

    /// The text of the current element or attribute. Where it has no character at all, the default of the schema.
    ///
    /// # Errors
    /// As [`Reader::text`], but for an `xop:Include`.
    pub fn text(&mut self) -> Result<Cow<'x, str>, Error> {
        if let Some(marks) = &mut self.marks {
            marks.read_at(self.xml.offset(), self.attribute.is_some());
        }
        let text = match self.attribute.take() {
            Some(value) => value,
            None => match self.xml.content()? {
                SimpleContent::Text(text) => text,
                SimpleContent::Child(before) => {
                    let (href, content) = self.included(before.bytes().all(|byte| byte.is_ascii_whitespace()))?;
                    self.xml.charge(usize::try_from(content.len()).unwrap_or(usize::MAX) / 3 * 4)?;
                    let text = base64_text(&content.bytes()?);
                    let text = self.parts.as_ref().map_or_else(String::new, |parts| parts.as_written(&href, text));
                    Cow::Owned(escape::text(&text).ok_or_else(|| self.xml.error("text that is not well-formed"))?)
                }
            },
        };
        Ok(match self.default {
            Some(default) if text.is_empty() => Cow::Borrowed(default),
            _ => text,
        })
    }

    /// The same, with the `whiteSpace` facet of its type applied.
    ///
    /// # Errors
    /// As [`text`](Self::text).
    pub(crate) fn normalized_text(&mut self) -> Result<Cow<'x, str>, Error> {
        self.text().map(|text| self.white_space.apply(text))
    }

    /// The current content as bytes: of the part that it includes, or decoded from base64.
    ///
    /// # Errors
    /// As [`text`](Self::text), or text that is not base64.
    pub(crate) fn binary(&mut self) -> Result<Binary, Error> {
        self.hide();
        // Decoded from the document itself: there is no other copy of the text.
        let attribute = self.attribute.take();
        let len = attribute.as_ref().map_or_else(|| self.xml.ahead(), |value| value.len());
        let mut decoding = Base64::with_capacity(len);
        match attribute {
            Some(value) => decoding.push(value.as_bytes()),
            None if self.xml.content_in_pieces(|piece| decoding.push(piece.as_bytes()))? => {}
            None => return self.included(decoding.is_blank()).map(|(_, content)| content),
        }
        let bytes = match self.default {
            Some(default) if decoding.is_empty() => base64_bytes(default),
            _ => decoding.finish(),
        };
        let bytes = bytes.ok_or_else(|| self.xml.error("not an xs:base64Binary"))?;
        self.xml.charge(bytes.len())?;
        Ok(bytes.into())
    }

    /// The current content as a prefixed name: its namespace, if the prefix is declared, and the local name.
    ///
    /// # Errors
    /// As [`Reader::text`].
    pub(crate) fn qname_content(&mut self) -> Result<(Option<String>, String), Error> {
        match self.attribute.take() {
            Some(value) => Ok(self.xml.split_qname(&value)),
            None => self.xml.qname_content(),
        }
    }

    /// The current element with its content, as a document of its own, parts included.
    ///
    /// # Errors
    /// As [`Reader::skip`].
    pub(crate) fn fragment(&mut self) -> Result<String, Error> {
        let xml = self.xml.fragment()?;
        // XML is kept longer than the package, so parts are inlined.
        let Some(parts) = &mut self.parts else { return Ok(xml) };
        let limits = self.xml.limits();
        let before = xml.len();
        let inlined = parts.inline(xml.into_bytes(), &limits, limits.memory)?;
        self.xml.charge(inlined.len().saturating_sub(before))?;
        String::from_utf8(inlined).map_err(|_| self.xml.error("bytes that are not UTF-8"))
    }

    /// The content of the current element: text and elements in their order.
    ///
    /// # Errors
    /// As [`Reader::text`], but for child elements.
    pub(crate) fn mixed(&mut self) -> Result<Mixed, Error> {
        let mut content = Mixed::default();
        loop {
            let (text, is_last) = match self.xml.content()? {
                SimpleContent::Text(text) => (text, true),
                SimpleContent::Child(text) => (text, false),
            };
            self.xml.charge(text.len() + 2 * size_of::<MixedNode>())?;
            content.add(MixedNode::Text(text.into_owned()));
            if is_last {
                return Ok(content);
            }
            content.add(MixedNode::Element(Fragment::received(self.fragment()?)));
        }
    }

    /// The part that the current child refers to, and the reference. The child must be the only content of its parent.
    fn included(&mut self, is_first: bool) -> Result<(String, Binary), Error> {
        if !self.xml.is(INCLUDE) {
            return Err(self.xml.error(CHILD));
        }
        let href = self.xml.attribute("href")?.ok_or_else(|| self.xml.error("an xop:Include without href"))?;
        self.xml.skip()?;
        if !is_first || self.xml.next()? != Node::End {
            return Err(self.xml.error("an xop:Include beside other content"));
        }
        let taken = match &mut self.parts {
            Some(parts) => parts.take(&href, self.stream_next),
            None => Err("an xop:Include outside of a package"),
        };
        taken.map(|content| (href, content)).map_err(|what| self.xml.error(what))
    }
}

impl<'x> Deref for Decoder<'x> {
    type Target = Reader<'x>;

    fn deref(&self) -> &Reader<'x> {
        &self.xml
    }
}

impl DerefMut for Decoder<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.xml
    }
}
