//! Writing values: an XML writer with the context that a value may need besides the XML.

use std::fmt;
use std::ops::{Deref, DerefMut};

use bytes::Bytes;

use crate::error::Error;
use crate::name::Name;
use crate::schema::array::ARRAY;
use crate::schema::attachment::Outgoing;
use crate::schema::field::{Field, Kind};
use crate::schema::shown::{Marks, Show};
use crate::schema::slots::Slots;
use crate::soap::SoapVersion;
use crate::value::{Binary, Document, push_base64};
use crate::wiped::Wiped;
use crate::xml::{ENCODING, ENCODING_12, Writer};

/// The side that writes: it decides how a missing optional value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Leaves out an optional element without a value.
    Client,
    /// Writes it as `xsi:nil` where that is allowed, as WCF services do.
    Server,
}

/// Takes content that is sent as parts beside the document.
pub(crate) trait Attach: Send {
    /// Whether content of this length is sent as a part.
    fn takes(&self, len: usize) -> bool;

    /// Adds a part, and returns the reference that is written in its place.
    fn push(&mut self, content: Bytes) -> String;

    /// Adds an attachment: the name of its part, its media type, and its content.
    fn attach(&mut self, name: &str, media_type: &str, content: Bytes);

    /// The reference that is written in place of the message's stream, if it is sent as a part.
    fn include_stream(&mut self) -> Option<String>;
}

/// Writes the values of one document. It is a [`Writer`] that also knows credentials, streams and parts.
pub struct Encoder<'a> {
    xml: Writer,
    style: Style,
    slots: &'a Slots,
    stream: Option<&'a Binary>,
    /// Where large content is put, if not into the document.
    attachments: Option<&'a mut dyn Attach>,
    /// The attachment that is written next.
    attachment: Option<Outgoing>,
    /// Messages in SOAP encoding are in that of SOAP 1.2.
    soap_12: bool,
    checks_rules: bool,
    /// Why slots must not be filled, if so.
    credentials_refused: Option<&'static str>,
    checks_facets: bool,
    /// The document that is written next is a CDATA section.
    cdata: bool,
    /// Bytes of binary content so far, inside and beside the document.
    binary: u64,
    /// The texts that may be shown, if anybody asks.
    marks: Option<Box<Marks>>,
}

impl<'a> Encoder<'a> {
    /// An empty document. The credentials fill the slots of the values that are written.
    pub fn new(style: Style, slots: &'a Slots) -> Self {
        Self {
            xml: Writer::default(),
            style,
            slots,
            stream: None,
            attachments: None,
            attachment: None,
            soap_12: false,
            checks_rules: false,
            credentials_refused: None,
            checks_facets: false,
            cdata: false,
            binary: 0,
            marks: None,
        }
    }

    /// The content of the stream, written inline.
    #[must_use]
    pub fn with_stream(mut self, stream: Option<&'a Binary>) -> Self {
        self.stream = stream;
        self
    }

    /// Sends large content as parts beside the document.
    #[must_use]
    pub(crate) fn with_attachments(mut self, attachments: &'a mut dyn Attach) -> Self {
        self.attachments = Some(attachments);
        self
    }

    /// Refuses texts that break a rule of the service's documentation.
    #[must_use]
    pub(crate) fn checking_rules(mut self, checks: bool) -> Self {
        self.checks_rules = checks;
        self
    }

    /// Refuses to write credentials, for this reason.
    #[must_use]
    pub(crate) fn refusing_credentials(mut self, why: Option<&'static str>) -> Self {
        self.credentials_refused = why;
        self
    }

