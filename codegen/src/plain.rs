//! Texts from outside, held on one line, and texts of ours with pieces in them.

use std::fmt::{Display, Write};

/// A text on one line, as it is safe to print and to compile: a space stands for each character that ends a line,
/// controls a terminal, or turns the direction of writing.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|c| if is_plain(c) { c } else { ' ' }).collect()
}

/// Letters, signs, spaces, and what joins them; none of the characters that act on what stands around them.
fn is_plain(c: char) -> bool {
    let turns = matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let ends_line = matches!(c, '\u{2028}' | '\u{2029}');
    !(c.is_control() || turns || ends_line || c == '\u{FEFF}')
}

/// A skeleton with a piece in the place of each `$`. There are as many pieces as places.
pub(crate) fn fill<'p>(skeleton: &'static str, pieces: impl IntoIterator<Item = &'p dyn Display>) -> String {
    let mut pieces = pieces.into_iter();
    let mut places = skeleton.split('$');
    let mut text = places.next().unwrap_or("").to_owned();
    for after in places {
        let piece = pieces.next();
        debug_assert!(piece.is_some(), "a piece is missing: {skeleton}");
        // Writing to a String cannot fail.
        let _ = piece.map(|piece| write!(text, "{piece}"));
        text.push_str(after);
    }
    debug_assert!(pieces.next().is_none(), "a piece has no place: {skeleton}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_one_line() {
        let text =
            "a\r\nb\tc\u{0}\u{7f}\u{9b}\u{85}\u{2028}\u{2029}\u{feff}\u{202e}\u{2066}\u{200e}\u{200f}\u{61c}d\u{200d}å";
        assert_eq!(one_line(text), format!("a  b c{}d\u{200d}å", " ".repeat(12)));
    }

    #[test]
    fn pieces_stand_where_the_skeleton_says() {
        let pieces: [&dyn Display; 2] = [&"$", &1];
        assert_eq!(fill("a($, $)", pieces), "a($, 1)");
    }
}
