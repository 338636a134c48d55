//! Escaping and unescaping of characters.

use std::borrow::Cow;

use crate::error::Error;

/// Where text is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Within {
    Element,
    Attribute,
}

/// Most bytes that are written for one: `&quot;`.
pub(crate) const LONGEST_REFERENCE: usize = 6;

/// Bytes that may need escaping: markup, control characters, and the first byte of U+FFFE and U+FFFF.
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
pub(crate) fn push(out: &mut Vec<u8>, text: &str, within: Within) -> Result<(), Error> {
    let bytes = text.as_bytes();
    if is_plain(bytes) {
        out.extend_from_slice(bytes);
        return Ok(());
    }
    push_escaped(out, bytes, within)
}

/// Appends a text as CDATA sections. A line end is one however it is written, so none is lost.
///
/// # Errors
/// A character that XML 1.0 forbids.
pub(crate) fn push_cdata(out: &mut Vec<u8>, text: &str) -> Result<(), Error> {
    let is_forbidden =
        |c: char| matches!(c, '\0'..='\x08' | '\x0B' | '\x0C' | '\x0E'..='\x1F' | '\u{FFFE}' | '\u{FFFF}');
    if text.contains(is_forbidden) {
        return Err(Error::malformed(FORBIDDEN));
    }
    out.extend_from_slice(b"<![CDATA[");
    out.extend_from_slice(text.replace("]]>", "]]]]><![CDATA[>").as_bytes());
    out.extend_from_slice(b"]]>");
    Ok(())
}

/// The error for such a character.
const FORBIDDEN: &str = "a character that XML 1.0 forbids";

/// Separate from [`push`], so that that one can be inlined.
#[inline(never)]
fn push_escaped(out: &mut Vec<u8>, bytes: &[u8], within: Within) -> Result<(), Error> {
    let mut done = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if !SUSPECT[byte as usize] {
            continue;
        }
        let replacement: &[u8] = match (byte, within) {
            (b'&', _) => b"&amp;",
            (b'<', _) => b"&lt;",
            (b'>', _) => b"&gt;",
            (b'\r', _) => b"&#xD;",
            (b'"', Within::Attribute) => b"&quot;",
            (b'\t', Within::Attribute) => b"&#x9;",
            (b'\n', Within::Attribute) => b"&#xA;",
            (b'"' | b'\t' | b'\n', Within::Element) => continue,
            (0xEF, _) if !matches!(bytes.get(at + 1..at + 3), Some([0xBF, 0xBE | 0xBF])) => continue,
            _ => return Err(Error::malformed(FORBIDDEN)),
        };
        out.extend_from_slice(&bytes[done..at]);
        out.extend_from_slice(replacement);
        done = at + 1;
    }
    out.extend_from_slice(&bytes[done..]);
    Ok(())
}

/// Whether no byte of a text is suspect. Words are looked at as a whole; the last may overlap the one before.
fn is_plain(bytes: &[u8]) -> bool {
    let plain = |word: &[u8; 8]| !has_suspect(u64::from_ne_bytes(*word));
    match bytes.last_chunk() {
        Some(last) => bytes.as_chunks().0.iter().all(plain) && plain(last),
        None => !bytes.iter().any(|byte| SUSPECT[*byte as usize]),
    }
}

