//! TLS of a listener, and the certificates that callers show in it.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::sign::SingleCertAndKey;
use rustls::{DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig, SignatureScheme};
use tokio_rustls::TlsAcceptor;

use crate::error::Error;
use crate::security::tls_certificate::TlsCertificate;

/// TLS with this certificate. Callers may show one too if they are asked for it: any, or one of these authorities.
///
/// # Errors
/// An authority that is none.
pub(super) fn acceptor(
    certificate: TlsCertificate,
    asks: bool,
    authorities: RootCertStore,
) -> Result<TlsAcceptor, Error> {
    let provider = Arc::new(ring::default_provider());
    let unusable = |error: rustls::Error| Error::configuration("TLS cannot be set up").with_source(error);
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().map_err(unusable)?;
    let builder = match authorities.is_empty() {
        true if asks => {
            builder.with_client_cert_verifier(Arc::new(Anybody(provider.signature_verification_algorithms)))
        }
        true => builder.with_no_client_auth(),
        false => {
            let verifier = WebPkiClientVerifier::builder_with_provider(authorities.into(), provider);
            let verifier = verifier.allow_unauthenticated().build();
            let unusable = |error| Error::configuration("the authorities cannot be used").with_source(error);
            builder.with_client_cert_verifier(verifier.map_err(unusable)?)
        }
    };
    let config = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(certificate.certified_key())));
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Takes every certificate whose key its caller has proved to have. Whom to trust is for each port to say.
#[derive(Debug)]
struct Anybody(WebPkiSupportedAlgorithms);

impl ClientCertVerifier for Anybody {
    fn client_auth_mandatory(&self) -> bool {
        // One port may ask for what another does not. Without one a port refuses the call, and says so.
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
