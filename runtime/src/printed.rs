//! Texts are printed up to a length.

use std::fmt::{self, Write};

/// Most bytes of the text of one error, without the errors below it.
pub(crate) const ERROR_TEXT: usize = 1000;

/// Passes a text on up to a number of bytes, and ends it with `…` if there would be more.
pub(crate) struct Cut<'a, W> {
    out: &'a mut W,
    /// None after the end.
    left: Option<usize>,
}

const DOTS: &str = "…";

impl<'a, W: Write> Cut<'a, W> {
    pub(crate) fn at(limit: usize, out: &'a mut W) -> Self {
        Self { out, left: limit.checked_sub(DOTS.len()) }
    }
}

impl<W: Write> Write for Cut<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let Some(left) = self.left else { return Ok(()) };
        self.left = left.checked_sub(text.len());
        if self.left.is_some() {
            return self.out.write_str(text);
        }
        let end = (0..=left).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
        self.out.write_str(&text[..end])?;
        self.out.write_str(DOTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_once_and_between_characters() {
        let cut = |limit, texts: &[&str]| {
            let mut out = String::new();
            let mut cut = Cut::at(limit, &mut out);
            texts.iter().for_each(|text| cut.write_str(text).unwrap());
            out
        };
        assert_eq!(cut(8, &["ab", "", "cde"]), "abcde");
        assert_eq!(cut(8, &["ab", "cde", "f", "g"]), "abcde…");
        assert_eq!(cut(8, &["abcdæ", "f"]), "abcd…");
        assert_eq!(cut(2, &["a"]), "");
        assert_eq!(cut(ERROR_TEXT, &["x".repeat(5000).as_str()]).len(), ERROR_TEXT);
    }
}
