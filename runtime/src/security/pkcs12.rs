//! The private keys and certificates of a PKCS#12 file (RFC 7292).
//!
//! `p12-keystore` is not used: it reads only DER, no unencrypted keys and no MACs beyond SHA-256, and skips keys
//! without an identifier. Key derivation and ciphers are RustCrypto's.

use std::cell::Cell;

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipher, BlockDecryptMut, KeyInit, KeyIvInit as _};
use hmac::{Hmac, Mac};
use pkcs5::pbes2;
use pkcs12::kdf::{Pkcs12KeyType, derive_key};
use sha1::{Digest as _, Sha1};
use x509_cert::der::asn1::ObjectIdentifier as Oid;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::secret::Secret;
use crate::security::ber::{CONTEXT_0, INTEGER, OCTET_STRING, OID, SEQUENCE, Value, Values};

/// A private key in PKCS#8.
type Key = Zeroizing<Vec<u8>>;

/// The contents of a file that are used.
#[derive(Default)]
pub(super) struct Contents {
    keys: Vec<Key>,
    /// X.509.
    certificates: Vec<Vec<u8>>,
}

const DATA: Oid = Oid::new_unwrap("1.2.840.113549.1.7.1");
const SIGNED_DATA: Oid = Oid::new_unwrap("1.2.840.113549.1.7.2");
const ENVELOPED_DATA: Oid = Oid::new_unwrap("1.2.840.113549.1.7.3");
const ENCRYPTED_DATA: Oid = Oid::new_unwrap("1.2.840.113549.1.7.6");

const KEY_BAG: Oid = Oid::new_unwrap("1.2.840.113549.1.12.10.1.1");
const ENCRYPTED_KEY_BAG: Oid = Oid::new_unwrap("1.2.840.113549.1.12.10.1.2");
const CERTIFICATE_BAG: Oid = Oid::new_unwrap("1.2.840.113549.1.12.10.1.3");
const BAG_OF_BAGS: Oid = Oid::new_unwrap("1.2.840.113549.1.12.10.1.6");
const X509: Oid = Oid::new_unwrap("1.2.840.113549.1.9.22.1");

const DES_3_KEYS: Oid = Oid::new_unwrap("1.2.840.113549.1.12.1.3");
const DES_2_KEYS: Oid = Oid::new_unwrap("1.2.840.113549.1.12.1.4");
const RC2_128: Oid = Oid::new_unwrap("1.2.840.113549.1.12.1.5");
const RC2_40: Oid = Oid::new_unwrap("1.2.840.113549.1.12.1.6");

const SHA_1: Oid = Oid::new_unwrap("1.3.14.3.2.26");
const SHA_224: Oid = Oid::new_unwrap("2.16.840.1.101.3.4.2.4");
const SHA_256: Oid = Oid::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA_384: Oid = Oid::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA_512: Oid = Oid::new_unwrap("2.16.840.1.101.3.4.2.3");

/// Hashes that PBKDF2 may use. The parser of `pkcs5` is not used, because it requires a NULL that NSS leaves out.
const PRFS: [pbes2::Pbkdf2Prf; 5] = [
    pbes2::Pbkdf2Prf::HmacWithSha1,
    pbes2::Pbkdf2Prf::HmacWithSha224,
    pbes2::Pbkdf2Prf::HmacWithSha256,
    pbes2::Pbkdf2Prf::HmacWithSha384,
    pbes2::Pbkdf2Prf::HmacWithSha512,
];

const OTHER_CIPHER: &str = "it is encrypted by a method other than AES, 3DES and RC2 with SHA-1 or SHA-2";

/// Most rounds of key derivation that a file may ask for, all of its keys together. Current files use up to some hundred
/// thousand for each of three.
const ITERATIONS: u32 = 10_000_000;
/// Depth of nested bags that is accepted.
const DEPTH: usize = 8;

