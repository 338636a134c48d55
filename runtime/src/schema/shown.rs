//! What of a document may be shown to people: names, and the texts that a descriptor calls plain.
//!
//! While a message is written or read by its descriptors, [`Marks`] notes where the text of a field that is not sensitive
//! begins. Everything else is hidden: what no field describes, binary content, XML that the contract leaves open,
//! documents inside texts, credentials.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use crate::error::Error;
use crate::limits::XmlLimits;
use crate::printed::Cut;
use crate::schema::field::{Field, Kind};
use crate::xml::{Node, Reader, SimpleContent};

/// Most bytes of one document that are shown.
const SHOWN_BYTES: usize = 1 << 20;

/// Most characters of a name that are shown.
const NAME_LENGTH: usize = 100;

/// How a text is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Show {
    /// As it is.
    Plain,
    /// As the number of its characters: nobody says that it may be seen.
    Counted,
    /// Not at all: it is sensitive.
    Redacted,
}

/// The texts of a document that may be shown.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    /// How text is shown from these places on.
    places: Vec<(usize, Show)>,
    /// A place in the start tag, and the local name of an attribute.
    attributes: Vec<(usize, &'static str)>,
    /// The field at hand, if there is one.
    field: Option<(&'static Field, Show)>,
    /// How many of both there were when it was entered.
    entered: (usize, usize),
}

/// What was at hand before a field was entered.
#[must_use]
pub(crate) struct Around(Option<(&'static Field, Show)>, (usize, usize));

impl Marks {
    /// Enters a field. What is in a hidden one stays hidden.
    pub(crate) fn enter(&mut self, field: &'static Field) -> Around {
        let is_open = matches!(field.kind, Kind::AnyElement | Kind::AnyAttribute | Kind::Mixed | Kind::Attachment);
        let show = match self.field {
            Some((_, hidden @ (Show::Counted | Show::Redacted))) => hidden,
            _ if field.sensitive => Show::Redacted,
            _ if is_open => Show::Counted,
            _ => Show::Plain,
        };
        let entered = (self.places.len(), self.attributes.len());
        Around(self.field.replace((field, show)), std::mem::replace(&mut self.entered, entered))
    }

    pub(crate) fn leave(&mut self, Around(field, entered): Around) {
        (self.field, self.entered) = (field, entered);
    }

    /// What is written from this place on belongs to the field at hand; in an attribute, its value does.
    pub(crate) fn write_at(&mut self, place: usize, in_attribute: bool) {
        match self.field {
            Some((field, Show::Plain)) if in_attribute => self.attributes.push((place, field.name.local)),
            Some((_, show)) if !in_attribute => self.places.push((place, show)),
            _ => {}
        }
    }

    /// What is written from this place on is no part of a field, and shown like this.
    pub(crate) fn write_beside(&mut self, place: usize, show: Show) {
        self.places.push((place, show));
    }

    /// What is written from this place on is hidden; in an attribute, its value is.
    pub(crate) fn hide_from(&mut self, place: usize, in_attribute: bool) {
        if in_attribute {
            self.attributes.truncate(self.entered.1);
        }
        self.places.push((place, Show::Counted));
    }

    /// The text that is read at this place belongs to the field at hand. An attribute is read at the end of its tag.
    pub(crate) fn read_at(&mut self, place: usize, in_attribute: bool) {
        match self.field {
            Some((field, Show::Plain)) if in_attribute => self.attributes.push((place - 1, field.name.local)),
            Some((_, show)) if !in_attribute => self.places.extend([(place, show), (place + 1, Show::Counted)]),
            _ => {}
        }
    }

    /// What was read of the field at hand is hidden after all.
    pub(crate) fn withdraw(&mut self) {
        self.places.truncate(self.entered.0);
        self.attributes.truncate(self.entered.1);
    }

    /// How text is shown that begins at this place.
    fn show(&self, place: usize) -> Show {
        let before = self.places.partition_point(|(from, _)| *from <= place);
        before.checked_sub(1).map_or(Show::Counted, |last| self.places[last].1)
    }

    /// Whether an attribute of a start tag is shown.
    fn shows_attribute(&self, tag: &Range<usize>, local: &str) -> bool {
        let first = self.attributes.partition_point(|(place, _)| *place <= tag.start);
        let mut in_tag = self.attributes[first..].iter().take_while(|(place, _)| *place < tag.end);
        in_tag.any(|(_, shown)| *shown == local)
    }
}

/// A document for people: names, and the texts that are marked. Without marks, all of it is sensitive.
pub(crate) fn shown(document: &[u8], marks: Option<&Marks>) -> String {
    shown_by(Reader::new(document, &XmlLimits::default()), document, marks)
}

/// The same for a piece of a document, by a reader that knows what is declared around it.
pub(crate) fn shown_by(reader: Reader<'_>, document: &[u8], marks: Option<&Marks>) -> String {
    let mut text = Text { out: String::new(), path: Vec::new(), marks };
    let mut reader = reader.tolerating_text();
    let read = reader.next().and_then(|_| text.element(&mut reader, "")).and_then(|()| reader.finish());
    match read {
        Ok(()) => {
            let mut out = String::new();
            // Cannot fail: what it writes to does not.
            let _ = Cut::at(SHOWN_BYTES, &mut out).write_str(&text.out);
            out
        }
        // What was shown so far may be part of something else than it seems.
        Err(_) => hidden(&String::from_utf8_lossy(document)),
    }
}

/// Where a message is left for people to see.
#[derive(Debug, Default)]
pub(crate) struct Shown(Mutex<Option<String>>);

impl Shown {
    pub(crate) fn set(&self, text: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
    }

    pub(crate) fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Takes the items of a list to where people see them, as they are read.
pub(crate) struct ShownItems(Box<dyn FnMut(String) + Send + Sync>);

impl ShownItems {
    pub(crate) fn new(see: impl FnMut(String) + Send + Sync + 'static) -> Self {
        Self(Box::new(see))
    }

    pub(crate) fn see(&mut self, item: String) {
        (self.0)(item);
    }
}

impl fmt::Debug for ShownItems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShownItems")
    }
}

/// What stands for a sensitive text.
pub(crate) const REDACTED: &str = "[redacted]";

/// How a text is shown of which nobody says that it may be seen.
pub(crate) fn hidden(text: &str) -> String {
    format!("[{} characters]", text.chars().count())
}

struct Text<'m> {
    out: String,
    path: Vec<String>,
    marks: Option<&'m Marks>,
}

impl Text<'_> {
    /// Shows the current element with its content. Documents are not nested more deeply than the reader allows.
    fn element(&mut self, reader: &mut Reader<'_>, outer: &str) -> Result<(), Error> {
        // The rest is only read: nothing of a document that does not read to its end is shown.
        if self.out.len() > SHOWN_BYTES {
            return reader.skip();
        }
        let (namespace, local) = reader.name();
        let (namespace, local) = (namespace.to_owned(), cut(local));
        let place = reader.offset();
        self.line();
        let _ = write!(self.out, "<{local}");
        if namespace != outer {
            let _ = write!(self.out, " xmlns=\"{}\"", cut(&namespace));
        }
        if reader.is_nil() {
            self.out.push_str(" nil=\"true\"");
        }
        if reader.has_attributes() {
            let tag = reader.tag_start()..place;
            for (_, name, value) in reader.attributes()? {
                let value = match self.marks {
                    Some(marks) if marks.shows_attribute(&tag, name) => escaped(&value),
                    Some(_) => hidden(&value).into(),
                    None => REDACTED.into(),
                };
                let _ = write!(self.out, " {}=\"{value}\"", cut(name));
            }
        }
        self.out.push('>');
        self.path.push(local);
        match reader.content()? {
            SimpleContent::Text(text) => {
                self.text(&text, self.show(place));
            }
            SimpleContent::Child(text) => {
                if !text.trim().is_empty() {
                    self.text(&text, self.marks.map_or(Show::Redacted, |_| Show::Counted));
                }
                self.element(reader, &namespace)?;
                while reader.next()? == Node::Start {
                    self.element(reader, &namespace)?;
                }
                let local = self.path.pop();
                self.line();
                self.path.extend(local);
            }
        }
        let local = self.path.pop().unwrap_or_default();
        let _ = write!(self.out, "</{local}>");
        Ok(())
    }

    /// How the text of an element is shown whose start tag ends at this place.
    fn show(&self, place: usize) -> Show {
        self.marks.map_or(Show::Redacted, |marks| marks.show(place))
    }

    fn text(&mut self, text: &str, show: Show) {
        match show {
            _ if text.is_empty() => {}
            Show::Plain => self.out.push_str(&escaped(text)),
            Show::Counted => self.out.push_str(&hidden(text)),
            Show::Redacted => self.out.push_str(REDACTED),
        }
    }

    /// Begins a line.
    fn line(&mut self) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out.extend(std::iter::repeat_n("  ", self.path.len()));
    }
}

/// A text as it would stand in XML, on one line and without characters that steer a terminal.
fn escaped(text: &str) -> Cow<'_, str> {
    let is_odd = |character: char| character.is_control() || matches!(character, '<' | '&' | '"');
    if !text.contains(is_odd) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match is_odd(character) {
            true => _ = write!(out, "&#x{:X};", u32::from(character)),
            false => out.push(character),
        }
    }
    Cow::Owned(out)
}

/// A name, which the peer may have chosen.
fn cut(name: &str) -> String {
    escaped(&name.chars().take(NAME_LENGTH).collect::<String>()).into_owned()
}
