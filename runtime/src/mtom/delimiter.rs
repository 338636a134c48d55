//! Finds the line that separates the parts, in a sequence of pieces.

use bytes::{Buf, Bytes};
use memchr::memmem::Finder;

use crate::xml::steps;

/// A line break and `--boundary`.
///
/// The search is one pass of `memmem` over each piece. Only the end of a piece can be the start of a delimiter that the
/// next piece continues. As the line break occurs nowhere else in a delimiter, it is enough to remember how many bytes
/// matched.
pub(super) struct Delimiter {
    needle: Bytes,
    finder: Finder<'static>,
    /// Bytes of the needle that the pieces so far ended with.
    matched: usize,
    /// How many of them, at the front, are not data in any case: a line break that was consumed before.
    taken: usize,
    /// The same, of the delimiter found last.
    last_taken: usize,
    line_break: usize,
}

/// The next part of a piece.
pub(super) enum Found {
    /// Bytes that are not part of a delimiter. Never empty.
    Data(Bytes),
    /// A delimiter. The piece continues after it.
    Delimiter,
    /// The piece is used up.
    Nothing,
}

impl Delimiter {
    /// `line_break` is `"\r\n"` or `"\n"`; a boundary holds neither.
    pub(super) fn new(line_break: &str, boundary: &str) -> Self {
        let needle = [line_break, "--", boundary].concat();
        Self {
            finder: Finder::new(needle.as_bytes()).into_owned(),
            needle: needle.into(),
            matched: 0,
            taken: 0,
            last_taken: 0,
            line_break: line_break.len(),
        }
    }

    /// The next piece begins a line: a delimiter there needs no line break of its own.
    pub(super) fn start_of_line(&mut self) {
        self.matched = self.line_break;
        self.taken = self.line_break;
    }

    /// The delimiter found last as data, for one that turns out not to be one.
    pub(super) fn as_data(&self) -> Bytes {
        self.needle.slice(self.last_taken..)
    }

    /// Takes from the front of the piece.
    pub(super) fn next(&mut self, piece: &mut Bytes) -> Found {
        if piece.is_empty() {
            return Found::Nothing;
        }
        if self.matched > 0 {
            let wanted = &self.needle[self.matched..];
            let common = wanted.len().min(piece.len());
            if wanted[..common] == piece[..common] {
                piece.advance(common);
                self.matched += common;
                if self.matched < self.needle.len() {
                    return Found::Nothing;
                }
                self.last_taken = self.taken;
                (self.matched, self.taken) = (0, 0);
                return Found::Delimiter;
            }
            let data = self.needle.slice(self.taken..self.matched);
            (self.matched, self.taken) = (0, 0);
            if !data.is_empty() {
                return Found::Data(data);
            }
        }
        let found = self.finder.find(piece);
        steps::count(found.unwrap_or(piece.len()) + self.needle.len());
        match found {
            Some(0) => {
                piece.advance(self.needle.len());
                self.last_taken = 0;
                Found::Delimiter
            }
            Some(at) => Found::Data(piece.split_to(at)),
            None => {
                let data = piece.split_to(self.tail(piece));
                self.matched = piece.len();
                piece.clear();
                if data.is_empty() { Found::Nothing } else { Found::Data(data) }
            }
        }
    }

    /// Where a delimiter begins that is not complete in this piece.
    fn tail(&self, piece: &[u8]) -> usize {
        let from = piece.len().saturating_sub(self.needle.len() - 1);
        memchr::memrchr(self.needle[0], &piece[from..])
            .map(|at| from + at)
            .filter(|at| self.needle.starts_with(&piece[*at..]))
            .unwrap_or(piece.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The data between delimiters.
    fn split(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut delimiter = Delimiter::new("\r\n", "b");
        let mut found = vec![Vec::new()];
        for piece in pieces {
            let mut piece = Bytes::copy_from_slice(piece);
            loop {
                match delimiter.next(&mut piece) {
                    Found::Data(data) => found.last_mut().unwrap().extend_from_slice(&data),
                    Found::Delimiter => found.push(Vec::new()),
                    Found::Nothing => break,
                }
            }
        }
        found
    }

    #[test]
    fn whatever_the_pieces() {
        let text = b"a\r\r\n-\r\n--\r\n--b\r\n\r\n--b--b\n--b\r\n--x\r\r\n--b";
        let whole = split(&[text]);
        assert_eq!(whole, [&b"a\r\r\n-\r\n--"[..], b"\r\n", b"--b\n--b\r\n--x\r", b""]);
        for one in 0..=text.len() {
            for two in one..=text.len() {
                assert_eq!(split(&[&text[..one], &text[one..two], &text[two..]]), whole, "{one} {two}");
            }
        }
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        assert_eq!(split(&bytes), whole);
    }

    #[test]
    fn data_is_not_copied() {
        let whole = Bytes::from(vec![b'x'; 100]);
        let mut piece = whole.clone();
        let Found::Data(data) = Delimiter::new("\r\n", "b").next(&mut piece) else { panic!() };
        assert_eq!(data.as_ptr(), whole.as_ptr());
    }
}
