//! Elements that hold text.

use std::borrow::Cow;
use std::io::BufRead as _;

use quick_xml::events::Event;

use crate::error::Error;
use crate::xml::reader::{Reader, escape, steps};

/// The text for an element where text is expected.
pub(crate) const CHILD: &str = "an element inside a simple value";

/// The content of an element, up to its end or its first child.
pub(crate) enum SimpleContent<'x> {
    /// Only text. The reader is behind the element.
    Text(Cow<'x, str>),
    /// A child element, which the reader is at, and the text before it.
    Child(Cow<'x, str>),
}

impl<'x> Reader<'x> {
    /// The text content of the current element, not trimmed.
    ///
    /// # Errors
    /// A child element, an entity other than XML's own five, or bytes that are not UTF-8.
    pub fn text(&mut self) -> Result<Cow<'x, str>, Error> {
        match self.content()? {
            SimpleContent::Text(text) => Ok(text),
            SimpleContent::Child(_) => Err(self.error(CHILD)),
        }
    }

    /// All text inside the current element, including that of its descendants.
    ///
    /// # Errors
    /// As [`text`](Self::text), but for child elements.
    pub(crate) fn text_with_markup(&mut self) -> Result<String, Error> {
        let outside = self.depth - 1;
        let mut all = String::new();
        loop {
            match self.content_to_end()? {
                SimpleContent::Text(text) => {
                    all.push_str(&text);
                    self.leave();
                    if self.depth == outside {
                        return Ok(all);
                    }
                }
                SimpleContent::Child(text) => all.push_str(&text),
            }
        }
    }

    /// The content of the current element, as far as it is text.
    ///
    /// # Errors
    /// As [`text`](Self::text), but for a child element.
    #[inline(always)]
    pub(crate) fn content(&mut self) -> Result<SimpleContent<'x>, Error> {
        let content = self.content_to_end()?;
        if matches!(content, SimpleContent::Text(_)) {
            self.leave();
        }
        Ok(content)
    }

    /// The same; the declarations of an element that holds only text are still in force.
    #[inline(always)]
    pub(super) fn content_to_end(&mut self) -> Result<SimpleContent<'x>, Error> {
        if self.ends_at_once {
            return Ok(SimpleContent::Text(Cow::Borrowed("")));
        }
        let mut text = self.plain_text();
        loop {
            let piece = match self.event()? {
                Event::End(_) => return Ok(SimpleContent::Text(text)),
                Event::Text(piece) => self.piece(piece.into_inner())?,
                other => match self.odd_piece(other)? {
                    Some(piece) => piece,
                    None => return Ok(SimpleContent::Child(text)),
                },
            };
            if text.is_empty() {
                text = piece;
            } else {
                text.to_mut().push_str(&piece);
            }
        }
    }

    /// Passes the content of the current element on as it is written, line ends included: for long values in which white
    /// space means nothing. `false` if a child element ends it, which the reader is then at.
    ///
    /// # Errors
    /// As [`text`](Self::text), but for a child element.
    pub(crate) fn content_in_pieces(&mut self, mut take: impl FnMut(&str)) -> Result<bool, Error> {
        if self.ends_at_once {
            self.leave();
            return Ok(true);
        }
        loop {
            match self.event()? {
                Event::End(_) => {
                    self.leave();
                    return Ok(true);
                }
                Event::Text(piece) => match piece.into_inner() {
                    Cow::Borrowed(piece) => take(self.cut(piece)?),
                    Cow::Owned(piece) => take(self.utf8(&piece)?),
                },
                other => match self.odd_piece(other)? {
                    Some(piece) => take(&piece),
                    None => return Ok(false),
                },
            }
        }
    }

    /// Bytes up to the next tag.
    pub(crate) fn ahead(&self) -> usize {
        let rest = self.input.as_bytes().get(self.offset()..).unwrap_or_default();
        let ahead = if self.ends_at_once { 0 } else { memchr::memchr(b'<', rest).unwrap_or(rest.len()) };
        steps::count(ahead);
        ahead
    }

    /// The text up to the next markup, if it has no references: nearly always the whole content.
    fn plain_text(&mut self) -> Cow<'x, str> {
        let rest = self.input.get(self.offset()..).unwrap_or_default();
        let end = memchr::memchr3(b'<', b'&', b'\r', rest.as_bytes()).filter(|end| rest.as_bytes()[*end] == b'<');
        let text = end.map_or("", |end| &rest[..end]);
        // Skipped without an event, which would take as long as everything else.
        self.events.stream().consume(text.len());
        Cow::Borrowed(text)
    }

    /// A piece of a value that is not just text. `None` for a child element, at which the reader then stands.
    #[cold]
    fn odd_piece(&mut self, event: Event<'x>) -> Result<Option<Cow<'x, str>>, Error> {
        match event {
            Event::CData(piece) => self.piece(piece.into_inner()).map(Some),
            Event::GeneralRef(reference) => match escape::resolve(&reference) {
                Some(character) => Ok(Some(Cow::Owned(character.to_string()))),
                None => Err(self.error("a reference to an entity that XML does not define")),
            },
            Event::Comment(_) | Event::PI(_) => Ok(Some(Cow::Borrowed(""))),
            Event::Start(tag) => {
                let (len, name_len) = (tag.len(), tag.name().as_ref().len());
                self.enter(len, name_len, 1)?;
                Ok(None)
            }
            Event::Empty(tag) => {
                let (len, name_len) = (tag.len(), tag.name().as_ref().len());
                self.enter(len, name_len, 2)?;
                self.ends_at_once = true;
                Ok(None)
            }
            _ => Err(self.error("the document ends inside a value")),
        }
    }

    /// A piece of text with its line ends normalised, as XML asks.
    fn piece(&self, bytes: Cow<'x, [u8]>) -> Result<Cow<'x, str>, Error> {
        let text = match bytes {
            Cow::Borrowed(bytes) => Cow::Borrowed(self.cut(bytes)?),
            Cow::Owned(bytes) => {
                Cow::Owned(String::from_utf8(bytes).map_err(|_| self.error("bytes that are not UTF-8"))?)
            }
        };
        Ok(escape::line_ends(text))
    }
}
