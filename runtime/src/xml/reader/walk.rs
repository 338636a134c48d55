//! Walks a document from element to element.

use quick_xml::events::Event;

use crate::error::Error;
use crate::xml::reader::Reader;

/// Where an element begins or ends.
pub(crate) enum Edge {
    /// The reader is at an element that begins at this byte.
    Start(usize),
    /// The content of an element ends at this byte.
    End(usize),
}

impl<'x> Reader<'x> {
    /// The next place where an element begins or ends, with any text around it. `None` at the end of the document.
    ///
    /// # Errors
    /// A DTD, a limit, or XML that is not well-formed.
    pub(crate) fn edge(&mut self) -> Result<Option<Edge>, Error> {
        if self.ends_at_once {
            self.leave();
            return Ok(Some(Edge::End(self.position())));
        }
        loop {
            match self.event()? {
                Event::Start(tag) => {
                    let (len, name_len) = (tag.len(), tag.name().as_ref().len());
                    self.enter(len, name_len, 1)?;
                    return Ok(Some(Edge::Start(self.tag.start + self.mark)));
                }
                Event::Empty(tag) => {
                    let (len, name_len) = (tag.len(), tag.name().as_ref().len());
                    self.enter(len, name_len, 2)?;
                    self.ends_at_once = true;
                    return Ok(Some(Edge::Start(self.tag.start + self.mark)));
                }
                Event::End(tag) => {
                    let tail = tag.len() + "</>".len();
                    self.leave();
                    return Ok(Some(Edge::End(self.position() - tail)));
                }
                Event::DocType(_) => return Err(self.error("a document type declaration, which is never read")),
                Event::Eof if !self.is_utf8 => return Err(self.error("bytes that are not UTF-8")),
                Event::Eof => return Ok(None),
                _ => {}
            }
        }
    }

    /// Where the start tag of the current element begins, on the scale of [`offset`](Self::offset).
    pub(crate) fn tag_start(&self) -> usize {
        self.tag.start
    }

    /// The attributes of the current element as written: names and values, without declarations.
    ///
    /// # Errors
    /// Markup that is not well-formed.
    pub(crate) fn written_attributes(&self) -> Result<Vec<(&'x str, &'x str)>, Error> {
        let mut found = Vec::new();
        for attribute in super::attributes(self.tag.content, self.tag.name_len) {
            let (key, value) = attribute.map_err(|what| self.error(what))?;
            if super::declared_prefix(key).is_none() {
                found.push((self.cut(key)?, self.cut(value)?));
            }
        }
        Ok(found)
    }

    /// The namespace and local name of the current element.
    pub(crate) fn name(&self) -> (&str, &'x str) {
        (self.scopes.namespace(self.tag.namespace), std::str::from_utf8(self.tag.local).unwrap_or_default())
    }

    /// How many elements the reader is in.
    pub(crate) fn depth(&self) -> u32 {
        self.depth
    }

    /// Goes to the next element in document order, at any depth, and says at which byte it begins. `None` at the end.
    ///
    /// # Errors
    /// A DTD, a limit, or XML that is not well-formed.
    pub(crate) fn next_element(&mut self) -> Result<Option<usize>, Error> {
        if self.ends_at_once {
            self.leave();
        }
        loop {
            match self.event()? {
                Event::Start(tag) => {
                    let (len, name_len) = (tag.len(), tag.name().as_ref().len());
                    self.enter(len, name_len, 1)?;
                    break;
                }
                Event::Empty(tag) => {
                    let (len, name_len) = (tag.len(), tag.name().as_ref().len());
                    self.enter(len, name_len, 2)?;
                    self.ends_at_once = true;
                    break;
                }
                Event::End(_) => {
                    self.leave();
                }
                Event::DocType(_) => return Err(self.error("a document type declaration, which is never read")),
                Event::Eof if !self.is_utf8 => return Err(self.error("bytes that are not UTF-8")),
                Event::Eof => return Ok(None),
                _ => {}
            }
        }
        Ok(Some(self.tag.start + self.mark))
    }

    /// The byte of the document where the next event begins.
    pub(crate) fn position(&self) -> usize {
        self.offset() + self.mark
    }
}
