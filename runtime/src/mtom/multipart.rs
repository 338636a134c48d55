//! The parts of a `multipart` body, piece by piece, without I/O.

use std::collections::VecDeque;

use bytes::{Buf, Bytes};

use crate::error::Error;
use crate::limits::MtomLimits;
use crate::mtom::delimiter::{Delimiter, Found};
use crate::mtom::part_head::PartHead;
use crate::xml::steps;

/// What comes next.
#[derive(Debug)]
pub(crate) enum Event {
    /// A part begins.
    Part(PartHead),
    /// Content of the part, never empty. A slice of what was fed.
    Data(Bytes),
    /// The closing boundary: the package is complete.
    End,
}

/// A parser that is fed pieces and returns events.
///
/// Line ends are CRLF, or LF throughout; the first boundary line decides, as content may end with a CR of its own.
pub(crate) struct Multipart {
    boundary: String,
    delimiter: Delimiter,
    state: State,
    pieces: VecDeque<Bytes>,
    limits: MtomLimits,
    parts: usize,
    /// Bytes before the first boundary.
    before: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// Before the first boundary.
    Before,
    /// After a boundary, on the same line: its bytes so far.
    Line(Vec<u8>),
    /// In header lines: those so far, and where the last one begins.
    Head(Vec<u8>, usize),
    /// In content.
    Content,
    /// After the last boundary.
    Done,
}

/// White space that may stand between a boundary and the end of its line.
const PADDING: usize = 128;

/// Longest boundary that RFC 2046 allows; WCF refuses a longer one. We read what a peer may send by mistake.
const BOUNDARY: usize = 256;

impl Multipart {
    /// # Errors
    /// An invalid boundary.
    pub(crate) fn new(boundary: &str, limits: &MtomLimits) -> Result<Self, Error> {
        let boundary = boundary.trim_end();
        if boundary.is_empty() || boundary.len() > BOUNDARY || boundary.contains(['\r', '\n']) {
            return Err(Error::malformed("a multipart message without a usable boundary"));
        }
        let mut delimiter = Delimiter::new("\n", boundary);
        delimiter.start_of_line();
        Ok(Self {
            boundary: boundary.to_owned(),
            delimiter,
            state: State::Before,
            pieces: VecDeque::new(),
            limits: *limits,
            parts: 0,
            before: 0,
        })
    }

    /// Adds a piece. All events should have been taken out before.
    pub(crate) fn feed(&mut self, piece: Bytes) {
        if self.state != State::Done {
            self.pieces.push_back(piece);
        }
    }

    /// Bytes that were fed and are in no event yet.
    pub(crate) fn buffered(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.len() as u64).sum()
    }

    /// Length of the usual end of a package: a boundary line with two more hyphens.
    pub(crate) fn closing(&self) -> u64 {
        self.boundary.len() as u64 + 8
    }

    /// Checks that the package is complete when no more pieces come.
    pub(crate) fn finish(&self) -> Result<(), Error> {
        let what = match self.state {
            State::Done => return Ok(()),
            State::Before => "a multipart message without any part",
            _ => "the multipart message ends before its closing boundary",
        };
        Err(Error::malformed(what))
    }

    /// The next event, or `None` if it needs another piece.
    pub(crate) fn next(&mut self) -> Result<Option<Event>, Error> {
        loop {
            if self.state == State::Done {
                self.pieces.clear();
                return Ok(Some(Event::End));
            }
            let Some(piece) = self.pieces.front_mut() else { return Ok(None) };
            if piece.is_empty() {
                self.pieces.pop_front();
                continue;
            }
            match &mut self.state {
                State::Before => match self.delimiter.next(piece) {
                    Found::Data(skipped) => self.skip(skipped.len())?,
                    Found::Delimiter => self.state = State::Line(Vec::new()),
                    Found::Nothing => {}
                },
                State::Content => match self.delimiter.next(piece) {
                    Found::Data(data) => return Ok(Some(Event::Data(data))),
                    Found::Delimiter => self.state = State::Line(Vec::new()),
                    Found::Nothing => {}
                },
                State::Line(line) => {
                    line.push(piece.get_u8());
                    if let Some(event) = self.line()? {
                        return Ok(Some(event));
                    }
                }
                State::Head(lines, start) => {
                    let end = memchr::memchr(b'\n', piece).map_or(piece.len(), |at| at + 1);
                    if lines.len() + end > self.limits.part_header_bytes {
                        return Err(Error::malformed(
                            "the headers of a part are larger than allowed (MtomLimits::part_header_bytes)",
                        ));
                    }
                    lines.extend_from_slice(&piece.split_to(end));
                    if let b"\r\n" | b"\n" = &lines[*start..] {
                        let head = PartHead::parse(&lines[..*start])?;
                        // A part without content may have only the blank line before the boundary (RFC 2046).
                        self.delimiter.start_of_line();
                        self.state = State::Content;
                        return Ok(Some(Event::Part(head)));
                    }
                    if lines.ends_with(b"\n") {
                        *start = lines.len();
                    }
                }
                State::Done => {}
            }
        }
    }

    fn skip(&mut self, bytes: usize) -> Result<(), Error> {
        self.before += bytes;
        if self.before > self.limits.around_bytes {
            return Err(Error::malformed("more before the first boundary than allowed (MtomLimits::around_bytes)"));
        }
        Ok(())
    }

    /// Decides what the rest of a boundary's line is, as soon as enough of it has arrived.
    fn line(&mut self) -> Result<Option<Event>, Error> {
        let State::Line(line) = &mut self.state else { return Ok(None) };
        steps::count(2);
        // All but the last two bytes are known to be padding.
        let crlf = match &line[..] {
            b"-" => return Ok(None),
            b"--" if self.parts > 0 => {
                self.state = State::Done;
                return Ok(Some(Event::End));
            }
            [b'\n'] | [.., b' ' | b'\t', b'\n'] => false,
            [.., b'\r', b'\n'] => true,
            [b' ' | b'\t' | b'\r'] => return Ok(None),
            [.., b' ' | b'\t', b' ' | b'\t' | b'\r'] if line.len() <= PADDING => return Ok(None),
            _ => return self.no_boundary(),
        };
        if self.parts == 0 {
            // A message uses LF alone if its content is followed by LF alone.
            self.delimiter = Delimiter::new(if crlf { "\r\n" } else { "\n" }, &self.boundary);
        }
        self.parts += 1;
        if self.parts > self.limits.parts {
            return Err(Error::malformed("a multipart message with more parts than allowed (MtomLimits::parts)"));
        }
        self.state = State::Head(Vec::new(), 0);
        Ok(None)
    }

    /// It only began like a boundary: it is content, and so is what follows it, which may contain the real boundary.
    fn no_boundary(&mut self) -> Result<Option<Event>, Error> {
        let before = self.parts == 0;
        let next = if before { State::Before } else { State::Content };
        if let State::Line(line) = std::mem::replace(&mut self.state, next) {
            self.pieces.push_front(line.into());
        }
        let data = self.delimiter.as_data();
        if before {
            self.skip(data.len())?;
            return Ok(None);
        }
        Ok(Some(Event::Data(data)))
    }
}
