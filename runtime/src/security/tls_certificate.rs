//! A certificate by which a program proves itself in TLS, and what is wrong with one that cannot be used.

use std::fmt;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use crate::error::Error;
use crate::security::ber::{CONTEXT_0, INTEGER, OCTET_STRING, OID, SEQUENCE, Values};

#[cfg(feature = "pkcs12")]
use crate::{secret::Secret, security::pkcs12};

/// A certificate with its private key, by which a program proves itself in TLS: a client where the server asks for it (mutual
/// TLS), by [`ConnectionBuilder::client_certificate`](crate::ConnectionBuilder::client_certificate), and a server.
///
/// The key is RSA of 2048 to 8192 bits, ECDSA on P-256 or P-384, or Ed25519. It is never printed. Cheap to clone.
///
/// ```no_run
/// use soap_runtime::{TlsCertificate, Connection};
///
/// let read = |path| std::fs::read(path).unwrap();
/// let certificate = TlsCertificate::from_pem(read("client.pem"), read("client.key"))?;
/// let connection = Connection::builder("https://soap.example").client_certificate(certificate).build()?;
/// # Ok::<(), soap_runtime::Error>(())
/// ```
#[derive(Clone)]
pub struct TlsCertificate(Arc<CertifiedKey>);

impl TlsCertificate {
    /// Takes a certificate, the certificates between it and its authority, and its private key from PEM texts. One text may
    /// hold all of them: give it twice.
    ///
    /// The program's own certificate comes first. The key is `PRIVATE KEY` (PKCS#8), `RSA PRIVATE KEY` or
    /// `EC PRIVATE KEY`. For an encrypted one, make a PKCS#12 file.
    ///
    /// # Errors
    /// A text without a certificate or without a key, a key that is encrypted, of a kind that is not supported, or that
    /// belongs to another certificate. All are [`Configuration`](crate::ErrorKind::Configuration) errors.
    pub fn from_pem(certificates: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Result<Self, Error> {
        let chain = CertificateDer::pem_slice_iter(certificates.as_ref()).collect::<Result<Vec<_>, _>>();
        let chain = chain.ok().filter(|chain| !chain.is_empty());
        let chain = chain.ok_or_else(|| Error::configuration("the PEM text holds no certificate"))?;
        Self::new(chain, private_key(key.as_ref())?)
    }

    /// Takes the private key of a PKCS#12 file (`.p12`, `.pfx`), the certificate that belongs to it, and the others in the
    /// file, which lead to its authority.
    ///
    /// # Errors
    /// A wrong password, a damaged file or one that is not PKCS#12, no private key or several, one of a kind that is not
    /// supported, or no certificate for it. All are [`Configuration`](crate::ErrorKind::Configuration) errors.
    #[cfg(feature = "pkcs12")]
    pub fn from_pkcs12(file: &[u8], password: &Secret) -> Result<Self, Error> {
        let (key, certificates) = pkcs12::read(file, password)?.only_key()?;
        let key = || PrivateKeyDer::Pkcs8(key.to_vec().into());
        let mut chain: Vec<CertificateDer<'static>> = certificates.into_iter().map(CertificateDer::from).collect();
        let mut mistake = None;
        for at in 0..chain.len() {
            match Self::new(vec![chain[at].clone()], key()) {
                Ok(_) => {
                    chain[..=at].rotate_right(1);
                    return Self::new(chain, key());
                }
                Err(error) => mistake = Some(error),
            }
        }
        match mistake {
            Some(error) if error.to_string() != OTHER_KEY => Err(error),
            _ => Err(Error::configuration("the PKCS#12 file holds no certificate for its private key")),
        }
    }

    fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Self, Error> {
        let described = describe(&key);
        let key = ring::default_provider().key_provider.load_private_key(key);
        let key = key.map_err(|_| Error::configuration(described))?;
        let certified = CertifiedKey::new(chain, key);
        match certified.keys_match() {
            Ok(()) => Ok(Self(Arc::new(certified))),
            Err(rustls::Error::InconsistentKeys(_)) => Err(Error::configuration(OTHER_KEY)),
            Err(_) => Err(Error::configuration("the certificate is not a valid X.509 certificate")),
        }
    }

    pub(crate) fn certified_key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.0)
    }
}

