//! Characters that can't stand for themselves.

use std::borrow::Cow;

use crate::error::Error;

/// Where text is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Element,
    Attribute,
}

/// Bytes that need a look: markup, control characters, and the first byte of U+FFFE and U+FFFF.
static SUSPECT: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = true;
        byte += 1;
    }
    table[b'&' as usize] = true;
    table[b'<' as usize] = true;
    table[b'>' as usize] = true;
    table[b'"' as usize] = true;
    table[0xEF] = true;
    table
};

/// Appends text, escaped. CR goes out as a reference: raw it would come back as LF.
///
/// # Errors
/// A character that XML 1.0 forbids.
pub(crate) fn push(out: &mut Vec<u8>, text: &str, place: Place) -> Result<(), Error> {
    let bytes = text.as_bytes();
    let mut done = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if !SUSPECT[byte as usize] {
            continue;
        }
        let replacement: &[u8] = match (byte, place) {
            (b'&', _) => b"&amp;",
            (b'<', _) => b"&lt;",
            (b'>', _) => b"&gt;",
            (b'\r', _) => b"&#xD;",
            (b'"', Place::Attribute) => b"&quot;",
            (b'\t', Place::Attribute) => b"&#x9;",
            (b'\n', Place::Attribute) => b"&#xA;",
            (b'"' | b'\t' | b'\n', Place::Element) => continue,
            (0xEF, _) if !matches!(bytes.get(at + 1..at + 3), Some([0xBF, 0xBE | 0xBF])) => continue,
            _ => return Err(Error::malformed("a character that XML 1.0 forbids")),
        };
        out.extend_from_slice(&bytes[done..at]);
        out.extend_from_slice(replacement);
        done = at + 1;
    }
    out.extend_from_slice(&bytes[done..]);
    Ok(())
}

/// The character a reference stands for: `amp`, `#10`, `#xA`.
///
/// References to control characters are accepted: .NET writes them, though XML 1.0 forbids them.
pub(crate) fn resolve(reference: &[u8]) -> Option<char> {
    Some(match reference {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        _ => {
            let digits = std::str::from_utf8(reference.strip_prefix(b"#")?).ok()?;
            let (digits, radix) = match digits.strip_prefix('x') {
                Some(hex) => (hex, 16),
                None => (digits, 10),
            };
            // `from_str_radix` also takes a sign.
            if !digits.starts_with(|c: char| c.is_digit(radix)) {
                return None;
            }
            char::from_u32(u32::from_str_radix(digits, radix).ok()?)?
        }
    })
}

/// What an attribute says: references resolved, white space normalised. `None` if it is not well-formed.
pub(crate) fn attribute_value(text: &str) -> Option<Cow<'_, str>> {
    if !text.bytes().any(|byte| matches!(byte, b'&' | b'\t' | b'\n' | b'\r' | b'<')) {
        return Some(Cow::Borrowed(text));
    }
    let mut value = String::with_capacity(text.len());
    let mut rest = &*text.replace("\r\n", "\n").replace(['\t', '\n', '\r'], " ");
    while let Some(at) = rest.find(['&', '<']) {
        value.push_str(&rest[..at]);
        let (name, tail) = rest[at..].strip_prefix('&')?.split_once(';')?;
        value.push(resolve(name.as_bytes())?);
        rest = tail;
    }
    value.push_str(rest);
    Some(Cow::Owned(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, place: Place) -> Option<String> {
        let mut out = Vec::new();
        push(&mut out, text, place).ok()?;
        String::from_utf8(out).ok()
    }

    #[test]
    fn escapes() {
        assert_eq!(written("a<b>&\"\r\n\tæ\u{2028}", Place::Element).unwrap(), "a&lt;b&gt;&amp;\"&#xD;\n\tæ\u{2028}");
        assert_eq!(written("\"\t\n\u{FEFF}\u{FFFD}", Place::Attribute).unwrap(), "&quot;&#x9;&#xA;\u{FEFF}\u{FFFD}");
        for forbidden in ["\u{0}", "a\u{1}", "\u{FFFE}", "x\u{FFFF}y"] {
            assert_eq!(written(forbidden, Place::Element), None, "{forbidden:?}");
        }
    }

    #[test]
    fn references() {
        assert_eq!(resolve(b"#xD"), Some('\r'));
        assert_eq!(resolve(b"#0"), Some('\0'));
        assert_eq!(resolve(b"#x1D11E"), Some('\u{1D11E}'));
        for wrong in [&b"nbsp"[..], b"#", b"#x", b"#+1", b"#xD800", b"#99999999999", b""] {
            assert_eq!(resolve(wrong), None);
        }
    }
}
