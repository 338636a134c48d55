//! `Content-ID` of a part, and `cid:` URLs that refer to one (RFC 2392).

use std::borrow::Cow;

use crate::xml::steps;

/// The id without its angle brackets, which some senders leave out.
pub(crate) fn bare(id: &str) -> &str {
    let id = id.trim();
    id.strip_prefix('<').and_then(|id| id.strip_suffix('>')).unwrap_or(id)
}

/// The id that a `cid:` URL refers to, still percent-encoded.
pub(crate) fn of_url(href: &str) -> Option<&str> {
    let href = href.trim();
    let scheme = href.get(..4)?;
    scheme.eq_ignore_ascii_case("cid:").then(|| &href[4..])
}

/// What the ids of attachments end with: none of a mail host, which would have to be somebody's.
const DOMAIN: &str = "soap.invalid";

/// The id of an attachment: the name of its part, something unique, and a domain (WS-I Attachments Profile 1.0).
pub(crate) fn of_part(name: &str, unique: &str) -> String {
    let mut id = String::new();
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b':' => id.push(char::from(byte)),
            _ => id.push_str(&format!("%{byte:02X}")),
        }
    }
    id + "=" + unique + "@" + DOMAIN
}

/// The id of the envelope beside attachments, which is the name of none.
pub(crate) fn of_root(unique: &str) -> String {
    format!("{unique}@{DOMAIN}")
}

/// The name of the part that an id states, as it is compared: what [`of_part`] begins with, or all of it.
pub(crate) fn part_name(key: &[u8]) -> &[u8] {
    key.split(|byte| *byte == b'=').next().unwrap_or(key)
}

/// An id as it is compared. URLs percent-encode some characters, and some senders encode more, or also the header.
pub(crate) fn key(id: &str) -> Cow<'_, [u8]> {
    steps::count(id.len());
    if !id.contains('%') {
        return Cow::Borrowed(id.as_bytes());
    }
    let mut bytes = Vec::with_capacity(id.len());
    let mut rest = id.as_bytes();
    while let [byte, tail @ ..] = rest {
        let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match tail {
            [high, low, after @ ..] if *byte == b'%' => {
                if let (Some(high), Some(low)) = (digit(high), digit(low)) {
                    bytes.push(high << 4 | low);
                    rest = after;
                    continue;
                }
                bytes.push(*byte);
            }
            _ => bytes.push(*byte),
        }
        rest = tail;
    }
    Cow::Owned(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_urls() {
        assert_eq!(bare(" <http://tempuri.org/0> "), "http://tempuri.org/0");
        assert_eq!(bare("root"), "root");
        assert_eq!(of_url("cid:1@bl"), Some("1@bl"));
        assert_eq!(of_url("CID:1@bl"), Some("1@bl"));
        for not in ["", "ci", "http://x", "#1", "æøå:1"] {
            assert_eq!(of_url(not), None, "{not}");
        }
    }

    #[test]
    fn names_of_parts() {
        assert_eq!(of_part("photo", "1-2"), "photo=1-2@soap.invalid");
        for name in ["photo", "bilde_av-elg.1", "økt", "a=b", "a%b", "\r\n>"] {
            let id = of_part(name, "1-2");
            assert!(id.is_ascii() && !id.contains(['\r', '\n', '>']), "{id}");
            let expected = name.split('=').next().unwrap();
            assert_eq!(part_name(&key(&id)), expected.as_bytes(), "{id}");
        }
        assert_eq!(part_name(b"photo"), b"photo");
    }

    #[test]
    fn escapes_mean_nothing() {
        let same = |left, right| key(left) == key(right);
        assert!(same("http://tempuri.org/1/63", "http:%2F%2ftempuri.org/1/63"));
        assert!(same("a%40b", "a@b"));
        assert!(same("100%", "100%") && same("1%zz", "1%zz"));
        assert!(!same("a", "b") && !same("a%4", "a@"));
    }
}
