//! The cookie of a token: what a service has to know of a session, sealed so that only the service can read and make it.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::random::Random;
use crate::security::username_token::no_random;

/// Octets of the key that seals.
pub(super) const SEAL_KEY: usize = 32;

/// Seals and opens cookies.
pub(super) struct Seal(LessSafeKey);

impl Seal {
    /// With this key: services that share it take each other's tokens.
    pub(super) fn new(key: &[u8; SEAL_KEY]) -> Option<Self> {
        UnboundKey::new(&CHACHA20_POLY1305, key).ok().map(|key| Self(LessSafeKey::new(key)))
    }

    /// Nonce, sealed content, tag.
    ///
    /// # Errors
    /// No random octets.
    pub(super) fn seal(&self, content: &[u8], random: &dyn Random) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce).map_err(no_random)?;
        let mut sealed = Zeroizing::new(content.to_vec());
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut *sealed)
            .map_err(|_| Error::configuration("a token that cannot be sealed"))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// The content, if it was sealed with the same key and not changed.
    pub(super) fn open(&self, cookie: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = cookie.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut content = Zeroizing::new(sealed.to_vec());
        let length = self.0.open_in_place(nonce, Aad::empty(), &mut content).ok()?.len();
        content.truncate(length);
        Some(content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn only_the_key_opens_a_cookie() {
        let (seal, other) = (Seal::new(&[1; SEAL_KEY]).unwrap(), Seal::new(&[2; SEAL_KEY]).unwrap());
        let cookie = seal.seal(b"content", &SystemRandom).unwrap();
        assert_eq!(seal.open(&cookie).unwrap()[..], b"content"[..]);
        assert!(other.open(&cookie).is_none());
        for at in 0..cookie.len() {
            let mut changed = cookie.clone();
            changed[at] ^= 1;
            assert!(seal.open(&changed).is_none() && seal.open(&cookie[..at]).is_none(), "{at}");
        }
    }
}
