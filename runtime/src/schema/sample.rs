//! Random values of any type, for round-trip tests.

use crate::name::Name;
use crate::schema::field::{Field, Kind};
use crate::value::{Date, DateTime, Duration, Offset, Time, WhiteSpace};

/// A source of values that is the same for the same seed.
#[derive(Debug)]
pub struct Sampler {
    state: u64,
    depth: u32,
    known_only: bool,
    /// Texts are short names.
    plain: bool,
    left_out: Vec<String>,
    /// The text of all sensitive fields.
    planted: Option<&'static str>,
    in_sensitive: bool,
    /// Facts of the field at hand: a text that they would change is not read as it was written.
    white_space: WhiteSpace,
    default: Option<&'static str>,
    /// An absent attribute is read as its default.
    is_attribute: bool,
}

/// Records inside each other; deeper, optional ones are absent and lists empty.
const DEPTH: u32 = 4;

impl Sampler {
    /// Every seed gives other values.
    pub fn new(seed: u64) -> Self {
        Self {
            state: seed,
            depth: 0,
            known_only: false,
            plain: false,
            left_out: Vec::new(),
            planted: None,
            in_sensitive: false,
            white_space: WhiteSpace::Preserve,
            default: None,
            is_attribute: false,
        }
    }

    /// The same, without values of enumerations that the contract does not list: what a validating peer accepts.
    #[must_use]
    pub fn known_only(self) -> Self {
        Self { known_only: true, ..self }
    }

    /// The same, with short names of Latin letters for all texts, which fit xs:token, xs:language, xs:ID and the like, and
    /// with no negative number where a type has no bounds: it may stand for xs:positiveInteger.
    #[must_use]
    pub fn plain(self) -> Self {
        Self { plain: true, ..self }
    }

    /// The same, without some optional fields (`{namespace}Type/field`): what a peer with an older contract accepts.
    #[must_use]
    pub fn leaving_out(self, fields: Vec<String>) -> Self {
        Self { left_out: fields, ..self }
    }

    /// The same, with this text in all fields that must not be printed.
    #[must_use]
    pub fn planting(self, text: &'static str) -> Self {
        Self { planted: Some(text), ..self }
    }

    /// Does something inside a field.
    pub(crate) fn within<T>(&mut self, field: &Field, inner: impl FnOnce(&mut Self) -> T) -> T {
        let outside = (self.in_sensitive, self.white_space, self.default, self.is_attribute);
        self.in_sensitive |= field.is_sensitive();
        (self.white_space, self.default) = (field.white_space, field.default);
        self.is_attribute = field.kind == Kind::Attribute;
        let result = inner(self);
        (self.in_sensitive, self.white_space, self.default, self.is_attribute) = outside;
        result
    }

    fn planted(&self) -> Option<&'static str> {
        self.planted.filter(|_| self.in_sensitive)
    }

    /// Whether a field of a type is to be left out.
    pub(crate) fn leaves_out(&self, of: Name, field: Name) -> bool {
        self.left_out.iter().any(|left_out| *left_out == format!("{{{}}}{}/{}", of.namespace, of.local, field.local))
    }

    /// One of the known texts of an enumeration, or perhaps another.
    pub(crate) fn enumeration(&mut self, known: &[&str]) -> String {
        if let Some(planted) = self.planted() {
            return planted.to_owned();
        }
        let choices = known.len() as u64 + u64::from(!self.known_only || known.is_empty());
        let at = (self.number() % choices) as usize;
        known.get(at).map_or_else(|| format!("Unheard-of{}", self.number()), |text| (*text).to_owned())
    }

    /// A member of a union, by its index, or none of them.
    pub(crate) fn union(&mut self, members: usize, is_open: bool) -> usize {
        if self.planted().is_some() {
            return members;
        }
        let choices = members as u64 + u64::from(!self.known_only || is_open);
        (self.number() % choices) as usize
    }

    /// SplitMix64.
    pub fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Does something one record deeper.
    pub(crate) fn inside<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> T {
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// Perhaps a value.
    pub(crate) fn some<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let is_never_absent = self.is_attribute && self.default.is_some();
        (is_never_absent || self.depth < DEPTH && !self.number().is_multiple_of(3)).then(|| value(self))
    }

    /// Whether values have to end here.
    pub(crate) fn is_deep(&self) -> bool {
        self.depth >= DEPTH
    }

    pub(crate) fn integer(&mut self) -> i64 {
        let number = self.number() as i64;
        if self.plain { number.unsigned_abs().max(1).min(i64::MAX as u64) as i64 } else { number }
    }

    pub(crate) fn duration(&mut self) -> Duration {
        let time = std::time::Duration::new(u64::from(self.number() as u32), self.number() as u32 % 1_000_000_000);
        Duration::new(self.number().is_multiple_of(2), self.number() as u32 % 1_000, time)
    }

    /// Length of a list.
    pub(crate) fn count(&mut self) -> usize {
        if self.depth < DEPTH { (self.number() % 3) as usize } else { 0 }
    }

    /// Text inside something that prints its length only.
    pub(crate) fn hidden_text(&mut self) -> String {
        self.planted.map_or_else(|| self.text(), str::to_owned)
    }

    /// Text that tries what goes wrong most easily.
    pub(crate) fn text(&mut self) -> String {
        if let Some(planted) = self.planted() {
            return planted.to_owned();
        }
        if self.plain {
            return (0..8).map(|_| char::from(b'a' + (self.number() % 26) as u8)).collect();
        }
        const PIECES: [&str; 16] = [
            "",
            " ",
            "a",
            "Å",
            "\u{1D11E}",
            "<",
            "&amp;",
            "]]>",
            "\r\n",
            "\r",
            "\t",
            "\n",
            "\"'",
            "\u{2028}",
            "\u{85}",
            "\u{A0}",
        ];
        let text: String = (0..self.number() % 6).map(|_| PIECES[(self.number() % 16) as usize]).collect();
        let text = self.white_space.apply(text.into());
        self.default.filter(|_| text.is_empty()).map_or_else(|| text.into_owned(), str::to_owned)
    }

    pub(crate) fn date_time(&mut self) -> DateTime {
        let mut below = |limit: u64| self.number() % limit;
        let date = Date::new(below(9999) as i32 + 1, below(12) as u8 + 1, below(28) as u8 + 1).unwrap_or_default();
        let fraction = [0, 500_000_000_000_000_000, 1_234_567 * 100_000_000_000, 1][below(4) as usize];
        let time = Time::new(below(24) as u8, below(60) as u8, below(60) as u8, fraction).unwrap_or_default();
        match below(3) {
            0 => DateTime::new(date, time),
            1 => DateTime::new(date, time.at(Offset::UTC)),
            _ => DateTime::new(date, time.at(Offset::from_minutes(below(1681) as i16 - 840).unwrap_or_default())),
        }
    }
}