/// Whether one of eight bytes is suspect: a byte less than `n` borrows from its highest bit when `n` is taken from it.
fn has_suspect(word: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let less = |word: u64, than: u8| word.wrapping_sub(ONES * u64::from(than)) & !word & (ONES << 7);
    let is = |word: u64, byte: u8| less(word ^ (ONES * u64::from(byte)), 1);
    // `<` and `>` differ in one bit, `"` and `&` in another.
    let found = less(word, 0x20) | is(word | (ONES * 0x02), b'>') | is(word | (ONES * 0x04), b'&') | is(word, 0xEF);
    found != 0
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

/// A text with its line ends as XML has them: CR, with or without LF, is LF. Copied once, if at all.
pub(crate) fn line_ends(text: Cow<'_, str>) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'\r', text.as_bytes()) else { return text };
    let mut normal = String::with_capacity(text.len());
    let mut from = 0;
    let mut next = Some(first);
    while let Some(at) = next {
        normal.push_str(&text[from..at]);
        normal.push('\n');
        from = at + if text.as_bytes().get(at + 1) == Some(&b'\n') { 2 } else { 1 };
        next = memchr::memchr(b'\r', &text.as_bytes()[from..]).map(|found| from + found);
    }
    normal.push_str(&text[from..]);
    Cow::Owned(normal)
}

/// A text as it is written: line ends normalised, references resolved. `None` if it is not well-formed.
pub(crate) fn text(written: &str) -> Option<String> {
    let normal = line_ends(written.into());
    let mut value = String::with_capacity(normal.len());
    let mut rest = &*normal;
    while let Some((before, reference)) = rest.split_once('&') {
        let (name, tail) = reference.split_once(';')?;
        value.push_str(before);
        value.push(resolve(name.as_bytes())?);
        rest = tail;
    }
    value.push_str(rest);
    Some(value)
}

/// The value of an attribute: references resolved, white space normalised. `None` if it is not well-formed.
pub(crate) fn attribute_value(text: &str) -> Option<Cow<'_, str>> {
    let is_special = |byte: u8| matches!(byte, b'&' | b'\t' | b'\n' | b'\r' | b'<');
    if !text.bytes().any(is_special) {
        return Some(Cow::Borrowed(text));
    }
    let mut value = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.bytes().position(is_special) {
        value.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = if let Some(reference) = rest.strip_prefix('&') {
            let (name, tail) = reference.split_once(';')?;
            value.push(resolve(name.as_bytes())?);
            tail
        } else if rest.starts_with('<') {
            return None;
        } else {
            value.push(' ');
            rest.strip_prefix("\r\n").unwrap_or(&rest[1..])
        };
    }
    value.push_str(rest);
    Some(Cow::Owned(value))
}

/// Text as it stands in an element or attribute. A character that XML forbids is left out.
#[cfg(any(feature = "server", feature = "secure-conversation"))]
pub(crate) fn lossy(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    for character in text.chars() {
        let _ = push(&mut out, character.encode_utf8(&mut [0; 4]), Within::Attribute);
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, within: Within) -> Option<String> {
        let mut out = Vec::new();
        push(&mut out, text, within).ok()?;
        String::from_utf8(out).ok()
    }

    #[test]
    fn escapes() {
        assert_eq!(written("a<b>&\"\r\n\tæ\u{2028}", Within::Element).unwrap(), "a&lt;b&gt;&amp;\"&#xD;\n\tæ\u{2028}");
        assert_eq!(written("\"\t\n\u{FEFF}\u{FFFD}", Within::Attribute).unwrap(), "&quot;&#x9;&#xA;\u{FEFF}\u{FFFD}");
        for forbidden in ["\u{0}", "a\u{1}", "\u{FFFE}", "x\u{FFFF}y"] {
            assert_eq!(written(forbidden, Within::Element), None, "{forbidden:?}");
        }
    }

    #[test]
    fn every_byte_at_every_place() {
        for byte in 0..=255 {
            for at in 0..8 {
                let mut word = *b"aZ09\xC3\xB8~\x7F";
                word[at] = byte;
                assert_eq!(has_suspect(u64::from_ne_bytes(word)), SUSPECT[usize::from(byte)], "{byte:#x} at {at}");
            }
        }
        for len in 0..40 {
            for at in 0..len {
                let mut text = vec![b'x'; len];
                assert!(is_plain(&text));
                text[at] = b'<';
                assert!(!is_plain(&text), "{at} of {len}");
            }
        }
    }

    #[test]
    fn line_ends_and_attributes_are_normalised() {
        assert_eq!(line_ends("a\r\nb\rc\n\r\r\n".into()), "a\nb\nc\n\n\n");
        assert!(matches!(line_ends("a\nb".into()), Cow::Borrowed(_)));
        let value = |text| attribute_value(text).map(Cow::into_owned);
        assert_eq!(value("a\r\nb\rc\td&#13;&#10;&lt;æ").as_deref(), Some("a b c d\r\n<æ"));
        for wrong in ["a<b", "&", "&;", "a & b", "&nbsp;"] {
            assert_eq!(value(wrong), None, "{wrong}");
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