/// Reads a file that is protected by a password.
///
/// # Errors
/// A wrong password, a damaged file, one that is not PKCS#12, or one with an unsupported protection.
pub(super) fn read(file: &[u8], password: &Secret) -> Result<Contents, Error> {
    let password = Password::new(password.expose());
    let mut file = Values::new(file).expect(SEQUENCE).ok_or_else(damaged)?.values();
    let version = file.expect(INTEGER).and_then(|version| version.integer());
    if version != Some(3) {
        return Err(damaged());
    }
    let (kind, content) = content_info(&mut file).ok_or_else(damaged)?;
    if is(kind, SIGNED_DATA) {
        return Err(refused("its integrity is protected by a signature, not by the password"));
    }
    if !is(kind, DATA) {
        return Err(damaged());
    }
    let safes = content.holds(OCTET_STRING).and_then(|safes| safes.octets()).ok_or_else(damaged)?;
    if !file.is_empty() {
        check(file.expect(SEQUENCE).ok_or_else(damaged)?, &safes, &password)?;
    }
    let mut contents = Contents::default();
    let mut safes = Values::new(&safes).expect(SEQUENCE).ok_or_else(damaged)?.values();
    while !safes.is_empty() {
        let (kind, content) = content_info(&mut safes).ok_or_else(damaged)?;
        if is(kind, DATA) {
            let bags = content.holds(OCTET_STRING).and_then(|bags| bags.octets()).ok_or_else(damaged)?;
            contents.add(&bags, &password, DEPTH)?;
        } else if is(kind, ENCRYPTED_DATA) {
            let (algorithm, encrypted) = encrypted_data(content).ok_or_else(damaged)?;
            let bags = decrypted(algorithm, &encrypted.octets().ok_or_else(damaged)?, &password)?;
            contents.add(&bags, &password, DEPTH)?;
        } else if is(kind, ENVELOPED_DATA) {
            return Err(refused("it is encrypted for a certificate, not by the password"));
        } else {
            return Err(damaged());
        }
    }
    Ok(contents)
}

/// Type and content of `ContentInfo`.
fn content_info<'a>(values: &mut Values<'a>) -> Option<(Value<'a>, Value<'a>)> {
    let mut info = values.expect(SEQUENCE)?.values();
    Some((info.expect(OID)?, info.expect(CONTEXT_0)?))
}

/// Algorithm and content of `EncryptedData`.
fn encrypted_data(content: Value<'_>) -> Option<(Value<'_>, Value<'_>)> {
    let mut data = content.holds(SEQUENCE)?.values();
    data.expect(INTEGER)?;
    let mut info = data.expect(SEQUENCE)?.values();
    info.expect(OID)?;
    // An OCTET STRING under the tag [0], in pieces or not.
    Some((info.expect(SEQUENCE)?, info.next().filter(|encrypted| matches!(encrypted.tag, 0x80 | CONTEXT_0))?))
}

impl Contents {
    /// The private key, if there is exactly one, and the certificates.
    ///
    /// # Errors
    /// There is none, or more than one.
    pub(super) fn only_key(mut self) -> Result<(Key, Vec<Vec<u8>>), Error> {
        let refused = |what: &'static str| Err(Error::configuration(what));
        match (self.keys.pop(), self.keys.is_empty()) {
            (None, _) => refused("the PKCS#12 file holds no private key"),
            (Some(key), true) => Ok((key, self.certificates)),
            (Some(_), false) => refused("the PKCS#12 file holds several private keys; give one with a single key"),
        }
    }

    fn add(&mut self, bags: &[u8], password: &Password<'_>, depth: usize) -> Result<(), Error> {
        let mut bags = Values::new(bags).expect(SEQUENCE).ok_or_else(damaged)?.values();
        while !bags.is_empty() {
            let mut bag = bags.expect(SEQUENCE).ok_or_else(damaged)?.values();
            let kind = bag.expect(OID).ok_or_else(damaged)?;
            let content = bag.expect(CONTEXT_0).and_then(|content| content.holds(SEQUENCE)).ok_or_else(damaged)?;
            if is(kind, KEY_BAG) {
                self.keys.push(content.to_der().ok_or_else(damaged)?);
            } else if is(kind, ENCRYPTED_KEY_BAG) {
                let mut info = content.values();
                let (algorithm, encrypted) =
                    info.expect(SEQUENCE).zip(info.expect(OCTET_STRING)).ok_or_else(damaged)?;
                self.keys.push(decrypted(algorithm, &encrypted.octets().ok_or_else(damaged)?, password)?);
            } else if is(kind, CERTIFICATE_BAG) {
                let mut info = content.values();
                let (kind, value) = info.expect(OID).zip(info.expect(CONTEXT_0)).ok_or_else(damaged)?;
                if is(kind, X509) {
                    let der = value.holds(OCTET_STRING).and_then(|der| der.octets()).ok_or_else(damaged)?;
                    self.certificates.push(der.to_vec());
                }
            } else if is(kind, BAG_OF_BAGS) {
                let inner = content.to_der().ok_or_else(damaged)?;
                self.add(&inner, password, depth.checked_sub(1).ok_or_else(damaged)?)?;
            }
        }
        Ok(())
    }
}

