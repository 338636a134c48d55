//! The texts that a run reads, by name.

use std::collections::BTreeMap;

/// Named texts: WSDL documents and XML schemas.
///
/// A name is a relative path with `/`. Imports are resolved by these names, so they should mirror
/// the folders the documents come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceSet {
    texts: BTreeMap<String, String>,
}

impl SourceSet {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text, replacing an earlier one with this name. A byte order mark is dropped.
    pub fn insert(&mut self, name: impl AsRef<str>, text: impl Into<String>) {
        let mut text = text.into();
        if text.starts_with('\u{feff}') {
            text.remove(0);
        }
        self.texts.insert(normalize(name.as_ref()), text);
    }

    /// The text of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    /// Names and texts, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// The number of texts.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there are no texts.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

/// The text in a file's bytes: UTF-8, UTF-16 with a byte order mark, or Latin-1 if the XML declaration
/// says so.
///
/// # Errors
/// Names the encoding that was expected.
pub fn decode(bytes: &[u8]) -> Result<String, String> {
    let utf16 = |unit: fn([u8; 2]) -> u16, rest: &[u8]| {
        let units = rest.chunks(2).map(|pair| match pair {
            [first, second] => unit([*first, *second]),
            _ => 0xD800, // half a unit: an unpaired surrogate, which the decoder refuses
        });
        char::decode_utf16(units).collect::<Result<String, _>>().map_err(|_| "not valid UTF-16".to_owned())
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => return utf16(u16::from_le_bytes, rest),
        [0xFE, 0xFF, rest @ ..] => return utf16(u16::from_be_bytes, rest),
        _ => {}
    }
    match declared_encoding(bytes).to_ascii_lowercase().as_str() {
        "iso-8859-1" | "latin1" => Ok(bytes.iter().map(|byte| char::from(*byte)).collect()),
        "windows-1252" => Ok(bytes.iter().map(|byte| windows_1252(*byte)).collect()),
        _ => String::from_utf8(bytes.to_vec()).map_err(|_| "not valid UTF-8; save it as UTF-8".to_owned()),
    }
}

/// The encoding in the XML declaration, if there is one.
fn declared_encoding(bytes: &[u8]) -> &str {
    let declaration = bytes.split(|byte| *byte == b'>').next().unwrap_or(bytes);
    let Some(text) = std::str::from_utf8(declaration).ok().filter(|text| text.starts_with("<?xml")) else { return "" };
    let Some((_, value)) = text.split_once("encoding") else { return "" };
    value.split(['"', '\'']).nth(1).unwrap_or("")
}

/// Like Latin-1, with printable characters in place of 32 control characters.
fn windows_1252(byte: u8) -> char {
    const HIGH: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";
    match byte {
        0x80..=0x9F => HIGH.chars().nth(usize::from(byte - 0x80)).unwrap_or(char::REPLACEMENT_CHARACTER),
        _ => char::from(byte),
    }
}

/// One spelling per path: `/` only, no `.` and, where possible, no `..`.
///
/// A path that leaves the root keeps its leading `..`, so that it matches no name by accident.
pub(crate) fn normalize(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// A location with its percent-encoded octets decoded; unchanged, if they are not UTF-8.
pub(crate) fn percent_decode(location: &str) -> String {
    let mut octets = Vec::with_capacity(location.len());
    let mut rest = location.as_bytes();
    while let [first, tail @ ..] = rest {
        let digit = |at: usize| tail.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        match (first, digit(0).zip(digit(1))) {
            (b'%', Some((high, low))) => {
                octets.push(u8::try_from(high * 16 + low).unwrap_or(b'%'));
                rest = &tail[2..];
            }
            _ => {
                octets.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(octets).unwrap_or_else(|_| location.to_owned())
}

/// The folder of a name, empty at the top.
pub(crate) fn folder(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last part of a name.
pub(crate) fn file_name(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, file)| file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_spelling() {
        for (written, normal) in
            [("a/b.xsd", "a/b.xsd"), ("./a/../b.xsd", "b.xsd"), ("a\\b.xsd", "a/b.xsd"), ("../../x", "../../x")]
        {
            assert_eq!(normalize(written), normal);
        }
    }

    #[test]
    fn locations_may_be_percent_encoded() {
        for (written, decoded) in [
            ("my%20types.xsd", "my types.xsd"),
            ("%C3%A5.xsd", "å.xsd"),
            ("100%.xsd", "100%.xsd"),
            ("%E5.xsd", "%E5.xsd"),
            ("a%2", "a%2"),
        ] {
            assert_eq!(percent_decode(written), decoded);
        }
    }

    #[test]
    fn texts_come_in_several_encodings() {
        assert_eq!(decode("å".as_bytes()), Ok("å".to_owned()));
        assert_eq!(decode(&[0xFF, 0xFE, 0xE5, 0x00]), Ok("å".to_owned()));
        assert_eq!(decode(&[0xFE, 0xFF, 0x00, 0xE5]), Ok("å".to_owned()));
        assert!(decode(&[0xFF, 0xFE, 0xE5]).is_err());
        assert!(decode(&[0xE5, 0x00]).is_err());
        let declared = |encoding: &str, byte: u8| {
            let mut bytes = format!("<?xml version='1.0' encoding='{encoding}'?>").into_bytes();
            bytes.push(byte);
            decode(&bytes).map(|text| text.chars().last())
        };
        assert_eq!(declared("ISO-8859-1", 0xE5), Ok(Some('å')));
        assert_eq!(declared("windows-1252", 0x80), Ok(Some('€')));
        assert_eq!(declared("windows-1252", 0x9F), Ok(Some('Ÿ')));
        assert!(declared("UTF-8", 0xE5).is_err());
    }

    #[test]
    fn a_byte_order_mark_is_no_text() {
        let mut set = SourceSet::new();
        set.insert("./a.wsdl", "\u{feff}<x/>");
        assert_eq!(set.get("a.wsdl"), Some("<x/>"));
    }
}
