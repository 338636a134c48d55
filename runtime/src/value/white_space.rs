//! The `whiteSpace` facet.

use std::borrow::Cow;

/// How the `whiteSpace` facet changes a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum WhiteSpace {
    /// Nothing.
    #[default]
    Preserve,
    /// Replaces each tab and line break with a space.
    Replace,
    /// The same, then single spaces between words and none at the ends.
    Collapse,
}

impl WhiteSpace {
    /// Applies the facet.
    pub(crate) fn apply<'t>(self, text: Cow<'t, str>) -> Cow<'t, str> {
        match self {
            Self::Preserve => text,
            Self::Replace if text.contains(['\t', '\n', '\r']) => text.replace(['\t', '\n', '\r'], " ").into(),
            Self::Collapse if !is_collapsed(&text) => {
                text.split([' ', '\t', '\n', '\r']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").into()
            }
            Self::Replace | Self::Collapse => text,
        }
    }
}

fn is_collapsed(text: &str) -> bool {
    let bytes = text.as_bytes();
    !bytes.iter().any(|byte| matches!(byte, b'\t' | b'\n' | b'\r'))
        && !text.starts_with(' ')
        && !text.ends_with(' ')
        && !bytes.windows(2).any(|pair| pair == b"  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_facets() {
        let apply = |facet: WhiteSpace, text: &'static str| facet.apply(Cow::Borrowed(text)).into_owned();
        let text = " a\t\nb  c\r\n";
        assert_eq!(apply(WhiteSpace::Preserve, text), text);
        assert_eq!(apply(WhiteSpace::Replace, text), " a  b  c  ");
        assert_eq!(apply(WhiteSpace::Collapse, text), "a b c");
        assert_eq!(apply(WhiteSpace::Collapse, "a\u{a0}b"), "a\u{a0}b", "no white space to XML");
        assert_eq!(apply(WhiteSpace::Collapse, "   "), "");
    }
}
