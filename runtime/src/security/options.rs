//! Options of WS-Security that are left to the program; everything else follows from the contract.

use std::time::Duration;

use crate::schema::descriptor::Replies;
use crate::security::timestamp::CLOCK_SKEW;

/// Options of WS-Security for all ports of a connection.
///
/// ```
/// use soap_runtime::{Connection, Replies, SecurityOptions};
///
/// let mut options = SecurityOptions::default();
/// options.replies = Some(Replies::Lenient);
/// let connection = Connection::builder("https://localhost").security(options).build()?;
/// # Ok::<(), soap_runtime::Error>(())
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecurityOptions {
    /// What is asked of the headers of replies, for all ports. By default each port has its own, from the configuration of
    /// its client: [`Wcf`](Replies::Wcf) with sessions and [`Lenient`](Replies::Lenient) without where that names none.
    pub replies: Option<Replies>,
    /// How far this machine's clock and the service's may be apart. Default [`CLOCK_SKEW`], 5 min.
    pub clock_skew: Duration,
    /// Whether each message of a session is signed with a key derived for it. Default `false`.
    ///
    /// WCF services refuse that over TLS, also where their policy says `RequireDerivedKeys`; other services may require
    /// it.
    pub derived_keys: bool,
}

impl Default for SecurityOptions {
    fn default() -> Self {
        Self { replies: None, clock_skew: CLOCK_SKEW, derived_keys: false }
    }
}