const OTHER_KEY: &str = "the private key does not belong to the certificate";

/// The private key in a PEM text.
///
/// # Errors
/// There is none, or it is encrypted. The text is not quoted: where line breaks have been lost, a line is the whole key.
pub(super) fn private_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, Error> {
    const ENCRYPTED: &[u8] = b"ENCRYPTED";
    if pem.windows(ENCRYPTED.len()).any(|window| window == ENCRYPTED) {
        return Err(Error::configuration("the private key in the PEM text is encrypted; make a PKCS#12 file of it"));
    }
    PrivateKeyDer::from_pem_slice(pem).map_err(|_| Error::configuration("the PEM text holds no private key"))
}

const RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
const EC: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
/// Curves by their names.
const CURVES: [(&[u8], &str); 4] = [
    (&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07], "P-256"),
    (&[0x2B, 0x81, 0x04, 0x00, 0x22], "P-384"),
    (&[0x2B, 0x81, 0x04, 0x00, 0x23], "P-521"),
    (&[0x2B, 0x81, 0x04, 0x00, 0x0A], "secp256k1"),
];
/// A value in SEC1 that holds the name of the curve has the same tag as one around a value of PKCS#12.
const CURVE: u8 = CONTEXT_0;

const SUPPORTED: &str = "TLS takes RSA of 2048 to 8192 bits, ECDSA on P-256 and P-384, and Ed25519 here";

/// Why a key that is not taken is not.
fn describe(key: &PrivateKeyDer<'_>) -> String {
    let kind = match key {
        PrivateKeyDer::Pkcs1(key) => rsa(key.secret_pkcs1_der()),
        PrivateKeyDer::Sec1(key) => sec1(key.secret_sec1_der()),
        PrivateKeyDer::Pkcs8(key) => pkcs8(key.secret_pkcs8_der()),
        _ => None,
    };
    match kind {
        Some(kind) => format!("the private key of the certificate is {kind}; {SUPPORTED}"),
        None => format!("the private key of the certificate is damaged or of an unknown kind; {SUPPORTED}"),
    }
}

fn pkcs8(der: &[u8]) -> Option<String> {
    let mut info = Values::new(der).expect(SEQUENCE)?.values();
    info.expect(INTEGER)?;
    let mut algorithm = info.expect(SEQUENCE)?.values();
    let key = info.expect(OCTET_STRING)?;
    match algorithm.expect(OID)?.content {
        RSA => rsa(key.content),
        EC => Some(curve(algorithm.expect(OID)?.content)),
        _ => Some("neither RSA, ECDSA nor Ed25519".to_owned()),
    }
}

fn rsa(der: &[u8]) -> Option<String> {
    let mut numbers = Values::new(der).expect(SEQUENCE)?.values();
    numbers.expect(INTEGER)?;
    let modulus = numbers.expect(INTEGER)?.content;
    let modulus = &modulus[modulus.iter().position(|octet| *octet != 0)?..];
    let bits = modulus.len() * 8 - usize::try_from(modulus.first()?.leading_zeros()).ok()?;
    Some(format!("an RSA key of {bits} bits"))
}

fn sec1(der: &[u8]) -> Option<String> {
    let mut key = Values::new(der).expect(SEQUENCE)?.values();
    key.expect(INTEGER)?;
    key.expect(OCTET_STRING)?;
    Some(curve(key.expect(CURVE)?.holds(OID)?.content))
}

fn curve(name: &[u8]) -> String {
    match CURVES.iter().find(|(known, _)| *known == name) {
        Some((_, curve)) => format!("an ECDSA key on the curve {curve}"),
        None => "an ECDSA key on another curve".to_owned(),
    }
}

impl fmt::Debug for TlsCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsCertificate").field("key", &"[redacted]").finish_non_exhaustive()
    }
}
