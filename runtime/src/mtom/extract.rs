//! Takes large base64 out of an envelope that is arriving, and decodes it to disk: it is never in memory as a whole.
//!
//! In its place the envelope refers to it as it would to a part. Whether it is the value of binary content is not known
//! yet: as a text, or in XML that is kept as it is, it is written again as it was.

use bytes::Bytes;

use crate::error::Error;
use crate::limits::Limits;
use crate::mtom::layout::Layout;
use crate::mtom::parts::Parts;
use crate::transport::gathered::Gathered;
use crate::transport::{Body, TransportError};
use crate::value::spill::{Spill, SpillFile, Spilling};
use crate::value::{Base64, Binary, base64_text};
use crate::xml::{XOP, escape, steps};

/// An envelope as it arrives, in UTF-8.
pub(crate) struct Extraction<'s> {
    spill: &'s Spill,
    /// A text with more bytes than this is taken out, if it is base64.
    over: usize,
    envelope: Gathered,
    state: State,
    /// The byte before the next piece.
    last: u8,
    /// Bytes that may still be kept in memory, and on disk.
    pub(crate) left: usize,
    pub(crate) disk_left: u64,
    pub(crate) file: Option<SpillFile>,
    taken: usize,
}

/// What the next byte is.
enum State {
    /// Text that stays.
    Text,
    /// Behind `<`, and these bytes.
    Markup(Vec<u8>),
    /// In a tag, and maybe in quotes.
    Tag { quote: Option<u8>, opens: bool },
    /// In something that ends so, of which so many bytes have come.
    Until(&'static [u8], usize),
    /// Text behind a start tag, so far as base64 has it.
    Value(Vec<u8>),
    /// The same, large.
    Large(Box<Large>),
    /// Behind it, and `<`.
    End(Box<Large>),
    /// In a document that will be refused.
    Refused,
}

/// Base64 on its way to the disk.
struct Large {
    layout: Layout,
    decoding: Base64,
    /// A reference that has begun.
    reference: Vec<u8>,
    disk: Spilling,
}

/// Bytes that are looked at at once.
const CHUNK: usize = 64 << 10;

/// Longest reference to white space.
const REFERENCE: usize = 8;

/// Reads an envelope without a package around it.
///
/// # Errors
/// A connection that breaks, a disk that can't be written, or a limit.
pub(crate) async fn envelope(mut body: Body, limits: &Limits, spill: &Spill) -> Result<(Bytes, Parts), Error> {
    let mut parts = Parts::default();
    let mut extraction = Extraction::new(spill, limits.reply_bytes, limits.mtom.spilled_bytes, None);
    while let Some(piece) = body.chunk().await.map_err(TransportError::into_error)? {
        extraction.push(piece, &mut parts).await?;
    }
    Ok((extraction.finish().await?, parts))
}

impl<'s> Extraction<'s> {
    pub(crate) fn new(spill: &'s Spill, left: usize, disk_left: u64, file: Option<SpillFile>) -> Self {
        Self {
            spill,
            over: (spill.over / 3).saturating_mul(4).saturating_add(4),
            envelope: Gathered::default(),
            state: State::Text,
            last: 0,
            left,
            disk_left,
            file,
            taken: 0,
        }
    }

