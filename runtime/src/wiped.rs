//! A message whose secrets are wiped.
//!
//! A buffer that grows leaves what it held in memory that is freed as it is. So secrets are held apart while a message is
//! written, and are put in when nothing grows any more.

use std::ops::Range;

use bytes::Bytes;
use zeroize::{Zeroize, Zeroizing};

/// Octets that stand at a place of a message, and are not in it yet.
pub(crate) struct Held {
    pub(crate) at: usize,
    pub(crate) octets: Zeroizing<Vec<u8>>,
}

/// A finished message. Only what is secret in it is wiped, as the rest may be large.
#[derive(Default)]
pub(crate) struct Wiped {
    octets: Vec<u8>,
    secrets: Vec<Range<usize>>,
}

impl Wiped {
    /// Puts the secrets in, which are in order of their places.
    pub(crate) fn new(mut octets: Vec<u8>, held: Vec<Held>) -> Self {
        let mut end = octets.len();
        let mut shift = held.iter().map(|secret| secret.octets.len()).sum();
        // May move the octets, none of which is secret yet.
        octets.reserve_exact(shift);
        octets.resize(end + shift, 0);
        let mut secrets = Vec::with_capacity(held.len());
        for secret in held.iter().rev() {
            octets.copy_within(secret.at..end, secret.at + shift);
            (end, shift) = (secret.at, shift - secret.octets.len());
            let place = secret.at + shift..secret.at + shift + secret.octets.len();
            octets[place.clone()].copy_from_slice(&secret.octets);
            secrets.push(place);
        }
        Self { octets, secrets }
    }

    /// A message that is secret from end to end.
    pub(crate) fn all(octets: Vec<u8>) -> Self {
        let all = 0..octets.len();
        Self { octets, secrets: Vec::from([all]) }
    }

    /// The message behind other octets, in one buffer.
    pub(crate) fn behind(&self, start: &[u8]) -> Self {
        let mut octets = Vec::with_capacity(start.len() + self.octets.len());
        octets.extend_from_slice(start);
        octets.extend_from_slice(&self.octets);
        let moved = |secret: &Range<usize>| secret.start + start.len()..secret.end + start.len();
        Self { octets, secrets: self.secrets.iter().map(moved).collect() }
    }

    /// The octets, for which the caller answers from here on.
    pub(crate) fn into_octets(mut self) -> Vec<u8> {
        std::mem::take(&mut self.secrets);
        std::mem::take(&mut self.octets)
    }

    fn wipe(&mut self) {
        for secret in &self.secrets {
            self.octets[secret.clone()].zeroize();
        }
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        &self.octets
    }
}

/// Wiped when the last clone is dropped.
impl From<Wiped> for Bytes {
    fn from(message: Wiped) -> Self {
        match message.secrets.is_empty() {
            true => message.into_octets().into(),
            false => Self::from_owner(message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(at: usize, text: &str) -> Held {
        Held { at, octets: Zeroizing::new(text.as_bytes().to_vec()) }
    }

    #[test]
    fn secrets_are_put_in_at_their_places_and_wiped_there() {
        let message = || Wiped::new(b"<a></a><b></b>".to_vec(), vec![held(3, "one"), held(10, "two"), held(10, "2")]);
        assert_eq!(message().as_ref(), b"<a>one</a><b>two2</b>");
        assert_eq!(message().into_octets(), b"<a>one</a><b>two2</b>");
        let mut behind = message().behind(b"head ");
        assert_eq!(behind.as_ref(), b"head <a>one</a><b>two2</b>");
        behind.wipe();
        assert_eq!(behind.as_ref(), b"head <a>\0\0\0</a><b>\0\0\0\0</b>");
        assert_eq!(Bytes::from(message()), &b"<a>one</a><b>two2</b>"[..]);
    }

    #[test]
    fn a_message_may_be_all_secret_or_have_none() {
        assert_eq!(Wiped::new(Vec::new(), vec![held(0, "all")]).as_ref(), b"all");
        assert_eq!(Wiped::new(b"none".to_vec(), Vec::new()).as_ref(), b"none");
        assert_eq!(Wiped::new(b"none".to_vec(), vec![held(0, ""), held(4, "")]).as_ref(), b"none");
        assert_eq!(Bytes::from(Wiped::new(b"none".to_vec(), Vec::new())), "none");
    }
}
