//! Code of the program that sees messages, and may change them.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use zeroize::Zeroizing;

use crate::client::request_headers;
use crate::error::{Delivery, Error};
use crate::secret::Secret;

/// Why a hook ends a call. It is the [source](StdError::source) of the call's error, whose text does not quote it.
pub type HookError = Box<dyn StdError + Send + Sync>;

/// Sees the messages of a connection, and may change them: the root part of a request and its HTTP headers, and the root part
/// of an answer.
///
/// It runs once for every time that a message is sent, on the thread of the call, which waits for it. It sees a request before
/// its Security header and `Authorization` are added, and an answer, fault or not, after its headers were checked. What is in
/// the body is there to be seen, credentials that are fields included: what a hook prints or keeps is for it to answer for.
///
/// It sees no streams: no upload, no part of a package but the first, and no reply that is read item by item
/// ([`Items`](crate::Items)). Nor does it see exchanges with a token service. A connection without hooks does nothing for them.
/// With one, an envelope is in memory once more, a request is searched for the place of its Security header, and the
/// headers of an answer are read twice.
///
/// ```
/// use soap_runtime::{Connection, Hook, HookError, IncomingMessage, OutgoingMessage};
///
/// #[derive(Debug)]
/// struct Correlation;
///
/// impl Hook for Correlation {
///     fn outgoing(&self, message: &mut OutgoingMessage) -> Result<(), HookError> {
///         message.set_http_header("x-correlation-id", "order-4711")?;
///         Ok(())
///     }
///
///     fn incoming(&self, message: &mut IncomingMessage) -> Result<(), HookError> {
///         // A service that calls its namespace otherwise than its contract does.
///         let mended = message.envelope().replace("urn:orders:v1.0", "urn:orders");
///         message.replace_envelope(mended);
///         Ok(())
///     }
/// }
///
/// let connection = Connection::builder("https://soap.example").hook(Correlation).build()?;
/// # Ok::<(), soap_runtime::Error>(())
/// ```
pub trait Hook: fmt::Debug + Send + Sync {
    /// Sees a request that is about to be sent. The hook added first sees it first.
    ///
    /// # Errors
    /// Ends the call as `ErrorKind::Configuration`, not sent.
    fn outgoing(&self, message: &mut OutgoingMessage) -> Result<(), HookError> {
        let _ = message;
        Ok(())
    }

    /// Sees an answer before it is read. The hook added first sees it last.
    ///
    /// # Errors
    /// Ends the call as `ErrorKind::Configuration`, answered.
    fn incoming(&self, message: &mut IncomingMessage) -> Result<(), HookError> {
        let _ = message;
        Ok(())
    }
}

/// A request that a [`Hook`] sees.
pub struct OutgoingMessage {
    operation: &'static str,
    envelope: Zeroizing<String>,
    http_headers: HeaderMap,
}

impl OutgoingMessage {
    /// The wire name of the operation.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// The envelope without its Security header.
    pub fn envelope(&self) -> &str {
        &self.envelope
    }

    /// Sends another envelope. It has to be one of the same version of SOAP: else the call ends, not sent.
    pub fn replace_envelope(&mut self, envelope: impl Into<String>) {
        self.envelope = Zeroizing::new(envelope.into());
    }

    /// The HTTP headers, without those of authentication and of the network. For a package, `Content-Type` is that of the
    /// envelope.
    pub fn http_headers(&self) -> &HeaderMap {
        &self.http_headers
    }

    /// Sets an HTTP header. One of the same name is replaced.
    ///
    /// # Errors
    /// A name or a value that HTTP does not have, or a header that belongs to the protocol.
    pub fn set_http_header(&mut self, name: &str, value: impl Into<Secret>) -> Result<(), Error> {
        request_headers::set(&mut self.http_headers, name, &value.into())
    }
}

/// An answer that a [`Hook`] sees.
pub struct IncomingMessage {
    operation: &'static str,
    status: StatusCode,
    envelope: String,
    is_changed: bool,
    http_headers: HeaderMap,
}

impl IncomingMessage {
    /// The wire name of the operation.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// The HTTP status.
    pub fn http_status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The HTTP headers. What they say has been followed by now.
    pub fn http_headers(&self) -> &HeaderMap {
        &self.http_headers
    }

    /// The envelope.
    pub fn envelope(&self) -> &str {
        &self.envelope
    }

    /// Reads another envelope instead. The headers that were checked need not be in it.
    pub fn replace_envelope(&mut self, envelope: impl Into<String>) {
        self.envelope = envelope.into();
        self.is_changed = true;
    }
}

/// Shows a request to hooks. Gives its envelope as they leave it.
///
/// # Errors
/// That of the first hook that has one. Nothing was sent.
pub(super) fn outgoing(
    hooks: &[Arc<dyn Hook>],
    operation: &'static str,
    envelope: &[u8],
    http_headers: &mut HeaderMap,
) -> Result<Zeroizing<String>, Error> {
    let envelope = Zeroizing::new(String::from_utf8_lossy(envelope).into_owned());
    let mut message = OutgoingMessage { operation, envelope, http_headers: std::mem::take(http_headers) };
    for hook in hooks {
        hook.outgoing(&mut message).map_err(|error| refused("a hook ended the call, not sent", error))?;
    }
    *http_headers = message.http_headers;
    Ok(message.envelope)
}

/// Shows an answer to hooks. Gives its envelope if one of them has changed it.
///
/// # Errors
/// That of the first hook that has one.
pub(super) fn incoming(
    hooks: &[Arc<dyn Hook>],
    operation: &'static str,
    (status, http_headers): (StatusCode, &HeaderMap),
    envelope: &[u8],
) -> Result<Option<Bytes>, Error> {
    let envelope = String::from_utf8_lossy(envelope).into_owned();
    let http_headers = http_headers.clone();
    let mut message = IncomingMessage { operation, status, envelope, is_changed: false, http_headers };
    for hook in hooks.iter().rev() {
        let ended = |error| refused("a hook ended the call, which was answered", error).delivered(Delivery::Answered);
        hook.incoming(&mut message).map_err(ended)?;
    }
    Ok(message.is_changed.then(|| message.envelope.into()))
}

fn refused(what: &'static str, error: HookError) -> Error {
    Error::configuration(what).with_source(error)
}

impl fmt::Debug for OutgoingMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingMessage")
            .field("operation", &self.operation)
            .field("envelope", &format_args!("[{} bytes]", self.envelope.len()))
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for IncomingMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingMessage")
            .field("operation", &self.operation)
            .field("status", &self.status)
            .field("envelope", &format_args!("[{} bytes]", self.envelope.len()))
            .finish_non_exhaustive()
    }
}
