//! Finds the SOAP message in an HTTP response, or says what the response is instead.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderMap};
use tokio::time::timeout;

use crate::error::{Delivery, Error, ErrorKind};
use crate::limits::Limits;
use crate::mtom::extract;
#[cfg(feature = "secure-conversation")]
use crate::mtom::inline::inline;
use crate::mtom::media_type::MediaType;
use crate::mtom::package::{DRAIN_TIMEOUT, Package};
use crate::mtom::parts::Parts;
use crate::transport::coding::codings;
use crate::transport::transcoded::transcoded;
use crate::transport::{Body, Response, TransportError};
use crate::value::spill::Spill;

/// The message in a response.
pub(super) enum Message {
    /// An envelope, and what has been taken out of it. Empty if the body is.
    Envelope(Bytes, Parts),
    /// An envelope and its parts, still to be read.
    Package(Box<Package>),
}

/// Reads the whole message: its envelope, which is empty if the body is, and its parts.
pub(super) async fn whole(
    response: Response,
    limits: &Limits,
    spill: Option<&Arc<Spill>>,
) -> Result<(Bytes, Parts), Error> {
    let status = response.status;
    match message(response, limits, spill).await? {
        Message::Envelope(envelope, parts) => Ok((envelope, parts)),
        Message::Package(mut package) => {
            package.spill_to(spill);
            let broken = |error| broken(status, error);
            let (envelope, mut parts) = package.root().await.map_err(broken)?;
            package.rest(&mut parts).await.map_err(broken)?;
            Ok((envelope, parts))
        }
    }
}

/// Reads the envelope with the content of its parts inlined as base64, for messages that are signed or kept as octets.
#[cfg(feature = "secure-conversation")]
pub(crate) async fn inlined(response: Response, limits: &Limits) -> Result<Bytes, Error> {
    let status = response.status;
    let (envelope, mut parts) = whole(response, limits, None).await?;
    if envelope.is_empty() {
        return Err(not_soap(status, "an empty body"));
    }
    inline(envelope, &mut parts, &limits.xml, limits.reply_bytes).map_err(|error| broken(status, error))
}

/// Reads the message. An envelope without parts is read into memory, but for large base64 that is spilled.
pub(super) async fn message(response: Response, limits: &Limits, spill: Option<&Arc<Spill>>) -> Result<Message, Error> {
    let status = response.status;
    let body = match open(response, limits).await? {
        Opened::Package(package) => return Ok(Message::Package(package)),
        Opened::Envelope(body) => body,
    };
    let read = match spill {
        Some(spill) => extract::envelope(body, limits, spill).await,
        None => {
            let envelope = body.collect(limits.reply_bytes).await.map_err(TransportError::into_error);
            envelope.map(|envelope| (envelope, Parts::default()))
        }
    };
    read.map(|(envelope, parts)| Message::Envelope(envelope, parts)).map_err(|error| match error.kind() {
        ErrorKind::Malformed if !status.is_success() => {
            not_soap(status, "text whose encoding does not read").with_source(error)
        }
        _ => error,
    })
}

/// A response that is SOAP according to its HTTP head.
pub(super) enum Opened {
    /// An envelope in UTF-8. Empty if the body is.
    Envelope(Body),
    Package(Box<Package>),
}

/// Classifies the response.
///
/// The content type decides, not the status: a fault comes with 500, a page of a gateway with any. Nor does the port
/// decide: a service with MTOM may answer with text, and one without it with a package.
pub(super) async fn open(response: Response, limits: &Limits) -> Result<Opened, Error> {
    let Response { status, headers, mut body } = response;
    if status.is_redirection() {
        return Err(redirect(status));
    }
    let is_empty = body.is_empty().await;
    if matches!(is_empty, Ok(true)) {
        return Ok(Opened::Envelope(body));
    }
    let page = match ContentKind::of(&headers) {
        ContentKind::Xml(_) | ContentKind::Package(_) if is_empty.is_err() => {
            return is_empty.map(|_| Opened::Envelope(body)).map_err(TransportError::into_error);
        }
        ContentKind::Xml(_) | ContentKind::Package(_) if !codings(&headers).is_empty() => {
            return Err(answered("the answer is compressed in a way that was not asked for"));
        }
        ContentKind::Xml(media_type) => return Ok(Opened::Envelope(transcoded(body, media_type.parameter("charset")))),
        ContentKind::Package(media_type) => {
            let package = Package::open(&media_type, body, limits).map_err(|error| broken(status, error))?;
            return Ok(Opened::Package(Box::new(package)));
        }
        ContentKind::Other(what) => not_soap(status, what),
    };
    drain(body, limits).await;
    Err(page)
}