/// A password in the two forms that keys are derived from.
struct Password<'a> {
    text: &'a str,
    /// UTF-16 with a NUL.
    wide: Zeroizing<Vec<u8>>,
    /// Rounds of key derivation that it may still go through.
    rounds: Cell<u32>,
}

impl<'a> Password<'a> {
    fn new(text: &'a str) -> Self {
        let wide = text.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect();
        Self { text, wide: Zeroizing::new(wide), rounds: Cell::new(ITERATIONS) }
    }

    /// Takes the rounds of a derivation from those that are left.
    fn rounds(&self, iterations: u32) -> Result<i32, Error> {
        let left = self.rounds.get().checked_sub(iterations).filter(|_| iterations > 0);
        let (left, rounds) = left
            .zip(i32::try_from(iterations).ok())
            .ok_or_else(|| refused("its keys take more than ten million rounds of derivation, or none"))?;
        self.rounds.set(left);
        Ok(rounds)
    }
}

/// Checks `MacData` over the content.
fn check(mac: Value<'_>, content: &[u8], password: &Password<'_>) -> Result<(), Error> {
    let parsed = || {
        let mut mac = mac.values();
        let mut digest = mac.expect(SEQUENCE)?.values();
        let algorithm = digest.expect(SEQUENCE)?.values().expect(OID)?;
        let (digest, salt) = (digest.expect(OCTET_STRING)?.octets()?, mac.expect(OCTET_STRING)?.octets()?);
        let iterations = if mac.is_empty() { 1 } else { mac.expect(INTEGER)?.integer()? };
        Some((algorithm, digest, salt, iterations))
    };
    let (algorithm, digest, salt, iterations) = parsed().ok_or_else(damaged)?;
    let iterations = password.rounds(iterations)?;
    macro_rules! is_mac {
        ($hash:ty) => {{
            let length = <$hash>::output_size();
            let key =
                Zeroizing::new(derive_key::<$hash>(&password.wide, &salt, Pkcs12KeyType::Mac, iterations, length));
            let mac = <Hmac<$hash> as Mac>::new_from_slice(&key).map_err(|_| damaged())?;
            mac.chain_update(content).verify_slice(&digest).is_ok()
        }};
    }
    let is_mac = match Oid::from_bytes(algorithm.content) {
        Ok(SHA_1) => is_mac!(Sha1),
        Ok(SHA_224) => is_mac!(sha2::Sha224),
        Ok(SHA_256) => is_mac!(sha2::Sha256),
        Ok(SHA_384) => is_mac!(sha2::Sha384),
        Ok(SHA_512) => is_mac!(sha2::Sha512),
        _ => return Err(refused("its integrity is protected by another MAC than HMAC with SHA-1 or SHA-2")),
    };
    if is_mac { Ok(()) } else { Err(wrong_password()) }
}

fn decrypted(algorithm: Value<'_>, content: &[u8], password: &Password<'_>) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut values = algorithm.values();
    let (oid, parameters) = values.expect(OID).zip(values.expect(SEQUENCE)).ok_or_else(damaged)?;
    let oid = Oid::from_bytes(oid.content).map_err(|_| damaged())?;
    if oid == pbes2::PBES2_OID {
        return decrypted_pbes2(parameters, content, password);
    }
    let mut parameters = parameters.values();
    let (salt, iterations) = parameters.expect(OCTET_STRING).zip(parameters.expect(INTEGER)).ok_or_else(damaged)?;
    let salt = salt.octets().ok_or_else(damaged)?;
    let iterations = password.rounds(iterations.integer().ok_or_else(damaged)?)?;
    let derive = |kind, length| Zeroizing::new(derive_key::<Sha1>(&password.wide, &salt, kind, iterations, length));
    let key = |length| derive(Pkcs12KeyType::EncryptionKey, length);
    let iv = derive(Pkcs12KeyType::Iv, 8);
    match oid {
        DES_3_KEYS => decrypted_cbc::<des::TdesEde3>(&key(24), &iv, content),
        DES_2_KEYS => decrypted_cbc::<des::TdesEde2>(&key(16), &iv, content),
        RC2_128 => decrypted_cbc::<rc2::Rc2>(&key(16), &iv, content),
        RC2_40 => decrypted_cbc::<rc2::Rc2>(&key(5), &iv, content),
        _ => Err(refused(OTHER_CIPHER)),
    }
}

