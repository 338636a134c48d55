//! Text that can't be printed.

use std::fmt;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// A password, a one-time code or a personal number: prints as `[redacted]` and is wiped when dropped.
///
/// How long a comparison takes tells the length of the other text, and nothing else of it.
#[derive(Clone, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text itself. Do not log or print it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl<T: Into<String>> From<T> for Secret {
    fn from(text: T) -> Self {
        Self(Zeroizing::new(text.into()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
