//! How white space is spread over base64: enough to write the text again as it was.

/// Lines of one length with the same white space between them, and other white space around: what encoders write.
/// White space may be written as references (`&#13;`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    before: Vec<u8>,
    /// Characters of each line but the last.
    line: usize,
    between: Vec<u8>,
    behind: Vec<u8>,
    place: Place,
    /// Characters of the current line.
    count: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Before,
    /// In the first line, whose length is not known yet.
    FirstLine,
    /// In the white space behind it.
    FirstBreak,
    Line,
    /// In white space that so far is the usual one, up to this byte of it.
    Break(usize),
    Behind,
}

/// Most bytes of white space in one place.
const MOST: usize = 64;

impl Layout {
    /// Whether so many characters can follow.
    pub(super) fn fits(&self, count: usize) -> bool {
        match self.place {
            Place::Before | Place::FirstLine => true,
            Place::FirstBreak => count <= self.count,
            Place::Line => count <= self.line - self.count,
            Place::Break(at) => at == self.between.len() && count <= self.line,
            Place::Behind => false,
        }
    }

    /// Adds characters, which fit.
    pub(super) fn characters(&mut self, count: usize) {
        if self.place == Place::FirstBreak {
            self.line = self.count;
        }
        (self.place, self.count) = match self.place {
            Place::Before | Place::FirstLine => (Place::FirstLine, self.count + count),
            Place::Line => (Place::Line, self.count + count),
            _ => (Place::Line, count),
        };
    }

    /// Adds white space. `false` if there is too much of it, and nothing is added.
    pub(super) fn space(&mut self, space: &[u8]) -> bool {
        if let Place::Line | Place::Break(_) = self.place {
            let at = if let Place::Break(at) = self.place { at } else { 0 };
            let is_usual = (at > 0 || self.count == self.line) && self.between[at..].starts_with(space);
            if is_usual {
                self.place = Place::Break(at + space.len());
                return true;
            }
            self.behind = self.between[..at].to_vec();
            self.place = Place::Behind;
        }
        let kept = match self.place {
            Place::Before => &mut self.before,
            Place::FirstLine | Place::FirstBreak => &mut self.between,
            _ => &mut self.behind,
        };
        if kept.len() + space.len() > MOST {
            return false;
        }
        kept.extend_from_slice(space);
        if self.place == Place::FirstLine {
            self.place = Place::FirstBreak;
        }
        true
    }

    /// The text, from its characters.
    pub(super) fn text(&self, characters: &[u8]) -> Vec<u8> {
        let (line, behind) = match self.place {
            Place::Before | Place::FirstLine => (0, &[][..]),
            Place::FirstBreak => (0, &self.between[..]),
            Place::Line => (self.line, &[][..]),
            Place::Break(at) => (self.line, &self.between[..at]),
            Place::Behind => (self.line, &self.behind[..]),
        };
        let line = if line == 0 { characters.len().max(1) } else { line };
        let breaks = characters.len() / line * self.between.len();
        let mut text = Vec::with_capacity(self.before.len() + characters.len() + breaks + behind.len());
        text.extend_from_slice(&self.before);
        for (at, line) in characters.chunks(line).enumerate() {
            if at > 0 {
                text.extend_from_slice(&self.between);
            }
            text.extend_from_slice(line);
        }
        text.extend_from_slice(behind);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The layout of a text whose white space is that of ASCII, as far as it is regular.
    fn of(text: &str) -> (Layout, usize) {
        let mut layout = Layout::default();
        for (at, byte) in text.bytes().enumerate() {
            let fits = if byte.is_ascii_whitespace() { layout.space(&[byte]) } else { layout.fits(1) };
            if !fits {
                return (layout, at);
            }
            if !byte.is_ascii_whitespace() {
                layout.characters(1);
            }
        }
        (layout, text.len())
    }

    #[test]
    fn what_is_regular_is_written_again_as_it_was() {
        for text in [
            "",
            " ",
            "abc",
            " abc\n",
            "ab\ncd",
            "ab\r\ncd\r\ne",
            "\n  ab\n  cd\n  ef\n",
            "ab\ncd\n",
            "ab\n cd\n e \n",
            "a\nb\nc\n\n",
        ] {
            let (layout, read) = of(text);
            assert_eq!(read, text.len(), "{text:?}");
            let characters: String = text.split_ascii_whitespace().collect();
            assert_eq!(layout.text(characters.as_bytes()), text.as_bytes());
        }
    }

    /// Up to where it is not.
    #[test]
    fn what_is_irregular_is_seen() {
        for (text, regular) in [("ab\ncde", 5), ("ab\nc\nd", 5), ("ab\ncd ef", 6), ("ab\n \ncd\n ef", 9), ("a\nbc", 3)]
        {
            let (layout, read) = of(text);
            assert_eq!(read, regular, "{text:?}");
            let characters: String = text[..read].split_ascii_whitespace().collect();
            assert_eq!(layout.text(characters.as_bytes()), &text.as_bytes()[..read]);
        }
        let (_, read) = of(&" ".repeat(1000));
        assert_eq!(read, MOST);
    }
}