/// The same response, without its content if that is no SOAP.
pub(super) async fn without_page(response: Response, limits: &Limits) -> Response {
    if !matches!(ContentKind::of(&response.headers), ContentKind::Other(_)) {
        return response;
    }
    let Response { status, headers, body } = response;
    drain(body, limits).await;
    Response { status, headers, body: Bytes::new().into() }
}

/// Reads a small page to its end, so that the connection can be used again.
async fn drain(body: Body, limits: &Limits) {
    let _ = timeout(DRAIN_TIMEOUT, body.collect(limits.error_page_bytes)).await;
}

/// The error for a package that can't be read. With an error status it may have held a fault, or come from a gateway. One
/// that was cut off stays what it is.
pub(super) fn broken(status: StatusCode, error: Error) -> Error {
    if status.is_success() || error.delivery() == Delivery::Unknown {
        error
    } else {
        not_soap(status, "a multipart message that does not read").with_source(error)
    }
}

/// The outcome of an envelope that has been read.
pub(crate) fn settled<T>(status: StatusCode, read: Result<T, Error>) -> Result<T, Error> {
    match read {
        Ok(read) if status.is_success() => Ok(read),
        Ok(_) => Err(answered("a reply that is no fault came with an error status")),
        Err(error) if error.fault().is_some() || status.is_success() || error.delivery() == Delivery::Unknown => {
            Err(error)
        }
        Err(error) => Err(not_soap(status, "XML that is no SOAP fault").with_source(error)),
    }
}

/// The kind of content that `Content-Type` states.
enum ContentKind {
    Xml(MediaType),
    Package(MediaType),
    /// In words.
    Other(&'static str),
}

impl ContentKind {
    fn of(headers: &HeaderMap) -> Self {
        let Some(value) = headers.get(CONTENT_TYPE) else { return Self::Other("content of no stated type") };
        let Ok(media_type) = MediaType::parse(value.as_bytes()) else {
            return Self::Other("content whose type has more parameters than allowed (MEDIA_TYPE_PARAMETERS)");
        };
        match media_type.essence() {
            "text/xml" | "application/soap+xml" | "application/xml" => Self::Xml(media_type),
            "multipart/related" => Self::Package(media_type),
            // Only names that are known here are told: the peer chooses the others.
            "text/html" => Self::Other("content of type text/html"),
            "text/plain" => Self::Other("content of type text/plain"),
            "application/json" => Self::Other("content of type application/json"),
            "application/octet-stream" => Self::Other("content of type application/octet-stream"),
            "multipart/mixed" => Self::Other("content of type multipart/mixed"),
            _ => Self::Other("content of another type"),
        }
    }
}

/// A redirect is not followed, and its target is not told: it would take credentials to a host that the caller did not
/// name.
fn redirect(status: StatusCode) -> Error {
    let name = status.canonical_reason().unwrap_or("redirect");
    answered(format!("the endpoint redirects to another address ({name}); redirects are not followed"))
}

/// The error for an answer that is not SOAP. A fault would be SOAP, so it is unknown whether the service has processed
/// the request.
pub(super) fn not_soap(status: StatusCode, what: &str) -> Error {
    let (kind, hint) = match status.as_u16() {
        401 => (ErrorKind::Http, "the endpoint asks for HTTP authentication"),
        403 => (ErrorKind::Http, "a gateway or firewall refuses this caller"),
        404 | 410 => (ErrorKind::Http, "there is no endpoint at this address"),
        407 => (ErrorKind::Http, "the proxy asks for credentials"),
        413 => (ErrorKind::Http, "the request is larger than the server or a gateway takes"),
        415 => (ErrorKind::Http, "the endpoint expects another version of SOAP"),
        429 => (ErrorKind::Busy, "a gateway limits the calls"),
        502 | 504 => (ErrorKind::Http, "a gateway got no answer from the service"),
        503 => (ErrorKind::Busy, "the service is overloaded or down for now"),
        _ => (ErrorKind::Http, "it may come from a proxy, a gateway or another server at this address"),
    };
    let error = Error::new(kind, format!("the answer is {what}, not a SOAP message; {hint}"));
    // The gateway may have forwarded the request before it lost the connection to the service.
    if matches!(status.as_u16(), 502 | 504) { error.delivered(Delivery::Unknown) } else { error }
}

fn answered(what: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Http, what)
}
