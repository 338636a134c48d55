//! Bearer tokens (RFC 6750): a token in the header `Authorization` of every request, from a function of the program.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use http::header::{AUTHORIZATION, HeaderMap};
use zeroize::Zeroizing;

use crate::client::auth::authorization;
use crate::client::auth::none::NoAuthentication;
use crate::client::auth::scheme::{Proof, ReplySecurity, Scheme};
use crate::client::post::Endpoint;
use crate::client::settings::Settings;
use crate::error::{Error, ErrorKind};
use crate::mtom::parts::Attachments;
use crate::secret::Secret;
use crate::transport::BoxFuture;

type Token = Result<Secret, Box<dyn StdError + Send + Sync>>;

/// Where the bearer tokens of a client come from. Cheap to clone.
///
/// The function is called once for each message, and should keep a token until shortly before its end. A token that the
/// service has refused (HTTP 401) is not sent again for a while, as with other credentials; another one is sent at once.
///
/// ```
/// use soap_runtime::{BearerTokens, Secret};
///
/// async fn token_of_today() -> Result<Secret, std::io::Error> {
///     Ok(Secret::from("eyJhbGciOi"))
/// }
///
/// let tokens = BearerTokens::new(token_of_today);
/// // let client = soap::stock_service::stock_port::Client::new(&connection, tokens);
/// let fixed = BearerTokens::from(Secret::from("0a1b2c"));
/// ```
#[derive(Clone)]
pub struct BearerTokens(Arc<dyn Fn() -> BoxFuture<'static, Token> + Send + Sync>);

impl BearerTokens {
    /// Tokens from a function. Its error becomes the [source](StdError::source) of that of the call, which is then not
    /// sent.
    pub fn new<F, E>(provide: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Secret, E>> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        Self(Arc::new(move || {
            let token = provide();
            Box::pin(async { token.await.map_err(Into::into) })
        }))
    }
}

/// Always the same token.
impl From<Secret> for BearerTokens {
    fn from(token: Secret) -> Self {
        Self::new(move || std::future::ready(Ok::<_, std::convert::Infallible>(token.clone())))
    }
}

impl fmt::Debug for BearerTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerTokens")
    }
}

#[derive(Debug)]
pub(crate) struct Bearer {
    tokens: BearerTokens,
    /// What messages have beside it.
    message: NoAuthentication,
}

impl Bearer {
    pub(crate) fn new(tokens: BearerTokens, message: NoAuthentication) -> Self {
        Self { tokens, message }
    }
}

impl Scheme for Bearer {
    fn prepare<'a>(&'a self, _: &'a Endpoint<'a>) -> BoxFuture<'a, Result<Box<dyn Proof + 'a>, Error>> {
        Box::pin(async {
            let token = (self.tokens.0)().await.map_err(|error| {
                Error::new(ErrorKind::Authentication, "not sent: the program has given no bearer token")
                    .with_source(error)
            })?;
            let is_token = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~+/=".contains(&octet);
            if token.expose().is_empty() || !token.expose().bytes().all(is_token) {
                return Err(Error::configuration("a bearer token holds letters, digits and -._~+/= only"));
            }
            Ok(Box::new(BearerProof { message: self.message, token }) as Box<dyn Proof>)
        })
    }
}

struct BearerProof {
    message: NoAuthentication,
    token: Secret,
}

impl Proof for BearerProof {
    fn security_header(
        &self,
        settings: &Settings,
        attachments: Option<&mut Attachments>,
    ) -> Result<Option<Zeroizing<String>>, Error> {
        self.message.security_header(settings, attachments)
    }

    fn reply_security(&self) -> ReplySecurity {
        self.message.reply_security()
    }

    fn token(&self) -> Option<&Secret> {
        Some(&self.token)
    }

    fn add_http_headers(&self, headers: &mut HeaderMap) -> Result<(), Error> {
        let value = Zeroizing::new(["Bearer ", self.token.expose()].concat());
        headers.insert(AUTHORIZATION, authorization::header(value)?);
        Ok(())
    }

    fn interpret(&self, error: Error) -> Error {
        authorization::refused(error, "the service refused the bearer token")
    }
}