    pub(crate) fn credentials_refused(&self) -> Option<&'static str> {
        self.credentials_refused
    }

    /// Refuses values that break a facet of the schema.
    #[must_use]
    pub fn checking_facets(mut self) -> Self {
        self.checks_facets = true;
        self
    }

    /// Notes which texts may be shown.
    #[must_use]
    pub(crate) fn marking(mut self, marks: bool) -> Self {
        self.marks = marks.then(Box::default);
        self
    }

    /// Whether it does.
    #[inline]
    pub(crate) fn is_marking(&self) -> bool {
        self.marks.is_some()
    }

    /// The texts that may be shown.
    pub(crate) fn take_marks(&mut self) -> Option<Box<Marks>> {
        self.marks.take()
    }

    /// Writes what belongs to a field.
    ///
    /// # Errors
    /// Those of `write`.
    #[inline]
    pub(crate) fn within(
        &mut self,
        field: &'static Field,
        write: impl FnOnce(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Some(marks) = &mut self.marks else { return write(self) };
        let around = marks.enter(field);
        marks.write_at(self.xml.len(), field.kind == Kind::Attribute);
        let written = write(self);
        if let Some(marks) = &mut self.marks {
            marks.leave(around);
            marks.hide_from(self.xml.len(), false);
        }
        written
    }

    /// Writes what no field describes, and is shown like this.
    ///
    /// # Errors
    /// Those of `write`.
    pub(crate) fn beside_fields(
        &mut self,
        show: Show,
        write: impl FnOnce(&mut Writer) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let before = self.xml.len();
        let written = write(&mut self.xml);
        if let Some(marks) = &mut self.marks {
            marks.write_beside(before, show);
            marks.write_beside(self.xml.len(), Show::Counted);
        }
        written
    }

    /// Hides what the field at hand writes from here on.
    pub(crate) fn hide(&mut self) {
        let (place, in_attribute) = (self.xml.len(), self.xml.is_in_attribute());
        if let Some(marks) = &mut self.marks {
            marks.hide_from(place, in_attribute);
        }
    }

    /// As [`Writer::raw`]. What it holds is not shown.
    pub(crate) fn raw(&mut self, markup: &str) {
        self.hide();
        self.xml.raw(markup);
    }

    /// As [`Writer::raw_named`]. What it holds is not shown.
    ///
    /// # Errors
    /// Those of [`Writer::raw_named`].
    pub(crate) fn raw_named(&mut self, name: Name, inside: &str, has_end: bool) -> Result<(), Error> {
        self.hide();
        self.xml.raw_named(name, inside, has_end)
    }

    pub(crate) fn checks_facets(&self) -> bool {
        self.checks_facets
    }

    pub(crate) fn checks_rules(&self) -> bool {
        self.checks_rules
    }

    /// The side that writes: it decides how a missing optional value is written.
    pub fn style(&self) -> Style {
        self.style
    }

    pub(crate) fn slots(&self) -> &'a Slots {
        self.slots
    }

    pub(crate) fn stream(&self) -> Option<&'a Binary> {
        self.stream
    }

    /// Says whether the document to be written next is a CDATA section.
    pub(super) fn as_cdata(&mut self, cdata: bool) {
        self.cdata = cdata;
    }

    /// Writes a document as text. No contract says what is in it, so it is not shown.
    ///
    /// # Errors
    /// A character that XML forbids; where rules are checked, a document that is not well-formed.
    pub(super) fn document(&mut self, document: &Document) -> Result<(), Error> {
        if self.checks_rules {
            document.check()?;
        }
        self.hide();
        if std::mem::take(&mut self.cdata) {
            self.xml.cdata(document.as_xml())
        } else {
            self.xml.text(document.as_xml())
        }
    }

    /// Bytes of binary content so far.
    pub(crate) fn binary(&self) -> u64 {
        self.binary
    }

    /// Writes bytes: as base64, or as a reference to a part that holds them.
    pub(crate) fn bytes(&mut self, bytes: &Bytes) {
        self.binary = self.binary.saturating_add(bytes.len() as u64);
        self.hide();
        let in_attribute = self.xml.is_in_attribute();
        match &mut self.attachments {
            Some(attachments) if !in_attribute && attachments.takes(bytes.len()) => {
                let include = attachments.push(bytes.clone());
                self.xml.raw(&include);
            }
            _ if bytes.is_empty() => {}
            _ => self.xml.plain_by(|out| push_base64(out, bytes)),
        }
    }

    /// Sets the version of SOAP, where messages are in its encoding.
    pub(crate) fn encode_as(&mut self, soap: SoapVersion) {
        self.soap_12 = soap == SoapVersion::Soap12;
    }

    /// States the type of the element begun last. Contracts name the types of one encoding for both versions.
    pub(crate) fn xsi_type(&mut self, name: Name) {
        self.xml.xsi_type(self.encoded(name));
    }

    /// Says of the element begun last that it is an array of so many items of a type.
    pub(crate) fn array_type(&mut self, item: Name, count: usize) {
        if !self.soap_12 {
            return self.xml.type_attribute(Name::new(ENCODING, "arrayType"), item, &format!("[{count}]"));
        }
        // Arrays of arrays have no type of their own there.
        let item = if item.local.ends_with(']') { ARRAY } else { item };
        self.xml.type_attribute(Name::new(ENCODING_12, "itemType"), self.encoded(item), "");
        self.xml.start_attribute(Name::new(ENCODING_12, "arraySize"));
        self.xml.plain(count.to_string().as_bytes());
        self.xml.end_attribute();
    }

    fn encoded(&self, name: Name) -> Name {
        match self.soap_12 && name.namespace == ENCODING {
            true => Name::new(ENCODING_12, name.local),
            false => name,
        }
    }

    /// Whether there are parts beside the document.
    pub(super) fn has_package(&self) -> bool {
        self.attachments.is_some()
    }

    /// Makes what is written next this attachment.
    pub(super) fn at_attachment(&mut self, attachment: Outgoing) {
        self.attachment = Some(attachment);
    }

    /// The attachment to be written, if there is one.
    pub(super) fn take_attachment(&mut self) -> Option<Outgoing> {
        self.attachment.take()
    }

    /// Sends content as an attachment.
    pub(super) fn attach(&mut self, name: &str, media_type: &str, content: Bytes) {
        self.binary = self.binary.saturating_add(content.len() as u64);
        if let Some(attachments) = &mut self.attachments {
            attachments.attach(name, media_type, content);
        }
    }

    /// Writes the reference to the stream that follows the document. `false` if no stream does.
    pub(crate) fn stream_reference(&mut self, element: Option<Name>) -> bool {
        let Some(include) = self.attachments.as_mut().and_then(|attachments| attachments.include_stream()) else {
            return false;
        };
        if let Some(name) = element {
            self.xml.start(name);
        }
        self.xml.raw(&include);
        if element.is_some() {
            self.xml.end();
        }
        true
    }

    /// The document.
    pub fn finish(self) -> Vec<u8> {
        self.xml.finish()
    }

    /// The document, whose secrets are wiped with it.
    pub(crate) fn seal(self) -> Wiped {
        self.xml.seal()
    }
}

impl fmt::Debug for Encoder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder").field("xml", &self.xml).field("style", &self.style).finish_non_exhaustive()
    }
}

impl Deref for Encoder<'_> {
    type Target = Writer;

    fn deref(&self) -> &Writer {
        &self.xml
    }
}

impl DerefMut for Encoder<'_> {
    fn deref_mut(&mut self) -> &mut Writer {
        &mut self.xml
    }
}