    /// Adds a piece of the envelope. What is taken out is added to the parts.
    pub(crate) async fn push(&mut self, piece: Bytes, parts: &mut Parts) -> Result<(), Error> {
        // What stays, from here on.
        let mut from = 0;
        let mut at = 0;
        while at < piece.len() {
            let rest = &piece[at..piece.len().min(at + CHUNK)];
            let before = if at > 0 { piece[at - 1] } else { self.last };
            match std::mem::replace(&mut self.state, State::Refused) {
                State::Refused => at = piece.len(),
                State::Text => match memchr::memchr(b'<', rest) {
                    Some(found) => (at, self.state) = (at + found + 1, State::Markup(Vec::new())),
                    None => (at, self.state) = (at + rest.len(), State::Text),
                },
                State::Markup(mut seen) => {
                    seen.push(rest[0]);
                    (at, self.state) = (at + 1, markup(seen));
                }
                State::Tag { quote, opens } => {
                    let found = match quote {
                        Some(quote) => memchr::memchr(quote, rest),
                        None => memchr::memchr3(b'>', b'"', b'\'', rest),
                    };
                    let Some(found) = found else {
                        (at, self.state) = (at + rest.len(), State::Tag { quote, opens });
                        continue;
                    };
                    let before = if found > 0 { rest[found - 1] } else { before };
                    let byte = rest[found];
                    at += found + 1;
                    self.state = match quote {
                        Some(_) => State::Tag { quote: None, opens },
                        None if byte != b'>' => State::Tag { quote: Some(byte), opens },
                        None if opens && before != b'/' => {
                            self.keep(piece.slice(from..at))?;
                            from = at;
                            State::Value(Vec::new())
                        }
                        None => State::Text,
                    };
                }
                State::Until(end, matched) => {
                    let matched = match rest[0] {
                        byte if byte == end[matched] => matched + 1,
                        // `--->` and `]]]>` end as well.
                        byte if byte == end[0] => matched.max(1),
                        _ => 0,
                    };
                    at += 1;
                    self.state = if matched == end.len() { State::Text } else { State::Until(end, matched) };
                }
                State::Value(mut held) => {
                    let len = rest.iter().position(|byte| !may_be_base64(*byte)).unwrap_or(rest.len());
                    let ends = len < rest.len();
                    held.extend_from_slice(&rest[..len]);
                    at += len;
                    from = at;
                    if held.len() > self.over {
                        self.begin(held).await?;
                    } else if held.len() > self.left {
                        return Err(too_large());
                    } else if ends {
                        self.keep(held.into())?;
                        self.state = State::Text;
                    } else {
                        self.state = State::Value(held);
                    }
                }
                State::Large(mut large) => {
                    let len = rest.iter().position(|byte| !may_be_base64(*byte)).unwrap_or(rest.len());
                    let ends = len < rest.len();
                    let read = large.read(&rest[..len]);
                    at += read.err().unwrap_or(len);
                    from = at;
                    self.write(&mut large).await?;
                    if read.is_ok() && !ends {
                        self.state = State::Large(large);
                    } else if read.is_ok() && rest[len] == b'<' && large.reference.is_empty() {
                        at += 1;
                        from = at;
                        self.state = State::End(large);
                    } else {
                        self.put_back(*large).await?;
                        self.state = State::Text;
                    }
                }
                State::End(large) => {
                    self.state = if rest[0] == b'/' && large.decoding.is_whole() {
                        self.take_out(*large, parts).await?;
                        at += 1;
                        from = at;
                        self.keep(Bytes::from_static(b"</"))?;
                        State::Tag { quote: None, opens: false }
                    } else {
                        self.put_back(*large).await?;
                        self.keep(Bytes::from_static(b"<"))?;
                        State::Markup(Vec::new())
                    };
                }
            }
        }
        self.last = piece.last().copied().unwrap_or(self.last);
        self.keep(piece.slice(from..))
    }

    /// The envelope.
    pub(crate) async fn finish(&mut self) -> Result<Bytes, Error> {
        match std::mem::replace(&mut self.state, State::Refused) {
            State::Value(held) => self.keep(held.into())?,
            State::Large(large) => self.put_back(*large).await?,
            State::End(large) => {
                self.put_back(*large).await?;
                self.keep(Bytes::from_static(b"<"))?;
            }
            _ => {}
        }
        Ok(std::mem::take(&mut self.envelope).finish())
    }

    fn keep(&mut self, bytes: Bytes) -> Result<(), Error> {
        steps::count(bytes.len());
        self.left = self.left.checked_sub(bytes.len()).ok_or_else(too_large)?;
        if !bytes.is_empty() {
            self.envelope.push(bytes);
        }
        Ok(())
    }

    /// Begins to write a text to disk.
    async fn begin(&mut self, held: Vec<u8>) -> Result<(), Error> {
        let file = match self.file.take() {
            Some(file) => file,
            None => SpillFile::new(self.spill).await?,
        };
        let mut large =
            Large { layout: Layout::default(), decoding: Base64::default(), reference: Vec::new(), disk: file.begin() };
        let read = large.read(&held);
        self.write(&mut large).await?;
        match read {
            Ok(()) => self.state = State::Large(Box::new(large)),
            Err(read) => {
                self.put_back(large).await?;
                self.keep(Bytes::from(held).slice(read..))?;
                self.state = State::Text;
            }
        }
        Ok(())
    }

