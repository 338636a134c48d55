//! Authentication schemes, one per file. [`choose`] selects one by the descriptor of the port. A new scheme is a file
//! that implements [`Scheme`] and [`Proof`](scheme::Proof), and an arm of [`choose`].

pub(crate) mod admission;
pub(crate) mod authorization;
pub(crate) mod bearer;
pub(crate) mod circuit;
mod http_basic;
mod http_digest;
mod none;
pub(crate) mod registry;
pub(crate) mod scheme;
#[cfg(feature = "secure-conversation")]
pub(crate) mod secure_conversation;
mod username_token;

use std::borrow::Cow;
use std::sync::Arc;

use http::Uri;

use self::admission::Presented;
use self::bearer::{Bearer, BearerTokens};
use self::circuit::{Circuit, CircuitKey, Identity, Place};
use self::http_basic::HttpBasic;
use self::http_digest::HttpDigest;
use self::none::NoAuthentication;
use self::registry::Registry;
use self::scheme::Scheme;
use self::username_token::UsernameToken;
use crate::client::settings::Settings;
use crate::credentials::Credentials;
use crate::schema::descriptor::{PortDescriptor, SecurityScheme};
use crate::schema::slots::Slots;

#[cfg(feature = "secure-conversation")]
use crate::{secret::Secret, security::certificate::Certificate};

/// The credentials that a client was created with.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallerCredentials {
    pub(crate) credentials: Option<Arc<Credentials>>,
    pub(crate) bearer: Option<BearerTokens>,
    #[cfg(feature = "secure-conversation")]
    pub(crate) certificate: Option<Certificate>,
}

impl CallerCredentials {
    /// The slots that the client's own credentials fill.
    pub(crate) fn slots(&self) -> Slots {
        match &self.credentials {
            Some(credentials) => Slots::of_client(credentials.user_name.clone(), credentials.password.clone()),
            None => Slots::default(),
        }
    }
}

/// How the calls of a client authenticate.
#[derive(Clone, Debug)]
pub(crate) struct Authentication {
    pub(crate) scheme: Arc<dyn Scheme>,
    pub(crate) presented: Presented,
}

/// Creates the scheme of a port from the credentials of the client.
///
/// # Errors
/// A text for the user: what is missing, or cannot be used.
pub(crate) fn choose(
    registry: &Registry,
    settings: &Settings,
    port: &PortDescriptor,
    url: &Uri,
    given: &CallerCredentials,
) -> Result<Authentication, Cow<'static, str>> {
    let (scope, pause) = (settings.authentication_scope(port), settings.authentication_pause(port));
    let place = Place::new(url, scope);
    let circuit = |role, identity, password| -> (&'static str, Circuit) {
        (role, registry.circuit(CircuitKey { place: place.clone(), role, identity }, pause, password))
    };
    let user = || -> Result<_, &'static str> {
        let credentials = given.credentials.as_ref().ok_or("this port asks for a user name and password")?;
        let role = port.accounts.and_then(|accounts| accounts.header).unwrap_or_default();
        let identity = Identity::User(credentials.user_name.clone());
        Ok((Arc::clone(credentials), circuit(role, identity, credentials.password.clone())))
    };
    #[cfg(feature = "secure-conversation")]
    let certificate = given.certificate.as_ref();
    #[cfg(not(feature = "secure-conversation"))]
    let certificate = None::<&std::convert::Infallible>;
    if port.security.shows_credentials() && settings.route.hides_credentials(url) {
        return Err(CLEAR_CREDENTIALS.into());
    }
    if port.security.scheme == SecurityScheme::SecureConversation && port.addressing_2004 {
        return Err("sessions need WS-Addressing 1.0".into());
    }
    let is_tls = url.scheme_str() == Some("https");
    if port.security.client_certificate && is_tls && !settings.has_client_certificate {
        return Err("the contract requires a client certificate in TLS: give one with \
                    `ConnectionBuilder::client_certificate`"
            .into());
    }
    let message = NoAuthentication { timestamp: port.security.timestamp };
    let (scheme, header): (Arc<dyn Scheme>, _) = match (port.security.scheme, certificate) {
        #[cfg(feature = "secure-conversation")]
        (SecurityScheme::SecureConversation, Some(certificate)) => {
            let identity = Identity::Certificate(certificate.thumbprint());
            let (role, circuit) = circuit("", identity, Secret::from(""));
            let session = registry.session(url, port.soap, port.security, certificate, circuit.clone());
            (session, Some((role, circuit)))
        }
        (SecurityScheme::Unsupported, _) => return Err(unsupported(port).into()),
        (SecurityScheme::SecureConversation, _) => return Err("this port asks for a certificate".into()),
        (_, Some(_)) => return Err("this port takes no certificate".into()),
        (SecurityScheme::None, None) => (Arc::new(message), None),
        (SecurityScheme::HttpBasic, None) => {
            let (credentials, circuit) = user()?;
            (Arc::new(HttpBasic::new(credentials, message)), Some(circuit))
        }
        (SecurityScheme::HttpDigest, None) => {
            let (credentials, circuit) = user()?;
            (Arc::new(HttpDigest::new(credentials, message)), Some(circuit))
        }
        (SecurityScheme::Bearer, None) => {
            let tokens = given.bearer.clone().ok_or("this port asks for bearer tokens")?;
            (Arc::new(Bearer::new(tokens, message)), None)
        }
        (SecurityScheme::UserName, None) => {
            let (credentials, circuit) = user()?;
            (Arc::new(UsernameToken::new(credentials, port.security)), Some(circuit))
        }
    };
    let presented = Presented::new(registry, port, (place.clone(), pause), header, &given.slots());
    Ok(Authentication { scheme, presented })
}

/// Why credentials are not sent over plain http.
pub(crate) const CLEAR_CREDENTIALS: &str = "over http everybody on the way can read the credentials of the message: use https, or \
     `allow_clear_credentials(true)`";

/// What the contract requires and the runtime cannot do, and the line that states what to do instead. Nothing may be sent
/// less protected than the contract asks without that line.
fn unsupported(port: &PortDescriptor) -> String {
    let PortDescriptor { name, service, security, .. } = port;
    format!(
        "the contract requires {} of callers of this port, which is not supported; to call it with other security, \
         write security = \"…\" (none, http-basic, http-digest, bearer, username-token, username-digest or \
         secure-conversation) under [port.\"{service}/{name}\"] in codegen.toml, and generate its client again",
        security.unsupported
    )
}
