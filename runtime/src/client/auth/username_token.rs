//! UsernameToken: a user name and password in the Security header of every message.

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::client::auth::scheme::{Proof, ReplySecurity, Scheme};
use crate::client::post::Endpoint;
use crate::client::settings::Settings;
use crate::credentials::Credentials;
use crate::error::Error;
use crate::mtom::parts::Attachments;
use crate::schema::descriptor::Security;
use crate::security::header;
use crate::transport::BoxFuture;

#[derive(Debug)]
pub(crate) struct UsernameToken {
    credentials: Arc<Credentials>,
    security: Security,
}

impl UsernameToken {
    pub(crate) fn new(credentials: Arc<Credentials>, security: Security) -> Self {
        Self { credentials, security }
    }
}

impl Scheme for UsernameToken {
    fn prepare<'a>(&'a self, _: &'a Endpoint<'a>) -> BoxFuture<'a, Result<Box<dyn Proof + 'a>, Error>> {
        Box::pin(async { Ok(Box::new(TokenProof(self)) as Box<dyn Proof>) })
    }
}

struct TokenProof<'a>(&'a UsernameToken);

impl Proof for TokenProof<'_> {
    fn security_header(
        &self,
        settings: &Settings,
        _: Option<&mut Attachments>,
    ) -> Result<Option<Zeroizing<String>>, Error> {
        let UsernameToken { credentials, security: Security { digest, timestamp, .. } } = self.0;
        header::user_name(settings.now(), *timestamp, credentials, *digest, settings.random()).map(Some)
    }

    fn reply_security(&self) -> ReplySecurity {
        ReplySecurity::with_timestamp(self.0.security.timestamp)
    }
}
