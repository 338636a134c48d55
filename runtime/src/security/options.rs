//! Options of WS-Security that are left to the program; everything else follows from the contract.

use std::time::Duration;

use crate::security::timestamp::CLOCK_SKEW;

/// Options of WS-Security for all ports of a connection.
///
/// ```
/// use soap_runtime::{Connection, SecurityOptions};
///
/// let mut options = SecurityOptions::default();
/// options.require_reply_timestamp = false;
/// let connection = Connection::builder("https://localhost").security(options).build()?;
/// # Ok::<(), soap_runtime::Error>(())
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecurityOptions {
    /// Whether a reply without a Security header and a Timestamp in it is refused. Default `true`.
    ///
    /// WCF services send both. A Timestamp that is present is always checked.
    pub require_reply_timestamp: bool,
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
        Self { require_reply_timestamp: true, clock_skew: CLOCK_SKEW, derived_keys: false }
    }
}