fn decrypted_cbc<C>(key: &[u8], iv: &[u8], content: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error>
where
    C: BlockCipher + BlockDecryptMut + KeyInit,
{
    let decryptor = cbc::Decryptor::<C>::new_from_slices(key, iv).map_err(|_| damaged())?;
    decryptor.decrypt_padded_vec_mut::<Pkcs7>(content).map(Zeroizing::new).map_err(|_| wrong_password())
}

fn decrypted_pbes2(
    parameters: Value<'_>,
    content: &[u8],
    password: &Password<'_>,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut parameters = parameters.values();
    let (derivation, cipher) = parameters.expect(SEQUENCE).zip(parameters.expect(SEQUENCE)).ok_or_else(damaged)?;
    let (mut derivation, mut cipher) = (derivation.values(), cipher.values());
    let (derivation, pbkdf2) = derivation.expect(OID).zip(derivation.expect(SEQUENCE)).ok_or_else(damaged)?;
    let (cipher, iv) = cipher.expect(OID).zip(cipher.expect(OCTET_STRING)).ok_or_else(damaged)?;
    if !is(derivation, pbes2::PBKDF2_OID) {
        return Err(refused(OTHER_CIPHER));
    }
    let mut pbkdf2 = pbkdf2.values();
    let (salt, iterations) = pbkdf2.expect(OCTET_STRING).zip(pbkdf2.expect(INTEGER)).ok_or_else(damaged)?;
    let (salt, iterations) = salt.octets().zip(iterations.integer()).ok_or_else(damaged)?;
    password.rounds(iterations)?;
    // Optional: the key length, which follows from the cipher, and the hash, which is SHA-1 by default.
    let _ = pbkdf2.next_if(INTEGER);
    let prf = match pbkdf2.next_if(SEQUENCE).and_then(|prf| prf.values().expect(OID)) {
        None => pbes2::Pbkdf2Prf::HmacWithSha1,
        Some(oid) => PRFS.iter().find(|prf| is(oid, prf.oid())).copied().ok_or_else(|| refused(OTHER_CIPHER))?,
    };
    let iv = iv.octets().ok_or_else(damaged)?;
    let encryption = match Oid::from_bytes(cipher.content) {
        Ok(pbes2::AES_128_CBC_OID) => pbes2::EncryptionScheme::Aes128Cbc { iv: block(&iv)? },
        Ok(pbes2::AES_192_CBC_OID) => pbes2::EncryptionScheme::Aes192Cbc { iv: block(&iv)? },
        Ok(pbes2::AES_256_CBC_OID) => pbes2::EncryptionScheme::Aes256Cbc { iv: block(&iv)? },
        Ok(pbes2::DES_EDE3_CBC_OID) => pbes2::EncryptionScheme::DesEde3Cbc { iv: block(&iv)? },
        _ => return Err(refused(OTHER_CIPHER)),
    };
    let kdf = pbes2::Pbkdf2Params { salt: &salt, iteration_count: iterations, key_length: None, prf };
    let parameters = pbes2::Parameters { kdf: kdf.into(), encryption };
    parameters.decrypt(password.text, content).map(Zeroizing::new).map_err(|_| wrong_password())
}

/// The initial vector of a cipher with blocks of this size.
fn block<const SIZE: usize>(iv: &[u8]) -> Result<&[u8; SIZE], Error> {
    iv.try_into().map_err(|_| damaged())
}

fn is(value: Value<'_>, oid: Oid) -> bool {
    value.content == oid.as_bytes()
}

fn damaged() -> Error {
    Error::configuration("the file is damaged, or no PKCS#12 file")
}

fn wrong_password() -> Error {
    Error::configuration("the password of the PKCS#12 file is wrong")
}

fn refused(why: &str) -> Error {
    Error::configuration(format!("the PKCS#12 file is not read: {why}; export it anew"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_count_together() {
        let password = Password::new("passord");
        assert_eq!(password.rounds(ITERATIONS / 2).unwrap(), 5_000_000);
        for refused in [0, ITERATIONS / 2 + 1, u32::MAX] {
            assert!(password.rounds(refused).unwrap_err().to_string().contains("ten million rounds"), "{refused}");
        }
        password.rounds(ITERATIONS / 2).unwrap();
        password.rounds(1).unwrap_err();
    }
}
