//! No authentication. Credentials, if any, are fields of the message. A Timestamp alone may be asked for.

use zeroize::Zeroizing;

use crate::client::auth::scheme::{Proof, ReplySecurity, Scheme};
use crate::client::post::Endpoint;
use crate::client::settings::Settings;
use crate::error::Error;
use crate::mtom::parts::Attachments;
use crate::security::header;
use crate::transport::BoxFuture;

#[derive(Clone, Copy, Debug)]
pub(crate) struct NoAuthentication {
    /// Messages have a Timestamp.
    pub(crate) timestamp: bool,
}

impl Scheme for NoAuthentication {
    fn prepare<'a>(&'a self, _: &'a Endpoint<'a>) -> BoxFuture<'a, Result<Box<dyn Proof + 'a>, Error>> {
        Box::pin(async { Ok(Box::new(*self) as Box<dyn Proof>) })
    }
}

impl Proof for NoAuthentication {
    fn security_header(
        &self,
        settings: &Settings,
        _: Option<&mut Attachments>,
    ) -> Result<Option<Zeroizing<String>>, Error> {
        Ok(self.timestamp.then(|| Zeroizing::new(header::timestamp(settings.now()))))
    }

    fn reply_security(&self) -> ReplySecurity {
        if self.timestamp { ReplySecurity::Timestamp } else { ReplySecurity::None }
    }
}