    /// Writes what has been decoded.
    async fn write(&mut self, large: &mut Large) -> Result<(), Error> {
        let bytes = large.decoding.take();
        self.disk_left = self.disk_left.checked_sub(bytes.len() as u64).ok_or_else(|| {
            Error::malformed("the parts of the message are larger than the limit (MtomLimits::spilled_bytes)")
        })?;
        if bytes.is_empty() { Ok(()) } else { large.disk.push(bytes.into()).await }
    }

    /// Leaves a reference in the place of a text.
    async fn take_out(&mut self, large: Large, parts: &mut Parts) -> Result<(), Error> {
        let (content, file) = large.disk.finish().await?;
        self.file = Some(file);
        self.taken += 1;
        // As good as any name: only the peer could use it too, in its own message.
        let id = format!("inline:{}", self.taken);
        self.keep(format!("<Include xmlns=\"{XOP}\" href=\"cid:{id}\"/>").into())?;
        parts.push_inline(&id, Binary::on_disk(content), large.layout);
        Ok(())
    }

    /// Puts a text back as it was: it is not base64, or not in lines, or not the only content of its element.
    async fn put_back(&mut self, large: Large) -> Result<(), Error> {
        let (content, file) = large.disk.finish().await?;
        self.file = Some(file);
        // What it becomes is counted before it is made.
        if content.len() / 3 * 4 > self.left as u64 {
            return Err(too_large());
        }
        let mut characters = base64_text(&content.read()?).into_bytes();
        characters.extend_from_slice(large.decoding.begun());
        let mut text = large.layout.text(&characters);
        text.extend_from_slice(&large.reference);
        self.keep(text.into())
    }
}

impl Large {
    /// Decodes a piece of the text. An error says from where on it is not what it was taken for.
    fn read(&mut self, text: &[u8]) -> Result<(), usize> {
        let mut at = 0;
        while let Some(&byte) = text.get(at) {
            if byte == b'&' || !self.reference.is_empty() {
                at += 1;
                self.reference.push(byte);
                if byte == b';' && self.is_space() && self.layout.space(&self.reference) {
                    self.reference.clear();
                } else if byte == b';' || self.reference.len() >= REFERENCE {
                    return Err(at);
                }
            } else if byte.is_ascii_whitespace() {
                if !self.layout.space(&[byte]) {
                    return Err(at);
                }
                at += 1;
            } else {
                let len = text[at..].iter().position(|byte| !is_base64(*byte)).unwrap_or(text.len() - at);
                let characters = &text[at..at + len];
                if len == 0 || !self.layout.fits(len) || !self.decoding.push_if_right(characters) {
                    return Err(at);
                }
                self.layout.characters(len);
                at += len;
            }
        }
        Ok(())
    }

