//! The source of random octets and identifiers, which a test can replace.

use std::fmt::Debug;
use std::io;

use crate::guid::Guid;

/// Gives random octets for everything in the protocol that needs them: message identifiers, token identifiers, nonces,
/// entropy.
///
/// Keys are made from them, so outside of tests they must come from a cryptographically secure generator.
///
/// ```
/// use soap_runtime::Random;
///
/// /// Always the same.
/// #[derive(Debug)]
/// struct Sevens;
///
/// impl Random for Sevens {
///     fn fill(&self, octets: &mut [u8]) -> std::io::Result<()> {
///         octets.fill(7);
///         Ok(())
///     }
/// }
///
/// assert_eq!(Sevens.guid()?.to_string(), "07070707-0707-4707-8707-070707070707");
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait Random: Debug + Send + Sync {
    /// Overwrites all of the octets.
    ///
    /// # Errors
    /// The source has failed. The call that needed the octets fails, and nothing is sent.
    fn fill(&self, octets: &mut [u8]) -> io::Result<()>;

    /// A new identifier: a version 4 UUID (RFC 9562) unless overridden.
    ///
    /// A message takes its identifiers in their order on the wire: MessageID, token, then those of the body.
    ///
    /// # Errors
    /// As [`fill`](Self::fill).
    fn guid(&self) -> io::Result<Guid> {
        let mut octets = [0; 16];
        self.fill(&mut octets)?;
        Ok(Guid::from_bytes(uuid::Builder::from_random_bytes(octets).into_uuid().into_bytes()))
    }
}

/// The generator of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, octets: &mut [u8]) -> io::Result<()> {
        getrandom::fill(octets).map_err(io::Error::other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_differ_and_say_their_version() {
        let (one, other) = (SystemRandom.guid().unwrap(), SystemRandom.guid().unwrap());
        assert_ne!(one, other);
        assert_eq!(one.as_bytes()[6] >> 4, 4);
        assert_eq!(one.as_bytes()[8] >> 6, 2);
    }
}
