//! Authentication schemes, one per file. [`choose`] selects one by the descriptor of the port. A new scheme is a file
//! that implements [`Scheme`] and [`Proof`](scheme::Proof), and an arm of [`choose`].

pub(crate) mod circuit;
mod http_basic;
mod none;
pub(crate) mod registry;
pub(crate) mod scheme;
#[cfg(feature = "secure-conversation")]
pub(crate) mod secure_conversation;
mod username_token;

use std::sync::Arc;
use std::time::Duration;

use http::Uri;

use self::circuit::{Circuit, CircuitKey, Identity};
use self::http_basic::HttpBasic;
use self::none::NoAuthentication;
use self::registry::Registry;
use self::scheme::Scheme;
use self::username_token::UsernameToken;
use crate::credentials::Credentials;
use crate::schema::descriptor::{PortDescriptor, SecurityScheme};

#[cfg(feature = "secure-conversation")]
use crate::security::certificate::Certificate;

/// The credentials that a client was created with.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallerCredentials {
    pub(crate) credentials: Option<Arc<Credentials>>,
    #[cfg(feature = "secure-conversation")]
    pub(crate) certificate: Option<Certificate>,
}

/// Creates the scheme of a port from the credentials of the client.
///
/// # Errors
/// A text for the user: what is missing, or cannot be used.
pub(crate) fn choose(
    registry: &Registry,
    port: &PortDescriptor,
    url: &Uri,
    given: &CallerCredentials,
) -> Result<Arc<dyn Scheme>, &'static str> {
    let circuit = |identity| -> Circuit {
        let pause = Duration::from_secs(port.authentication_pause.into());
        registry.circuit(CircuitKey::new(url, port.authentication_scope, identity), pause)
    };
    let user = || -> Result<_, &'static str> {
        let credentials = given.credentials.as_ref().ok_or("this port asks for a user name and password")?;
        Ok((Arc::clone(credentials), circuit(Identity::User(credentials.user_name.clone()))))
    };
    #[cfg(feature = "secure-conversation")]
    match (&given.certificate, port.security.scheme) {
        (Some(certificate), SecurityScheme::SecureConversation) => {
            let circuit = circuit(Identity::Certificate(certificate.thumbprint()));
            return Ok(registry.session(url, port.soap, port.security, certificate, circuit));
        }
        (Some(_), _) => return Err("this port takes no certificate"),
        (None, _) => {}
    }
    Ok(match port.security.scheme {
        SecurityScheme::None => Arc::new(NoAuthentication),
        SecurityScheme::HttpBasic => {
            let (credentials, circuit) = user()?;
            Arc::new(HttpBasic::new(credentials, circuit))
        }
        SecurityScheme::UserName => {
            let (credentials, circuit) = user()?;
            Arc::new(UsernameToken::new(credentials, port.security, circuit))
        }
        SecurityScheme::SecureConversation => return Err("this port asks for a certificate"),
    })
}
