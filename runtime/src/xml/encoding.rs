//! Detects the encoding of a document and converts it to UTF-8.
//!
//! A byte order mark decides, then the charset of `Content-Type`, then the XML declaration (RFC 7303); without any of
//! them it is UTF-8. The declaration of a converted document is ignored.

use std::borrow::Cow;

use bytes::Bytes;
use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Why a document cannot be decoded.
pub(crate) type Undecodable = Cow<'static, str>;

/// Turns a document into UTF-8 without a byte order mark, piece by piece. Pieces that are UTF-8 are not copied, and not
/// checked: the reader does that.
pub(crate) struct Transcoder {
    charset: Option<String>,
    state: State,
}

enum State {
    /// The beginning, which does not yet show the encoding.
    Start(Vec<u8>),
    Utf8,
    Other(Box<Decoder>),
}

/// The number of bytes in which a declaration is searched.
const DECLARATION: usize = 512;

impl Transcoder {
    /// For a document with this charset in the header that came with it.
    pub(crate) fn new(charset: Option<&str>) -> Self {
        Self { charset: charset.map(str::to_owned), state: State::Start(Vec::new()) }
    }

    /// Whether nothing has been fed.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(&self.state, State::Start(start) if start.is_empty())
    }

    /// The text of a piece, with what was left of earlier ones. An incomplete character is kept for the next piece.
    ///
    /// # Errors
    /// An unknown encoding, or bytes that are invalid in it.
    pub(crate) fn feed(&mut self, piece: Bytes) -> Result<Bytes, Undecodable> {
        self.step(piece, false)
    }

    /// The rest of the text, at the end of the document.
    ///
    /// # Errors
    /// As [`feed`](Self::feed).
    pub(crate) fn finish(&mut self) -> Result<Bytes, Undecodable> {
        self.step(Bytes::new(), true)
    }

    fn step(&mut self, mut piece: Bytes, last: bool) -> Result<Bytes, Undecodable> {
        if let State::Start(start) = &mut self.state {
            if !start.is_empty() {
                start.extend_from_slice(&piece);
                piece = std::mem::take(start).into();
            }
            let Some((encoding, mark)) = encoding(&piece, self.charset.as_deref(), last)? else {
                *start = piece.into();
                return Ok(Bytes::new());
            };
            piece = piece.slice(mark..);
            self.state = if encoding == UTF_8 {
                State::Utf8
            } else {
                State::Other(Box::new(encoding.new_decoder_without_bom_handling()))
            };
        }
        match &mut self.state {
            State::Other(decoder) => decoded(decoder, &piece, last),
            _ => Ok(piece),
        }
    }
}

/// The whole document as UTF-8 without a byte order mark, of at most `limit` bytes.
///
/// # Errors
/// As [`Transcoder::feed`], and text that is longer than the limit.
pub(crate) fn decode(document: Bytes, charset: Option<&str>, limit: usize) -> Result<Bytes, Undecodable> {
    let mut transcoder = Transcoder::new(charset);
    let text = transcoder.feed(document)?;
    let rest = transcoder.finish()?;
    let text = match (text.is_empty(), rest.is_empty()) {
        (true, _) => rest,
        (_, true) => text,
        _ => [text, rest].concat().into(),
    };
    if text.len() > limit {
        return Err("the envelope as UTF-8 is larger than the limit (Limits::reply_bytes)".into());
    }
    Ok(text)
}

