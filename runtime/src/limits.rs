//! What a call may take: bytes, nesting, time.

use std::time::Duration;

use crate::mtom::MtomLimits;
use crate::xml::XmlLimits;

/// Time to reach the endpoint: name look-up, TCP, proxy and TLS together.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest pause between two pieces of a body, in either direction.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// How long an unused connection is kept for the next call.
///
/// Half of the 120 s after which IIS closes one, so that the client is the one to close it: a call sent
/// at the moment the server closes would fail with its delivery unknown.
pub const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// Unused connections kept per host.
pub const POOL_SIZE: usize = 32;

/// What a reply may cost, whoever sent it.
///
/// ```
/// use soap_runtime::{Connection, Limits};
///
/// let mut limits = Limits::default();
/// limits.reply_bytes = 4 << 20;
/// let connection = Connection::builder("https://localhost").limits(limits).build()?;
/// # Ok::<(), soap_runtime::Error>(())
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a reply that is held in memory. Default 64 MiB.
    pub reply_bytes: usize,
    /// Bytes of one item of a list that is read item by item. Default 16 MiB; up to 1 MiB more may get through.
    pub item_bytes: usize,
    /// Bytes read of an answer that is not SOAP, before the connection is given up. Default 16 KiB.
    ///
    /// Such a page is never shown; it is read to tell an empty answer from a page, and to keep the connection.
    pub error_page_bytes: usize,
    /// Header lines of an answer. Default 100. All of them together never exceed about 400 KiB.
    pub reply_headers: usize,
    /// Nesting, and memory for values.
    pub xml: XmlLimits,
    /// Parts of MTOM messages.
    pub mtom: MtomLimits,
}

/// The default of [`Limits::reply_headers`].
pub(crate) const REPLY_HEADERS: usize = 100;

impl Default for Limits {
    fn default() -> Self {
        Self {
            reply_bytes: 64 << 20,
            item_bytes: 16 << 20,
            error_page_bytes: 16 << 10,
            reply_headers: REPLY_HEADERS,
            xml: XmlLimits::default(),
            mtom: MtomLimits::default(),
        }
    }
}
