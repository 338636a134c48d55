//! Elements without children: text, or bytes as text or as a part of the package.

use std::borrow::Cow;
use std::io::BufRead as _;

use quick_xml::events::Event;

use crate::error::Error;
use crate::mtom::INCLUDE;
use crate::value::{Binary, base64_bytes, base64_text};
use crate::xml::reader::{Node, Reader, escape};

/// What an element holds that has no children.
enum Content<'x> {
    Text(Cow<'x, str>),
    /// The content of a part, in its place.
    Part(Binary),
}

impl<'x> Reader<'x> {
    /// The text content of the element at hand, or the value of the attribute, as the author wrote it: nothing trimmed.
    ///
    /// # Errors
    /// A child element other than `xop:Include`, an entity other than XML's own five, or bytes that are not UTF-8.
    pub fn text(&mut self) -> Result<Cow<'x, str>, Error> {
        match self.content()? {
            Content::Text(text) => Ok(text),
            Content::Part(content) => {
                self.charge(usize::try_from(content.len()).unwrap_or(usize::MAX) / 3 * 4)?;
                Ok(Cow::Owned(base64_text(&content.bytes()?)))
            }
        }
    }

    /// The content of the element at hand, as bytes: of the part that it includes, or else of the base64 that it is.
    ///
    /// # Errors
    /// As [`text`](Self::text), or text that is not base64.
    pub(crate) fn binary(&mut self) -> Result<Binary, Error> {
        match self.content()? {
            Content::Part(content) => Ok(content),
            Content::Text(text) => {
                let bytes = base64_bytes(&text).ok_or_else(|| self.error("not an xs:base64Binary"))?;
                self.charge(bytes.len())?;
                Ok(bytes.into())
            }
        }
    }

    #[inline(always)]
    fn content(&mut self) -> Result<Content<'x>, Error> {
        if let Some(value) = self.attribute.take() {
            return Ok(Content::Text(value));
        }
        if self.ends_at_once {
            self.leave();
            return Ok(Content::Text(Cow::Borrowed("")));
        }
        let mut text = self.plain_text();
        loop {
            let piece = match self.event()? {
                Event::End(_) => {
                    self.leave();
                    return Ok(Content::Text(text));
                }
                Event::Text(piece) => self.piece(piece.into_inner())?,
                other => match self.odd_piece(other, &text)? {
                    Content::Text(piece) => piece,
                    part => return Ok(part),
                },
            };
            if text.is_empty() {
                text = piece;
            } else {
                text.to_mut().push_str(&piece);
            }
        }
    }

    /// The text up to the next markup, if it means what it says: nearly always all there is.
    fn plain_text(&mut self) -> Cow<'x, str> {
        let rest = self.input.get(self.offset()..).unwrap_or_default();
        let end = memchr::memchr3(b'<', b'&', b'\r', rest.as_bytes()).filter(|end| rest.as_bytes()[*end] == b'<');
        let text = end.map_or("", |end| &rest[..end]);
        // Past it without an event of its own, which would cost as much as all the rest.
        self.events.stream().consume(text.len());
        Cow::Borrowed(text)
    }

    /// A piece of a value that is not just text, and the text before it.
    #[cold]
    fn odd_piece(&mut self, event: Event<'x>, before: &str) -> Result<Content<'x>, Error> {
        match event {
            Event::CData(piece) => self.piece(piece.into_inner()).map(Content::Text),
            Event::GeneralRef(reference) => match escape::resolve(&reference) {
                Some(character) => Ok(Content::Text(Cow::Owned(character.to_string()))),
                None => Err(self.error("a reference to an entity that XML does not define")),
            },
            Event::Comment(_) | Event::PI(_) => Ok(Content::Text(Cow::Borrowed(""))),
            Event::Start(tag) => {
                let (len, name_len) = (tag.len(), tag.name().as_ref().len());
                self.enter(len, name_len, 1)?;
                self.included(before).map(Content::Part)
            }
            Event::Empty(tag) => {
                let (len, name_len) = (tag.len(), tag.name().as_ref().len());
                self.enter(len, name_len, 2)?;
                self.ends_at_once = true;
                self.included(before).map(Content::Part)
            }
            _ => Err(self.error("the document ends inside a value")),
        }
    }

    /// The part that the element at hand refers to, which must be all that its parent holds.
    fn included(&mut self, before: &str) -> Result<Binary, Error> {
        if !self.is(INCLUDE) {
            return Err(self.error("an element inside a simple value"));
        }
        let href = self.href()?;
        self.skip()?;
        if !before.bytes().all(|byte| byte.is_ascii_whitespace()) || self.next()? != Node::End {
            return Err(self.error("an xop:Include beside other content"));
        }
        let stream = self.stream_next;
        let taken = match self.parts.as_mut() {
            Some(parts) => parts.take(&href, stream),
            None => Err("an xop:Include outside of a package"),
        };
        taken.map_err(|what| self.error(what))
    }

    /// The `href` of the element at hand.
    pub(crate) fn href(&mut self) -> Result<String, Error> {
        let href =
            self.attributes()?.into_iter().find(|(namespace, local, _)| namespace.is_empty() && *local == "href");
        match href {
            Some((_, _, href)) => Ok(href.into_owned()),
            None => Err(self.error("an xop:Include without href")),
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
        Ok(if text.as_bytes().contains(&b'\r') {
            Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
        } else {
            text
        })
    }
}
