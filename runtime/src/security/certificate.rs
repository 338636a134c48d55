//! The caller's certificate with its private key.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::traits::PublicKeyParts as _;
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha1::{Digest as _, Sha1};
use x509_cert::der::Decode as _;
use x509_cert::der::referenced::OwnedToRef as _;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::random::Random;
use crate::secret::Secret;
use crate::security::instant;
use crate::security::pkcs12;
use crate::security::tls_certificate::private_key;
use crate::security::username_token::no_random;

/// Bits that an RSA key may have under `sp:Basic256`.
const KEY_BITS: std::ops::RangeInclusive<usize> = 1024..=4096;

/// An X.509 certificate with its RSA private key, which starts a WS-SecureConversation session.
///
/// Cheap to clone. The key is wiped when the last clone is dropped, and never printed. The files and texts that it is
/// read from are not wiped, and neither are all intermediate numbers (`SECURITY.md`).
///
/// ```no_run
/// use soap_runtime::{Certificate, Secret};
///
/// let file = std::fs::read("enterprise.p12").unwrap();
/// let certificate = Certificate::from_pkcs12(&file, &Secret::from("password"))?;
/// # Ok::<(), soap_runtime::Error>(())
/// ```
#[derive(Clone)]
pub struct Certificate(Arc<Inner>);

struct Inner {
    key: RsaPrivateKey,
    der: Vec<u8>,
    thumbprint: [u8; 20],
    valid_from: SystemTime,
    expires: SystemTime,
}

impl Certificate {
    /// Takes the private key of a PKCS#12 file (`.p12`, `.pfx`) and the certificate that belongs to it.
    ///
    /// Files of today are read (PBES2 with AES, a MAC of SHA-2) and older ones (3DES and RC2 with SHA-1), in DER or BER.
    /// Other certificates in the file are not used: a service gets the caller's own. Of several for the one key it is the
    /// one that is valid longest.
    ///
    /// # Errors
    /// A wrong password, a damaged file or one that is not PKCS#12, no private key or several, or a key that is not
    /// RSA. All are [`Configuration`](crate::ErrorKind::Configuration) errors.
    pub fn from_pkcs12(file: &[u8], password: &Secret) -> Result<Self, Error> {
        let (key, certificates) = pkcs12::read(file, password)?.only_key()?;
        let key = RsaPrivateKey::from_pkcs8_der(&key)
            .map_err(|error| caused("the private key in the PKCS#12 file is not an RSA key", error))?;
        let public = key.to_public_key();
        let its_own = certificates.into_iter().filter_map(|der| {
            let certificate = x509_cert::Certificate::from_der(&der).ok()?;
            let end = certificate.tbs_certificate.validity.not_after.to_unix_duration();
            (public_key(&certificate).as_ref() == Some(&public)).then_some((end, der))
        });
        let (_, certificate) = its_own
            .max_by_key(|(end, _)| *end)
            .ok_or_else(|| mistake("the PKCS#12 file holds no certificate for its private key"))?;
        Self::new(certificate, key)
    }

