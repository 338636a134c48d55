//! HTTP Basic (RFC 7617): a user name and password in the header `Authorization` of every request.
//!
//! The header is sent with the first request, not after a 401: the contract requires it, and a large request is not
//! sent twice.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use zeroize::Zeroizing;

use crate::client::auth::authorization;
use crate::client::auth::none::NoAuthentication;
use crate::client::auth::scheme::{Proof, ReplySecurity, Scheme};
use crate::client::post::Endpoint;
use crate::client::settings::Settings;
use crate::credentials::Credentials;
use crate::error::Error;
use crate::mtom::parts::Attachments;
use crate::transport::BoxFuture;

const SCHEME: &str = "Basic ";

#[derive(Debug)]
pub(crate) struct HttpBasic {
    credentials: Arc<Credentials>,
    /// What messages have beside it.
    message: NoAuthentication,
}

impl HttpBasic {
    pub(crate) fn new(credentials: Arc<Credentials>, message: NoAuthentication) -> Self {
        Self { credentials, message }
    }

    fn authorization(&self) -> Result<HeaderValue, Error> {
        let (user_name, password) = (self.credentials.user_name.expose(), self.credentials.password.expose());
        if user_name.contains(':') {
            return Err(Error::configuration("a user name for HTTP Basic must not hold a colon"));
        }
        if user_name.chars().chain(password.chars()).any(char::is_control) {
            return Err(Error::configuration("credentials for HTTP Basic must not hold control characters"));
        }
        let pair = Zeroizing::new([user_name, ":", password].concat());
        // Large enough from the beginning, as growing would leave a copy behind.
        let mut text = Zeroizing::new(String::with_capacity(SCHEME.len() + pair.len().div_ceil(3) * 4));
        text.push_str(SCHEME);
        STANDARD.encode_string(pair.as_bytes(), &mut text);
        authorization::header(text)
    }
}

impl Scheme for HttpBasic {
    fn prepare<'a>(&'a self, _: &'a Endpoint<'a>) -> BoxFuture<'a, Result<Box<dyn Proof + 'a>, Error>> {
        Box::pin(async { Ok(Box::new(BasicProof(self)) as Box<dyn Proof>) })
    }
}

struct BasicProof<'a>(&'a HttpBasic);

impl Proof for BasicProof<'_> {
    fn security_header(
        &self,
        settings: &Settings,
        attachments: Option<&mut Attachments>,
    ) -> Result<Option<Zeroizing<String>>, Error> {
        self.0.message.security_header(settings, attachments)
    }

    fn reply_security(&self) -> ReplySecurity {
        self.0.message.reply_security()
    }

    fn add_http_headers(&self, headers: &mut HeaderMap) -> Result<(), Error> {
        headers.insert(AUTHORIZATION, self.0.authorization()?);
        Ok(())
    }

    fn interpret(&self, error: Error) -> Error {
        authorization::refused(error, "the service refused the user name and password")
    }
}
