//! Walks a document from element to element.

use quick_xml::events::Event;

use crate::error::Error;
use crate::xml::reader::Reader;

impl Reader<'_> {
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
