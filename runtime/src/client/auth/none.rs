//! No authentication. Credentials, if any, are fields of the message.

use crate::client::auth::scheme::{Proof, Scheme};
use crate::client::post::Endpoint;
use crate::error::Error;
use crate::transport::BoxFuture;

#[derive(Debug)]
pub(crate) struct NoAuthentication;

impl Scheme for NoAuthentication {
    fn prepare<'a>(&'a self, _: &'a Endpoint<'a>) -> BoxFuture<'a, Result<Box<dyn Proof + 'a>, Error>> {
        Box::pin(async { Ok(Box::new(Self) as Box<dyn Proof>) })
    }
}

impl Proof for NoAuthentication {}
