//! TLS by rustls and ring, with certificates checked as the operating system does.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use crate::clock::Clock;
use crate::error::Error;

/// Which authorities are trusted.
#[derive(Clone, Debug)]
pub(crate) struct Roots {
    /// Those of the operating system.
    pub(crate) system: bool,
    pub(crate) extra: Vec<CertificateDer<'static>>,
}

/// The certificates of a PEM text.
pub(crate) fn from_pem(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let certificates = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        // The parser's error quotes the text.
        .map_err(|_| Error::configuration("the root certificates are not valid PEM"))?;
    if certificates.is_empty() {
        return Err(Error::configuration("the PEM text of the root certificates holds no certificate"));
    }
    Ok(certificates)
}

/// The provider is named here and not installed for the process: that choice belongs to the program.
///
/// Without roots no certificate is trusted.
pub(crate) fn client_config(roots: Option<Roots>, clock: Arc<dyn Clock>) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_details(Arc::clone(&provider), Arc::new(Time(clock)))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::configuration("no TLS version can be used").with_source(error))?;
    let builder = match roots {
        Some(Roots { system: true, extra }) => {
            let verifier = Verifier::new_with_extra_roots(extra, provider).map_err(|error| {
                Error::configuration("no root certificates: the system has none, or one given is not valid")
                    .with_source(error)
            })?;
            builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
        }
        Some(Roots { system: false, extra }) => builder.with_webpki_verifier(only(extra, provider)?),
        None => builder.with_root_certificates(RootCertStore::empty()),
    };
    Ok(builder.with_no_client_auth())
}

/// Trusts these and no others.
fn only(
    roots: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, Error> {
    let mut store = RootCertStore::empty();
    for root in roots {
        store.add(root).map_err(|error| Error::configuration("a root certificate is not valid").with_source(error))?;
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider)
        .build()
        .map_err(|error| Error::configuration("no root certificates are trusted: give at least one").with_source(error))
}

/// Checks the expiry of certificates by the configured clock.
#[derive(Debug)]
struct Time(Arc<dyn Clock>);

impl TimeProvider for Time {
    fn current_time(&self) -> Option<UnixTime> {
        self.0.now().duration_since(std::time::UNIX_EPOCH).ok().map(UnixTime::since_unix_epoch)
    }
}

/// Why a handshake failed, in words for the user.
pub(super) fn explain(error: &rustls::Error) -> &'static str {
    use rustls::Error::{AlertReceived, InvalidCertificate, InvalidMessage, PeerIncompatible};
    match error {
        InvalidCertificate(certificate) => match certificate {
            CertificateError::UnknownIssuer => {
                "the server's certificate comes from an authority that is not trusted; if it should be, give its root certificate"
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the server's certificate has expired"
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the server's certificate is not valid yet; is the clock right?"
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "the server's certificate is for another host name"
            }
            CertificateError::Revoked => "the server's certificate has been revoked",
            _ => "the server's certificate is not accepted",
        },
        AlertReceived(_) => "the server ended the TLS handshake",
        InvalidMessage(_) => "the server does not speak TLS at this port",
        PeerIncompatible(_) => "the server has no TLS version or cipher that is safe: TLS 1.2 is the least",
        _ => "no TLS connection could be made",
    }
}

/// An error of rustls without what it quotes: the names in the peer's certificate, for example.
#[derive(Debug)]
pub(super) struct Quoteless(String);

impl Quoteless {
    pub(super) fn of(error: &rustls::Error) -> Self {
        let text = format!("{error:?}");
        // The names of the variants come before the first value.
        let names = text.split(|mark: char| !mark.is_ascii_alphanumeric() && mark != '(').next().unwrap_or_default();
        Self(names.split('(').collect::<Vec<_>>().join(": "))
    }
}

impl fmt::Display for Quoteless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TLS: {}", self.0)
    }
}

impl StdError for Quoteless {}

/// Finds an error of a type among the sources of another, also inside I/O errors, whose `source` skips it.
pub(super) fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        let held = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if let Some(found) = held.and_then(|held| find::<E>(held)) {
            return Some(found);
        }
        next = error.source();
    }
    None
}
