//! P_SHA1 and the two keys it derives: the key of a session from two entropies, and the key of a message from that of
//! the session.

use hmac::{Hmac, Mac};
use sha1::Sha1;
use zeroize::{Zeroize, Zeroizing};

/// Octets of a SHA-1.
const BLOCK: usize = 20;

/// The label of a DerivedKeyToken that has none: that of the client, then that of the service.
const LABEL: &[u8] = b"WS-SecureConversationWS-SecureConversation";

/// P_SHA-1 of RFC 2246, section 5: `length` octets from `offset`.
pub(crate) fn p_sha1(secret: &[u8], seed: &[&[u8]], offset: usize, length: usize) -> Zeroizing<Vec<u8>> {
    let end = offset.saturating_add(length);
    let mut stream = Zeroizing::new(Vec::with_capacity(end + BLOCK));
    let mut chain = Zeroizing::new(hmac(secret, seed));
    while stream.len() < end {
        let mut parts = vec![&chain[..]];
        parts.extend_from_slice(seed);
        let mut block = hmac(secret, &parts);
        stream.extend_from_slice(&block);
        block.zeroize();
        *chain = hmac(secret, &[&chain[..]]);
    }
    Zeroizing::new(stream[offset..end].to_vec())
}

/// HMAC-SHA1 over the parts one after the other.
pub(crate) fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; BLOCK] {
    let mut mac = keyed(key);
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Whether this is the HMAC-SHA1 of the data, in constant time.
pub(crate) fn hmac_is(key: &[u8], data: &[u8], expected: &[u8]) -> bool {
    let mut mac = keyed(key);
    mac.update(data);
    mac.verify_slice(expected).is_ok()
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn keyed(key: &[u8]) -> Hmac<Sha1> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

/// The key of a session: the secret is the client's entropy, the seed the server's.
pub(crate) fn session_key(client: &[u8], server: &[u8], octets: usize) -> Zeroizing<Vec<u8>> {
    p_sha1(client, &[server], 0, octets)
}

/// How the key of one message is derived from that of the session.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Derivation {
    pub(crate) nonce: Vec<u8>,
    pub(crate) offset: usize,
    pub(crate) length: usize,
    /// None is the default label.
    pub(crate) label: Option<Vec<u8>>,
}

impl Derivation {
    /// Octets of a nonce, and of a key for HMAC-SHA1 under `sp:Basic256`.
    pub(crate) const NONCE: usize = 16;
    const LENGTH: usize = 24;
    /// WCF's bounds on the length of a derived key, in octets.
    pub(crate) const LENGTHS: std::ops::RangeInclusive<usize> = 16..=64;
    /// Bound on the offset: every octet before it has to be computed, and real offsets are small.
    pub(crate) const MAX_OFFSET: usize = 4096;

    pub(crate) fn new(nonce: [u8; Self::NONCE]) -> Self {
        Self { nonce: nonce.to_vec(), offset: 0, length: Self::LENGTH, label: None }
    }

    pub(crate) fn key(&self, session: &[u8]) -> Zeroizing<Vec<u8>> {
        p_sha1(session, &[self.label.as_deref().unwrap_or(LABEL), &self.nonce], self.offset, self.length)
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn octets(text: &str) -> Vec<u8> {
        STANDARD.decode(text).unwrap()
    }

    /// K1: the published answer of Mono's tests for a DerivedKeyToken.
    #[test]
    fn known_answer_of_mono() {
        let derivation = Derivation { nonce: vec![0; 256], offset: 0, length: 32, label: None };
        let key = derivation.key(&octets("eX2EeE969RCv/5Lx8OIGLHtJrSD5PzVzO3tTy9JxU58="));
        assert_eq!(*key, octets("50UfLeg58TbfADujVeafUAS8typGX9LvqLOXezK/eJY="));
    }

    /// K2 and K3: the published answers of Raku's Digest::PSHA1, in both orders of the entropies.
    #[test]
    fn known_answers_of_raku() {
        let one = octets("grrlUUfhuNwlvQzQ4bV6TT3wA8ieZPltIf4+H7nIvCE=");
        let other = octets("YLABh3ZmZyiO5gvVLZe9J4JPd9w59KGeTFwE85XlzxE=");
        assert_eq!(*session_key(&one, &other, 32), octets("Wv3QzY84KfgwSkn1z3QV+LXEoo3nPraZPysJYtA3u4c="));
        assert_eq!(*session_key(&other, &one, 32), octets("g/uYZmYX7rOm/X7UV4usrvjIPCiWMWwNZJL0ejvz6Y4="));
    }

    #[test]
    fn own_vectors_across_a_block() {
        let client: Vec<u8> = (0..32).collect();
        let server: Vec<u8> = (32..64).collect();
        let session = session_key(&client, &server, 32);
        assert_eq!(*session, octets("31kTLCr20jDkM3cyB2oUVhaUvhKDjMACA9Y8gWZT11s="));
        let nonce: [u8; 16] = std::array::from_fn(|at| 0xa0 + at as u8);
        let derive = |offset, length| Derivation { offset, length, ..Derivation::new(nonce) }.key(&session);
        assert_eq!(*Derivation::new(nonce).key(&session), octets("f4rEzxyd4BE0yx9UooP+Oo0r24EkCc4L"));
        assert_eq!(*derive(0, 32), octets("f4rEzxyd4BE0yx9UooP+Oo0r24EkCc4L4XiCaEDdOqs="));
        assert_eq!(*derive(8, 16), octets("NMsfVKKD/jqNK9uBJAnOCw=="));
        assert_eq!(*derive(20, 24), octets("JAnOC+F4gmhA3TqroT/eJxnGyqmxM0Qr"));
    }

    #[test]
    fn a_mac_is_compared_whole() {
        let mac = hmac(b"key", &[b"da", b"ta"]);
        assert!(hmac_is(b"key", b"data", &mac));
        assert!(!hmac_is(b"key", b"data", &mac[..10]));
        assert!(!hmac_is(b"kez", b"data", &mac));
    }
}
