//! Finds where markup begins and ends in a document that is still arriving.
//!
//! It knows no names and no namespaces, only tags, comments and the like: enough to cut a document into pieces that
//! [`Reader`](crate::xml::Reader) then reads and checks.

use std::ops::Range;

use crate::error::Error;
use crate::xml::steps;

/// A piece of markup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Markup {
    /// `<x>`
    Start,
    /// `<x/>`
    Empty,
    /// `</x>`
    End,
    /// `<?xml …?>` and other instructions.
    Instruction,
    /// Character data that is marked as such.
    CData,
    /// A comment.
    Comment,
}

/// The part of the document that has arrived and is still needed.
#[derive(Debug, Default)]
pub(crate) struct Cutter {
    buffer: Vec<u8>,
    /// Behind the last markup that was returned.
    at: usize,
    /// Where the current markup begins, once that has been found.
    start: Option<usize>,
    /// How far the beginning of the current markup has been looked for, or else its end; and the quote it is in.
    searched: usize,
    quote: Option<u8>,
    /// Bytes of the document before the buffer.
    before: usize,
}

impl Cutter {
    /// Adds what has arrived.
    pub(crate) fn feed(&mut self, piece: &[u8]) {
        self.buffer.extend_from_slice(piece);
    }

    /// Bytes in memory.
    pub(crate) fn len(&self) -> usize {
        self.buffer.len()
    }

    /// Bytes of the buffer.
    pub(crate) fn bytes(&self, place: Range<usize>) -> &[u8] {
        &self.buffer[place]
    }

    /// Bytes between markup, without the byte order mark that a document may begin with.
    pub(crate) fn text(&self, place: Range<usize>) -> &[u8] {
        let first = self.before + place.start == 0;
        let text = &self.buffer[place];
        text.strip_prefix(b"\xEF\xBB\xBF").filter(|_| first).unwrap_or(text)
    }

    /// Where the search for markup continues. Everything before it has been returned.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Drops the bytes before a position that has been returned. Later positions move by that number.
    pub(crate) fn forget(&mut self, to: usize) {
        let gone = to.min(self.at);
        self.buffer.drain(..gone);
        self.before += gone;
        self.at -= gone;
        self.start = self.start.map(|start| start - gone);
        self.searched = self.searched.saturating_sub(gone);
    }

    /// An error at the current position.
    pub(crate) fn error(&self, what: &'static str) -> Error {
        Error::malformed(what).at_offset(self.before + self.at)
    }

    /// The next markup with the place where it stands, or `None` if it has not all arrived.
    pub(crate) fn next(&mut self) -> Result<Option<(Markup, Range<usize>)>, Error> {
        let Some(start) = self.start() else { return Ok(None) };
        let rest = &self.buffer[start..];
        let (markup, end): (_, &[u8]) = match rest {
            [_, b'!', b'-', b'-', ..] => (Markup::Comment, b"-->"),
            _ if rest.starts_with(b"<![CDATA[") => (Markup::CData, b"]]>"),
            // Either of these: too little has arrived to tell.
            _ if b"<!--".starts_with(rest) || b"<![CDATA[".starts_with(rest) => return Ok(None),
            [_, b'!', ..] => return Err(self.error("a document type declaration, which is never read")),
            [_, b'?', ..] => (Markup::Instruction, b"?>"),
            [_, b'/', ..] => (Markup::End, b">"),
            _ => return Ok(self.tag(start)),
        };
        // The end may have arrived in part the last time. Its own beginning is no end: `<!-->`.
        let own = if markup == Markup::Comment { 4 } else { 2 };
        let from = self.searched.saturating_sub(end.len() - 1).max(start + own);
        let found = self.buffer.get(from..).and_then(|tail| memchr::memmem::find(tail, end));
        steps::count(found.map_or(self.buffer.len(), |found| from + found).saturating_sub(from));
        Ok(match found {
            Some(found) => Some((markup, self.taken(start, from + found + end.len()))),
            None => {
                self.searched = self.buffer.len();
                None
            }
        })
    }

    /// Where the next markup begins. No byte of the text before it is looked at twice, however it arrives.
    fn start(&mut self) -> Option<usize> {
        if self.start.is_none() {
            let from = self.searched.max(self.at);
            let found = memchr::memchr(b'<', &self.buffer[from..]).map(|found| from + found);
            steps::count(found.unwrap_or(self.buffer.len()) - from);
            self.start = found;
            self.searched = found.unwrap_or(self.buffer.len());
        }
        self.start
    }

    /// A start tag, which ends at the first `>` outside of quotes.
    fn tag(&mut self, start: usize) -> Option<(Markup, Range<usize>)> {
        let mut from = self.searched.max(start + 1);
        loop {
            let tail = self.buffer.get(from..)?;
            let found = match self.quote {
                Some(quote) => memchr::memchr(quote, tail),
                None => memchr::memchr3(b'>', b'"', b'\'', tail),
            };
            steps::count(found.map_or(tail.len(), |found| found + 1));
            let Some(found) = found.map(|found| from + found) else {
                self.searched = self.buffer.len();
                return None;
            };
            from = found + 1;
            match (self.quote, self.buffer[found]) {
                (Some(_), _) => self.quote = None,
                (None, b'>') => {
                    let markup = if self.buffer[found - 1] == b'/' { Markup::Empty } else { Markup::Start };
                    return Some((markup, self.taken(start, from)));
                }
                (None, quote) => self.quote = Some(quote),
            }
        }
    }

    fn taken(&mut self, start: usize, end: usize) -> Range<usize> {
        self.at = end;
        self.start = None;
        self.searched = end;
        start..end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(pieces: &[&str]) -> Vec<(Markup, String)> {
        let mut cutter = Cutter::default();
        let mut found = Vec::new();
        for piece in pieces {
            cutter.feed(piece.as_bytes());
            while let Some((markup, place)) = cutter.next().unwrap() {
                found.push((markup, String::from_utf8(cutter.bytes(place).to_vec()).unwrap()));
            }
            cutter.forget(cutter.at());
        }
        found
    }

    #[test]
    fn whatever_the_pieces() {
        let text = "<?xml a='?'?><a b='/>' c=\"<'>\">x<!-- <b> --><![CDATA[<c>]]]]>y<d/></a><!---->";
        let whole = cut(&[text]);
        let names: Vec<&str> = whole.iter().map(|(_, text)| &**text).collect();
        let expected =
            ["<?xml a='?'?>", "<a b='/>' c=\"<'>\">", "<!-- <b> -->", "<![CDATA[<c>]]]]>", "<d/>", "</a>", "<!---->"];
        assert_eq!(names, expected);
        for one in 0..=text.len() {
            for two in one..=text.len() {
                assert_eq!(cut(&[&text[..one], &text[one..two], &text[two..]]), whole, "{one} {two}");
            }
        }
    }

    #[test]
    fn no_document_type() {
        let mut cutter = Cutter::default();
        cutter.feed(b"<!DOCTYPE a>");
        assert!(cutter.next().is_err());
    }
}