/// The encoding of a document and the length of its byte order mark, or `None` if the beginning is too short to tell.
fn encoding(
    start: &[u8],
    charset: Option<&str>,
    whole: bool,
) -> Result<Option<(&'static Encoding, usize)>, Undecodable> {
    const BEGINNING: &[u8] = b"<?xml";
    if start.len() < BEGINNING.len() && !whole {
        return Ok(None);
    }
    if let Some(marked) = Encoding::for_bom(start) {
        return Ok(Some(marked));
    }
    // A document begins with `<`, or white space and then `<`.
    let by_width = match start {
        [0, b'<' | b' ' | b'\t' | b'\r' | b'\n', ..] => Some(UTF_16BE),
        [b'<' | b' ' | b'\t' | b'\r' | b'\n', 0, ..] => Some(UTF_16LE),
        _ => None,
    };
    if let Some(charset) = charset.map(|name| name.trim_matches([' ', '\''])).filter(|name| !name.is_empty()) {
        let named = named(charset.as_bytes()).ok_or(UNKNOWN)?;
        let encoding = match by_width {
            // The name of both byte orders.
            Some(by_width) if charset.eq_ignore_ascii_case("utf-16") => by_width,
            _ => named,
        };
        return match by_width {
            None if encoding == UTF_16LE || encoding == UTF_16BE => {
                Err("the message's charset is utf-16, and its content is not".into())
            }
            _ => Ok(Some((encoding, 0))),
        };
    }
    if let Some(by_width) = by_width {
        return Ok(Some((by_width, 0)));
    }
    let start = &start[..start.len().min(DECLARATION)];
    let Some(declaration) = start.strip_prefix(BEGINNING) else { return Ok(Some((UTF_8, 0))) };
    let Some(end) = memchr::memmem::find(declaration, b"?>") else {
        return Ok((whole || start.len() == DECLARATION).then_some((UTF_8, 0)));
    };
    let Some(declared) = declared(&declaration[..end]) else { return Ok(Some((UTF_8, 0))) };
    let encoding = named(declared).ok_or(UNKNOWN)?;
    // What has been read so far has one byte for each character. .NET writes such a declaration into UTF-8.
    let is_wide = encoding == UTF_16LE || encoding == UTF_16BE;
    Ok(Some((if is_wide { UTF_8 } else { encoding }, 0)))
}

/// The encoding of this name. ISO-8859-1 is read as windows-1252, as browsers do: that has characters where the former
/// has control characters that XML forbids.
fn named(name: &[u8]) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label_no_replacement(name)?;
    // ASCII is a part of UTF-8 too; bytes beyond it, which are not ASCII at all, are UTF-8 more often.
    let is_ascii = encoding == WINDOWS_1252 && name.to_ascii_lowercase().ends_with(b"ascii");
    Some(if is_ascii { UTF_8 } else { encoding })
}

