//! TLS by rustls and ring, with certificates checked as the operating system does.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::time_provider::TimeProvider;
use rustls::{AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
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

/// What TLS is set up with.
#[derive(Debug, Default)]
pub(crate) struct Tls {
    /// None if no endpoint has an https URL.
    pub(crate) roots: Option<Roots>,
    /// The name in the server's certificate, if it is not the host of the URL.
    pub(crate) server_name: Option<ServerName<'static>>,
    /// By which the caller proves itself.
    pub(crate) certificate: Option<Arc<CertifiedKey>>,
}

/// The provider is named here and not installed for the process: that choice belongs to the program.
///
/// Without roots no certificate is trusted.
pub(crate) fn client_config(tls: Tls, clock: Arc<dyn Clock>) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_details(Arc::clone(&provider), Arc::new(Time(clock)))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::configuration("no TLS version can be used").with_source(error))?;
    let verifier: Option<Arc<dyn ServerCertVerifier>> = match tls.roots {
        Some(Roots { system: true, extra }) => {
            Some(Arc::new(Verifier::new_with_extra_roots(extra, provider).map_err(|error| {
                Error::configuration("no root certificates: the system has none, or one given is not valid")
                    .with_source(error)
            })?))
        }
        Some(Roots { system: false, extra }) => Some(only(extra, provider)?),
        None => None,
    };
    let builder = match (verifier, tls.server_name) {
        (Some(inner), Some(name)) => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(Named { inner, name }))
        }
        (Some(verifier), None) => builder.dangerous().with_custom_certificate_verifier(verifier),
        (None, _) => builder.with_root_certificates(RootCertStore::empty()),
    };
    Ok(match tls.certificate {
        Some(key) => builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(key))),
        None => builder.with_no_client_auth(),
    })
}

/// Looks for another name in a certificate than the host of the URL.
#[derive(Debug)]
struct Named {
    inner: Arc<dyn ServerCertVerifier>,
    name: ServerName<'static>,
}

impl ServerCertVerifier for Named {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.inner.verify_server_cert(certificate, others, &self.name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
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

/// Why a handshake failed, in words for the user. `proven`: the caller has a certificate.
pub(super) fn explain(error: &rustls::Error, proven: bool) -> &'static str {
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
        // Servers in Java call one that is missing a bad one.
        AlertReceived(alert) if asks_for_certificate(*alert) || (!proven && refuses_certificate(*alert)) => {
            "the server asks for a client certificate (ConnectionBuilder::client_certificate)"
        }
        AlertReceived(alert) if refuses_certificate(*alert) => "the server does not accept the client certificate",
        AlertReceived(_) => "the server ended the TLS handshake",
        InvalidMessage(_) => "the server does not speak TLS at this port",
        PeerIncompatible(_) => "the server has no TLS version or cipher that is safe: TLS 1.2 is the least",
        _ => "no TLS connection could be made",
    }
}

/// An alert by which a server says that the handshake has failed, though the client was through with it: in TLS 1.3 the
/// server looks at the client's certificate last, and at no message before that.
pub(super) fn ends_the_handshake(error: &rustls::Error) -> bool {
    matches!(error, rustls::Error::AlertReceived(alert) if asks_for_certificate(*alert) || refuses_certificate(*alert))
}

fn asks_for_certificate(alert: AlertDescription) -> bool {
    alert == AlertDescription::CertificateRequired
}

fn refuses_certificate(alert: AlertDescription) -> bool {
    use AlertDescription::{
        BadCertificate, CertificateExpired, CertificateRevoked, CertificateUnknown, UnknownCA, UnsupportedCertificate,
    };
    matches!(
        alert,
        BadCertificate
            | CertificateExpired
            | CertificateRevoked
            | CertificateUnknown
            | UnknownCA
            | UnsupportedCertificate
    )
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
