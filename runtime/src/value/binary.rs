//! Bytes in text.

use std::fmt;
use std::io::{self, Read};

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;

use crate::error::Error;
use crate::value::spill::Spilled;
use crate::value::text_value;
use crate::xml::steps;

/// `xs:base64Binary`: bytes, cheap to clone. `Debug` prints the length only. Empty by default.
///
/// The bytes are in memory, but for large parts and large base64 of a reply that [`ConnectionBuilder::spill_parts`] sends to disk: those are
/// in an unnamed file that is deleted with the last clone. They are read from there, blocking the thread, when they are
/// compared and when they are sent as a member of a request; [`Upload`](crate::Upload) sends them piece by piece.
///
/// [`ConnectionBuilder::spill_parts`]: crate::ConnectionBuilder::spill_parts
///
/// ```
/// use soap_runtime::{Binary, Download, Upload};
///
/// # async fn example(received: Binary) -> Result<(), soap_runtime::Error> {
/// let bytes = received.bytes()?;
/// // In pieces, whatever its size: to a file, and to another service.
/// Download::from(received.clone()).save_to("attachment.pdf").await?;
/// let upload = Upload::from(received);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Binary(Storage);

#[derive(Clone)]
pub(crate) enum Storage {
    Memory(Bytes),
    Disk(Spilled),
}

/// `xs:hexBinary`: bytes, cheap to clone. `Debug` prints the length only. Empty by default.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct HexBinary(Bytes);

/// Padding is required, as XML Schema and .NET have it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// Bytes as base64.
pub(crate) fn base64_text(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// Base64 as bytes; white space is ignored.
pub(crate) fn base64_bytes(text: &str) -> Option<Vec<u8>> {
    let mut decoding = Base64::with_capacity(text.len());
    decoding.push(text.as_bytes());
    decoding.finish()
}

/// Appends bytes as base64 to text, without a copy in between.
pub(crate) fn push_base64(text: &mut Vec<u8>, bytes: &[u8]) {
    let start = text.len();
    let len = bytes.len().div_ceil(3) * 4;
    // Some room beyond it: what is written next would double the memory of a large text.
    text.reserve(len + len / 8);
    text.resize(start + len, 0);
    let written = BASE64.encode_slice(bytes, &mut text[start..]);
    text.truncate(start + written.unwrap_or_default());
}

/// Decodes base64 that comes in pieces; white space is ignored.
#[derive(Debug, Default)]
pub(crate) struct Base64 {
    bytes: Vec<u8>,
    /// Characters that are no whole group yet.
    group: [u8; 4],
    held: usize,
    /// There was padding, and nothing may follow.
    padded: bool,
    wrong: bool,
    /// There was any character at all, white space included.
    seen: bool,
}

impl Base64 {
    /// For a text of about this length.
    pub(crate) fn with_capacity(text: usize) -> Self {
        Self { bytes: Vec::with_capacity(text / 4 * 3 + 3), ..Self::default() }
    }

    /// Adds a piece of the text.
    pub(crate) fn push(&mut self, text: &[u8]) {
        steps::count(text.len());
        self.seen |= !text.is_empty();
        for word in text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()) {
            self.push_word(word);
        }
    }

    fn push_word(&mut self, word: &[u8]) {
        let (begun, rest) = match self.held {
            0 => (&word[..0], word),
            held => word.split_at((4 - held).min(word.len())),
        };
        self.group[self.held..self.held + begun.len()].copy_from_slice(begun);
        self.held += begun.len();
        if self.held == 4 {
            let group = self.group;
            self.decode(&group);
            self.held = 0;
        }
        let (whole, begun) = rest.split_at(rest.len() / 4 * 4);
        self.decode(whole);
        self.group[self.held..self.held + begun.len()].copy_from_slice(begun);
        self.held += begun.len();
    }

    /// Decodes whole groups.
    fn decode(&mut self, groups: &[u8]) {
        if groups.is_empty() || self.wrong {
            return;
        }
        self.wrong = self.padded || BASE64.decode_vec(groups, &mut self.bytes).is_err();
        self.padded = groups.ends_with(b"=");
    }

    /// Adds a piece without white space. `false` if the text is not base64 with it, and nothing is added.
    pub(crate) fn push_if_right(&mut self, text: &[u8]) -> bool {
        let (len, group, held, padded) = (self.bytes.len(), self.group, self.held, self.padded);
        self.push(text);
        if self.wrong {
            self.bytes.truncate(len);
            (self.group, self.held, self.padded, self.wrong) = (group, held, padded, false);
            return false;
        }
        true
    }

    /// Characters that are no whole group yet.
    pub(crate) fn begun(&self) -> &[u8] {
        &self.group[..self.held]
    }

    /// Whether the text could end here.
    pub(crate) fn is_whole(&self) -> bool {
        self.held == 0 && !self.wrong
    }

    /// No character at all.
    pub(crate) fn is_empty(&self) -> bool {
        !self.seen
    }

    /// Nothing but white space.
    pub(crate) fn is_blank(&self) -> bool {
        self.held == 0 && self.bytes.is_empty() && !self.wrong
    }

    /// What has been decoded since the last time.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.bytes);
        // It grew line by line, and waits for others before it is written.
        bytes.shrink_to_fit();
        bytes
    }

    /// The bytes. `None` if the text is not base64.
    pub(crate) fn finish(mut self) -> Option<Vec<u8>> {
        // White space had its room too.
        if self.bytes.capacity() / 8 * 7 > self.bytes.len() {
            self.bytes.shrink_to_fit();
        }
        self.is_whole().then_some(self.bytes)
    }
}