/// The value of `encoding` in an XML declaration.
fn declared(declaration: &[u8]) -> Option<&[u8]> {
    let at = memchr::memmem::find(declaration, b"encoding")?;
    let value = declaration[at + b"encoding".len()..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (quote, value) = value.split_first()?;
    matches!(quote, b'"' | b'\'').then(|| value.split(|byte| byte == quote).next())?
}

/// The name is not repeated, as the peer chooses it.
const UNKNOWN: &str = "the message is in an encoding that is not known";

fn decoded(decoder: &mut Decoder, piece: &[u8], last: bool) -> Result<Bytes, Undecodable> {
    let most = decoder.max_utf8_buffer_length_without_replacement(piece.len());
    let mut text = String::with_capacity(most.unwrap_or_default());
    match decoder.decode_to_string_without_replacement(piece, &mut text, last) {
        (DecoderResult::InputEmpty, _) => {
            // The most that it could have been is three times as much.
            text.shrink_to_fit();
            Ok(text.into_bytes().into())
        }
        (DecoderResult::OutputFull | DecoderResult::Malformed(..), _) => {
            Err(format!("bytes that are not {}", decoder.encoding().name()).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever the pieces, or what was wrong.
    #[track_caller]
    fn text(document: &[u8], charset: Option<&str>) -> Result<String, String> {
        let whole = decode(Bytes::copy_from_slice(document), charset, usize::MAX);
        for size in [1, 2, 3, 7, 600] {
            let mut transcoder = Transcoder::new(charset);
            let mut pieces = Vec::new();
            let fed = document.chunks(size).try_for_each(|piece| {
                pieces.extend_from_slice(&transcoder.feed(Bytes::copy_from_slice(piece))?);
                Ok(())
            });
            let pieces = fed.and_then(|()| Ok([&pieces[..], &transcoder.finish()?].concat()));
            assert_eq!(pieces, whole.clone().map(|text| text.to_vec()), "{size} {document:?}");
        }
        whole.map(|text| String::from_utf8(text.to_vec()).unwrap()).map_err(Cow::into_owned)
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn a_byte_order_mark_decides_then_the_charset_then_the_declaration() {
        let xml = "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><a>æ€</a>";
        let marked = format!("\u{FEFF}{xml}");
        for charset in [None, Some("utf-8"), Some("utf-16"), Some("iso-8859-1"), Some("no such")] {
            assert_eq!(text(marked.as_bytes(), charset).unwrap(), xml);
            assert_eq!(text(&utf16(&marked, u16::to_le_bytes), charset).unwrap(), xml);
            assert_eq!(text(&utf16(&marked, u16::to_be_bytes), charset).unwrap(), xml);
        }
        for charset in ["utf-8", "UTF8", "us-ascii", "'utf-8'"] {
            assert_eq!(text(xml.as_bytes(), Some(charset)).unwrap(), xml);
        }
        assert_eq!(
            text(b"<?xml version='1.0' encoding = 'iso-8859-1'?><a>\xE6\x80</a>", None).unwrap(),
            xml.replace("version=\"1.0\" encoding=\"iso-8859-1\"", "version='1.0' encoding = 'iso-8859-1'")
        );
        assert_eq!(text(b"<a>\xE6\x80</a>", Some("Windows-1252")).unwrap(), "<a>æ€</a>");
        assert_eq!(
            text(b"<?xml encoding='utf-8'?><a>\xE6\xA4</a>", Some("iso-8859-15")).unwrap(),
            "<?xml encoding='utf-8'?><a>æ€</a>"
        );
        for charset in [None, Some("utf-16"), Some("UTF-16LE")] {
            assert_eq!(text(&utf16(xml, u16::to_le_bytes), charset).unwrap(), xml);
        }
        for charset in [None, Some("utf-16"), Some("UTF-16BE")] {
            assert_eq!(text(&utf16(xml, u16::to_be_bytes), charset).unwrap(), xml);
        }
    }

    #[test]
    fn a_declaration_that_cannot_be_true_counts_for_nothing() {
        let xml = "<?xml version='1.0' encoding='utf-16'?><a>æ</a>";
        assert_eq!(text(xml.as_bytes(), None).unwrap(), xml);
    }

    #[test]
    fn without_a_word_it_is_utf_8() {
        for xml in
            ["", "<", "<a", "<?x", "<?xml", "<?xml ?><a>æ</a>", "<a>æ</a>", &format!("<?xml {}", "x".repeat(2000))]
        {
            for charset in [None, Some(""), Some(" ")] {
                assert_eq!(text(xml.as_bytes(), charset).unwrap(), xml);
            }
        }
    }

    #[test]
    fn what_cannot_be_decoded_is_named() {
        assert_eq!(text(b"<a/>", Some("utf-7")).unwrap_err(), UNKNOWN);
        assert_eq!(text(b"<?xml encoding='ebcdic'?><a/>", None).unwrap_err(), UNKNOWN);
        assert!(text(b"<a>b</a>", Some("utf-16")).unwrap_err().contains("and its content is not"));
        assert!(text(b"\xFF\xFE<\0a\0/\0>", None).unwrap_err().contains("not UTF-16LE"));
        assert!(text(b"<a>\x81</a>", Some("shift_jis")).unwrap_err().contains("not Shift_JIS"));
    }

    #[test]
    fn utf_8_is_not_copied_and_limits_count_what_comes_out() {
        let document = Bytes::from_static(b"\xEF\xBB\xBF<a>some</a>");
        assert_eq!(decode(document.clone(), None, 11).unwrap().as_ptr(), document[3..].as_ptr());
        assert!(decode(document, None, 10).unwrap_err().contains("limit"));
        assert!(decode(Bytes::from_static(b"<a>\xE6</a>"), Some("latin1"), 8).unwrap_err().contains("limit"));
    }
}
