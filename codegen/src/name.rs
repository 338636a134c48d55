//! The names of XML and the versions of SOAP, which every module uses.

use std::fmt;

/// A namespace and a local name.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QName {
    /// The namespace name; empty for none.
    pub namespace: String,
    /// The local name.
    pub local: String,
}

impl fmt::Display for QName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}{}", self.namespace, self.local)
    }
}

/// Whether a text is a name without a colon (NCName), as XML 1.0 in its fifth edition has it.
pub(crate) fn is_ncname(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(starts_name) && chars.all(continues_name)
}

fn starts_name(c: char) -> bool {
    matches!(c, 'A'..='Z' | '_' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}' | '\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

fn continues_name(c: char) -> bool {
    starts_name(c) || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}' | '\u{2040}')
}

/// The SOAP version of a binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SoapVersion {
    /// SOAP 1.1, `text/xml`.
    Soap11,
    /// SOAP 1.2, `application/soap+xml`.
    Soap12,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_xml() {
        for name in ["a", "_", "Order-1.x", "Straße", "名前", "a\u{B7}", "e\u{301}", "\u{200D}x", "\u{FEFF}"] {
            assert!(is_ncname(name), "{name:?}");
        }
        for text in
            ["", " a", "a b", "a:b", "1a", "-a", ".a", "a\u{A0}", "a\n", "a;", "a\u{202E}", "a\u{200E}", "\u{B7}"]
        {
            assert!(!is_ncname(text), "{text:?}");
        }
    }
}
