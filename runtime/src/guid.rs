//! Identifiers of 128 bits.

use std::fmt;

use uuid::Uuid;

/// A 128-bit identifier, written in lower case with dashes. All zeros by default.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid(Uuid);

impl Guid {
    /// From its bytes, in the order in which they are written.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// Its bytes, in the order in which they are written.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// With dashes, without, or with both dashes and braces, as .NET reads it; not as a URN, which `uuid` reads too.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        matches!(text.len(), 32 | 36 | 38).then(|| Uuid::try_parse(text).ok().map(Self)).flatten()
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