impl Binary {
    /// The bytes. Those in memory are not copied; those on disk are read into memory, which blocks this thread.
    ///
    /// # Errors
    /// They are on disk and can't be read.
    pub fn bytes(&self) -> Result<Bytes, Error> {
        match &self.0 {
            Storage::Memory(bytes) => Ok(bytes.clone()),
            Storage::Disk(file) => file.read(),
        }
    }

    /// Number of bytes.
    pub fn len(&self) -> u64 {
        match &self.0 {
            Storage::Memory(bytes) => bytes.len() as u64,
            Storage::Disk(file) => file.len(),
        }
    }

    /// No bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn reader(&self) -> Box<dyn Read + '_> {
        match &self.0 {
            Storage::Memory(bytes) => Box::new(&**bytes),
            Storage::Disk(file) => Box::new(file.reader()),
        }
    }

    pub(crate) fn on_disk(file: Spilled) -> Self {
        Self(Storage::Disk(file))
    }

    pub(crate) fn into_storage(self) -> Storage {
        self.0
    }
}

impl Default for Binary {
    fn default() -> Self {
        Bytes::new().into()
    }
}

impl<T: Into<Bytes>> From<T> for Binary {
    fn from(bytes: T) -> Self {
        Self(Storage::Memory(bytes.into()))
    }
}

/// Compares the content. Content on disk is read for it, which blocks this thread; content that can't be read equals
/// only itself.
impl PartialEq for Binary {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Storage::Memory(one), Storage::Memory(other)) => one == other,
            (Storage::Disk(one), Storage::Disk(other)) if one.is(other) => true,
            _ => self.len() == other.len() && same(&mut *self.reader(), &mut *other.reader()).unwrap_or(false),
        }
    }
}

impl Eq for Binary {}

/// Whether two sources of equal length give the same bytes, compared piece by piece.
fn same(one: &mut dyn Read, other: &mut dyn Read) -> io::Result<bool> {
    let (mut first, mut second) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    loop {
        let read = one.read(&mut first)?;
        if read == 0 {
            return Ok(true);
        }
        other.read_exact(&mut second[..read])?;
        if first[..read] != second[..read] {
            return Ok(false);
        }
    }
}

impl fmt::Debug for Binary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if matches!(self.0, Storage::Disk(_)) { " on disk" } else { "" };
        write!(f, "[{} bytes{place}]", self.len())
    }
}

impl HexBinary {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, without copying them.
    pub fn into_bytes(self) -> Bytes {
        self.0
    }

    /// Number of bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// No bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Into<Bytes>> From<T> for HexBinary {
    fn from(bytes: T) -> Self {
        Self(bytes.into())
    }
}

impl fmt::Debug for HexBinary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} bytes]", self.len())
    }
}

text_value!(HexBinary, parse |text| {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pair = |pair: &[u8]| u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok();
    let bytes: Option<Vec<u8>> = text.as_bytes().chunks_exact(2).map(pair).collect();
    (text.len() % 2 == 0).then_some(HexBinary(bytes?.into()))
}, what "not an xs:hexBinary", text |value| value.0.iter().map(|byte| format!("{byte:02X}")).collect::<String>(),
    octets |value| value.len());

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Lexical;

    #[test]
    fn base64() {
        assert_eq!(base64_bytes(" AP8Q\n PCY= "), Some(vec![0, 0xFF, 0x10, 0x3C, 0x26]));
        assert_eq!(base64_bytes(""), Some(Vec::new()));
        assert_eq!(base64_text(&[0, 0xFF, 0x10, 0x3C, 0x26]), "AP8QPCY=");
        for wrong in ["AP8QPCY", "_P8=", "A", "===="] {
            assert_eq!(base64_bytes(wrong), None, "{wrong}");
        }
    }

    /// The same whatever the pieces, and as if there were no white space.
    #[test]
    fn base64_in_pieces() {
        for text in [
            "",
            "AA==",
            "AP8Q PC Y=",
            "A A\t=\r\n=",
            "AAAA",
            " ",
            "AA==AAAA",
            "AA=",
            "A",
            "AAA=A",
            "AA=A",
            "AAAA=",
            "AA===",
        ] {
            let plain: String = text.split_ascii_whitespace().collect();
            let expected = BASE64.decode(plain).ok();
            for size in 1..=text.len().max(1) {
                let mut decoding = Base64::default();
                text.as_bytes().chunks(size).for_each(|piece| decoding.push(piece));
                assert_eq!(decoding.finish(), expected, "{text:?} {size}");
            }
        }
    }

    #[test]
    fn base64_is_appended() {
        for len in 0..70 {
            let bytes: Vec<u8> = (0..len).collect();
            let mut text = b"x".to_vec();
            push_base64(&mut text, &bytes);
            assert_eq!(text, format!("x{}", base64_text(&bytes)).into_bytes());
        }
    }

    #[test]
    fn hexadecimal() {
        let written = |value: HexBinary| value.with_text(|text| String::from_utf8(text.to_vec()).unwrap());
        assert_eq!(HexBinary::parse_text("00fF").map(written).as_deref(), Some("00FF"));
        assert_eq!(HexBinary::parse_text("0"), None);
        assert_eq!(HexBinary::parse_text("0g"), None);
    }

    #[test]
    fn prints_no_content() {
        assert_eq!(format!("{:?}", Binary::from(&b"secret"[..])), "[6 bytes]");
    }
}