    fn is_space(&self) -> bool {
        let name = &self.reference[1..self.reference.len() - 1];
        escape::resolve(name).is_some_and(|character| character.is_ascii_whitespace())
    }
}

/// What begins with `<` and these bytes.
fn markup(seen: Vec<u8>) -> State {
    const CDATA: &[u8] = b"![CDATA[";
    match &seen[..] {
        b"?" => State::Until(b"?>", 0),
        b"/" => State::Tag { quote: None, opens: false },
        b"!--" => State::Until(b"-->", 0),
        CDATA => State::Until(b"]]>", 0),
        begun if CDATA.starts_with(begun) || b"!--".starts_with(begun) => State::Markup(seen),
        // A document type.
        [b'!', ..] => State::Refused,
        _ => State::Tag { quote: None, opens: true },
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// Base64, white space, or a byte of a reference.
fn may_be_base64(byte: u8) -> bool {
    is_base64(byte) || byte.is_ascii_whitespace() || matches!(byte, b'&' | b'#' | b';')
}

fn too_large() -> Error {
    Error::malformed("the message is larger than the limit (Limits::reply_bytes)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::XmlLimits;
    use crate::mtom::inline::inline;
    use crate::schema::decode::Includes as _;

    /// The envelope, the parts, and how many bytes may still be kept in memory, for texts of more than 12 bytes.
    async fn extracted(document: &str, piece: usize, left: usize) -> Result<(Bytes, Parts, usize), Error> {
        let folder = tempfile::tempdir().unwrap();
        let spill = Spill { over: 9, folder: folder.path().to_owned() };
        let (mut extraction, mut parts) = (Extraction::new(&spill, left, 1 << 20, None), Parts::default());
        for piece in document.as_bytes().chunks(piece) {
            extraction.push(Bytes::copy_from_slice(piece), &mut parts).await?;
        }
        let envelope = extraction.finish().await?;
        Ok((envelope, parts, extraction.left))
    }

    const TAKEN: &[&str] = &[
        "<a>QUJDREVGR0hJSktMTU5P</a>",
        "<?xml version='1.0'?><a b='/>'>QUJDREVGR0hJSktMTU5P</a><c/>",
        "<a>\n QUJDREVGR0hJSktMTU5PUA==\n</a>",
        "<a>QUJDREVG\r\nR0hJSktM\r\nTU5P\r\n</a>",
        "<a>QUJDREVG&#13;\nR0hJSktM&#13;\nTU5P</a>",
        "<a>QUJDREVG&#xD;\nR0hJSktM&#xD;\nTU5P</a>",
        "<a>QUJDREV\nGR0hJSk\ntMTU5P</a>",
    ];

    const LEFT: &[&str] = &[
        "<a/>",
        "<a>QUJD</a>",
        "<a>QUJDREVGR0hJSktMTU5</a>",
        "<a>QUJDREVGR0hJSktMTU5PUA==QUJD</a>",
        "<a>QUJDREVGR0hJSktMTU5PU===</a>",
        "<a>QUJDREVGR0hJSktMTU5PUB==</a>",
        "<a>QUJDREVGR0hJSktMTU5P and more</a>",
        "<a>QUJDREVGR0hJSktMTU5P<!-- --></a>",
        "<a>QUJDREVGR0hJSktMTU5P<b/></a>",
        "<a>QUJDREVGR0hJSktMTU5P&amp;</a>",
        "<a>QUJDREVGR0hJSktMTU5P&#13</a>",
        "<a>QUJDREVGR0hJSktMTU5P&#0000000000000013;</a>",
        "<a>QUJDREVG\nR0hJ\nSktMTU5P</a>",
        "<a>QUJDREVG&#13;\nR0hJSktM&#xD;\nTU5P</a>",
        "<a><!--QUJDREVGR0hJSktMTU5P--></a>",
        "<a><![CDATA[<b>QUJDREVGR0hJSktMTU5P</b>]]]]></a>",
        "<a b='<c>QUJDREVGR0hJSktMTU5P</c>'/>",
        "<a b=\"'>QUJDREVGR0hJSktMTU5P\"/>",
        "<a/>QUJDREVGR0hJSktMTU5P",
        "<a></a>QUJDREVGR0hJSktMTU5P",
        "<a>QUJDREVGR0hJSktMTU5P",
        "<a>QUJDREVGR0hJSktMTU5P<",
        "<!DOCTYPE a><a>QUJDREVGR0hJSktMTU5P</a>",
        "<?x <a>QUJDREVGR0hJSktMTU5P</a>?>",
        "",
    ];

    /// Whatever the pieces, and with everything put back the document is what it was.
    #[tokio::test]
    async fn what_is_taken_out_can_be_put_back_as_it_was() {
        for (documents, taken) in [(TAKEN, 1), (LEFT, 0)] {
            for document in documents {
                for piece in [1, 2, 3, 5, 1000] {
                    let (envelope, mut parts, _) = extracted(document, piece, 1 << 20).await.unwrap();
                    assert_eq!(parts.ids().len(), taken, "{document} {piece}");
                    if taken == 0 {
                        assert_eq!(envelope, document, "{piece}");
                    } else {
                        assert!(!envelope.windows(6).any(|text| text == b"QUJDRE"), "{document} {piece}");
                        let back = inline(envelope, &mut parts, &XmlLimits::default(), 1 << 20).unwrap();
                        assert_eq!(back, document, "{piece}");
                    }
                }
            }
        }
    }

    #[tokio::test]
    async fn memory_counts_what_stays() {
        let document = format!("<a>{}</a>", "QUJD".repeat(100_000));
        let (envelope, mut parts, left) = extracted(&document, 4096, 1000).await.unwrap();
        assert_eq!(left, 1000 - envelope.len());
        assert_eq!(parts.take("cid:inline:1", false).unwrap().bytes().unwrap(), "ABC".repeat(100_000));
        // It is not taken out after all.
        let document = format!("<a>{}.</a>", "QUJD".repeat(1000));
        let error = extracted(&document, 4096, 1000).await.unwrap_err();
        assert!(error.to_string().contains("reply_bytes"), "{error}");
    }
}