    /// Takes a certificate and its private key from PEM texts. One text may hold both: give it twice.
    ///
    /// The key is `PRIVATE KEY` (PKCS#8) or `RSA PRIVATE KEY` (PKCS#1). For an encrypted one, make a PKCS#12 file.
    ///
    /// # Errors
    /// A text without a certificate or without a key, a key that is encrypted or not RSA, or that belongs to another
    /// certificate. All are [`Configuration`](crate::ErrorKind::Configuration) errors.
    pub fn from_pem(certificate: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Result<Self, Error> {
        let certificate = CertificateDer::from_pem_slice(certificate.as_ref())
            .map_err(|_| mistake("the PEM text holds no certificate"))?;
        let key = Zeroizing::new(private_key(key.as_ref())?);
        let der = key.secret_der();
        let rsa = match &*key {
            PrivateKeyDer::Pkcs1(_) => RsaPrivateKey::from_pkcs1_der(der).map_err(|error| caused(NOT_RSA, error))?,
            PrivateKeyDer::Pkcs8(_) => RsaPrivateKey::from_pkcs8_der(der).map_err(|error| caused(NOT_RSA, error))?,
            _ => return Err(mistake(NOT_RSA)),
        };
        Self::new(certificate.as_ref().to_vec(), rsa)
    }

    fn new(der: Vec<u8>, key: RsaPrivateKey) -> Result<Self, Error> {
        let certificate = x509_cert::Certificate::from_der(&der).map_err(|error| caused(NOT_X509, error))?;
        let public = public_key(&certificate).ok_or_else(|| mistake("the certificate's key is not an RSA key"))?;
        if public != key.to_public_key() {
            return Err(mistake("the private key does not belong to the certificate"));
        }
        let bits = key.size() * 8;
        if !KEY_BITS.contains(&bits) {
            let (least, most) = (KEY_BITS.start(), KEY_BITS.end());
            return Err(mistake(format!("an RSA key of {bits} bits; WS-Security's Basic256 takes {least} to {most}")));
        }
        let validity = &certificate.tbs_certificate.validity;
        Ok(Self(Arc::new(Inner {
            key,
            thumbprint: Sha1::digest(&der).into(),
            valid_from: validity.not_before.to_system_time(),
            expires: validity.not_after.to_system_time(),
            der,
        })))
    }

    /// The end of the certificate's validity. Calls after it are refused before anything is sent.
    pub fn expires(&self) -> SystemTime {
        self.0.expires
    }

    /// SHA-1 of the certificate, by which Windows names it.
    pub fn thumbprint(&self) -> [u8; 20] {
        self.0.thumbprint
    }

    pub(crate) fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// Refuses a certificate that is not valid now.
    pub(crate) fn check(&self, now: SystemTime) -> Result<(), Error> {
        if now > self.0.expires {
            return Err(mistake(format!("the certificate expired at {}", instant::text(self.0.expires))));
        }
        if now < self.0.valid_from {
            return Err(mistake(format!("the certificate is not valid before {}", instant::text(self.0.valid_from))));
        }
        Ok(())
    }

    /// RSA-SHA1 (PKCS#1 1.5), blinded, so that the time it takes reveals nothing about the key.
    pub(crate) fn sign(&self, data: &[u8], random: &dyn Random) -> Result<Vec<u8>, Error> {
        let digest = Sha1::digest(data);
        self.0
            .key
            .sign_with_rng(&mut blinding(random)?, Pkcs1v15Sign::new::<Sha1>(), &digest)
            .map_err(|error| caused("the private key cannot sign", error))
    }
}

/// The key of a certificate, if it is RSA.
pub(crate) fn public_key(certificate: &x509_cert::Certificate) -> Option<RsaPublicKey> {
    let info = certificate.tbs_certificate.subject_public_key_info.owned_to_ref();
    RsaPublicKey::try_from(info).ok()
}

/// Whether this is the RSA-SHA1 signature of the data by the key of a certificate in DER.
pub(crate) fn rsa_is(certificate: &[u8], data: &[u8], signature: &[u8]) -> Result<bool, Error> {
    let certificate = x509_cert::Certificate::from_der(certificate).map_err(|error| caused(NOT_X509, error))?;
    let key = public_key(&certificate).ok_or_else(|| mistake("the certificate's key is not an RSA key"))?;
    Ok(key.verify(Pkcs1v15Sign::new::<Sha1>(), &Sha1::digest(data), signature).is_ok())
}

const NOT_RSA: &str = "the private key in the PEM text is not an RSA key";
const NOT_X509: &str = "the certificate is not a valid X.509 certificate";

fn mistake(what: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::configuration(what)
}

/// The errors of these parsers name positions and algorithms, and quote nothing.
fn caused(what: &'static str, error: impl StdError + Send + Sync + 'static) -> Error {
    Error::configuration(what).with_source(error)
}

/// The random numbers that blind one signature, from a seed of its own. Any numbers give the same signature; a test's
/// source may repeat itself, while the search for a blinding factor needs numbers that differ.
fn blinding(random: &dyn Random) -> Result<ChaCha20Rng, Error> {
    let mut seed = Zeroizing::new([0; 32]);
    random.fill(&mut *seed).map_err(no_random)?;
    Ok(ChaCha20Rng::from_seed(*seed))
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("expires", &format_args!("{}", instant::text(self.0.expires)))
            .field("key", &"[redacted]")
            .finish_non_exhaustive()
    }
}
