//! Whether an HTTP answer holds a SOAP message, and if not, what it is.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, LOCATION};
use http::{StatusCode, Uri};

use crate::error::{Delivery, Error, ErrorKind};
use crate::limits::Limits;
#[cfg(feature = "secure-conversation")]
use crate::mtom::inline::inline;
use crate::mtom::media_type::MediaType;
use crate::mtom::package::Package;
use crate::mtom::parts::Parts;
use crate::transport::{Body, Response, TransportError};
use crate::value::spill::Spill;

/// What an answer holds.
pub(super) enum Message {
    /// An envelope, or nothing at all.
    Envelope(Bytes),
    /// An envelope and its parts, still to be read.
    Package(Box<Package>),
}

/// All of the message: its envelope, which is empty if the body is, and the parts that come with it.
pub(super) async fn whole(
    response: Response,
    limits: &Limits,
    spill: Option<&Arc<Spill>>,
) -> Result<(Bytes, Parts), Error> {
    let status = response.status;
    match message(response, limits).await? {
        Message::Envelope(envelope) => Ok((envelope, Parts::default())),
        Message::Package(mut package) => {
            package.spill_to(spill);
            let broken = |error| broken(status, error);
            let (envelope, mut parts) = package.root().await.map_err(broken)?;
            package.rest(&mut parts).await.map_err(broken)?;
            Ok((envelope, parts))
        }
    }
}

/// The envelope as if it had come as text: for a protocol whose messages are read octet by octet.
#[cfg(feature = "secure-conversation")]
pub(crate) async fn inlined(response: Response, limits: &Limits) -> Result<Bytes, Error> {
    let status = response.status;
    let (envelope, mut parts) = whole(response, limits, None).await?;
    if envelope.is_empty() {
        return Err(not_soap(status, "an empty body"));
    }
    inline(envelope, &mut parts, &limits.xml, limits.reply_bytes).map_err(|error| broken(status, error))
}

/// The message, its envelope in memory if it comes alone.
pub(super) async fn message(response: Response, limits: &Limits) -> Result<Message, Error> {
    let body = match open(response, limits).await? {
        Opened::Package(package) => return Ok(Message::Package(package)),
        Opened::Envelope(body) => body,
    };
    let envelope = body.collect(limits.reply_bytes).await.map_err(TransportError::into_error)?;
    match envelope.get(..2) {
        // A byte order mark, whatever the header says.
        Some([0xFE, 0xFF] | [0xFF, 0xFE]) => Err(wrong_charset("utf-16")),
        _ => Ok(Message::Envelope(envelope)),
    }
}

/// An answer that holds SOAP, as far as its head tells.
pub(super) enum Opened {
    Envelope(Body),
    Package(Box<Package>),
}

/// Looks at what the answer is.
///
/// The content type decides, not the status: a fault comes with 500, a page of a gateway with any. Nor does the port
/// decide: a service with MTOM may answer with text, and one without it with a package.
pub(super) async fn open(response: Response, limits: &Limits) -> Result<Opened, Error> {
    let Response { status, headers, body } = response;
    if status.is_redirection() {
        return Err(redirect(status, &headers));
    }
    let compressed = headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity");
    let unreadable = match Content::of(&headers) {
        Content::Xml(media_type) if media_type.is_utf8() => None,
        Content::Xml(media_type) => Some(wrong_charset(media_type.parameter("charset").unwrap_or_default())),
        Content::Package(media_type) if !compressed => {
            let package = Package::open(&media_type, body, limits).map_err(|error| broken(status, error))?;
            return Ok(Opened::Package(Box::new(package)));
        }
        Content::Package(_) => None,
        Content::Other(media_type) => Some(not_soap(status, &format!("content of type {media_type}"))),
        Content::Unstated => Some(not_soap(status, "content of no stated type")),
    };
    if let Some(error) = unreadable {
        // What such a page says is of no interest, only whether there is one.
        let empty = body.collect(limits.error_page_bytes).await.is_ok_and(|page| page.is_empty());
        return if empty { Ok(Opened::Envelope(Bytes::new().into())) } else { Err(error) };
    }
    if compressed {
        return Err(answered("the answer is compressed, which was not asked for"));
    }
    Ok(Opened::Envelope(body))
}

/// A package that can't be read. What its envelope says, nobody knows.
pub(super) fn broken(status: StatusCode, error: Error) -> Error {
    if status.is_success() {
        error
    } else {
        not_soap(status, "a multipart message that does not read").with_source(error)
    }
}

/// What became of an envelope, now that it has been read.
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

/// What `Content-Type` says.
enum Content {
    Xml(MediaType),
    Package(MediaType),
    Other(String),
    Unstated,
}

impl Content {
    fn of(headers: &HeaderMap) -> Self {
        let Some(value) = headers.get(CONTENT_TYPE) else { return Self::Unstated };
        let media_type = MediaType::parse(value.as_bytes());
        match media_type.essence() {
            "text/xml" | "application/soap+xml" | "application/xml" => Self::Xml(media_type),
            "multipart/related" => Self::Package(media_type),
            name if printable(name) => Self::Other(name.to_owned()),
            _ => Self::Other("that is not a media type".to_owned()),
        }
    }
}

/// Only a short name of plain letters is repeated in an error: the peer may say anything here.
fn printable(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 80
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/.+-_".contains(&byte))
}

fn wrong_charset(charset: &str) -> Error {
    let charset = charset.to_ascii_lowercase();
    let name = if printable(&charset) { &charset } else { "an unknown charset" };
    answered(format!("the answer is in {name}; only utf-8 is read"))
}

/// A redirect is not followed: it would take credentials to a host that the caller did not name.
fn redirect(status: StatusCode, headers: &HeaderMap) -> Error {
    let target = headers.get(LOCATION).and_then(|location| Uri::try_from(location.as_bytes()).ok());
    let host = target.as_ref().and_then(Uri::host).filter(|host| printable(host));
    let to = host.map(|host| format!(" to {host}")).unwrap_or_default();
    let name = status.canonical_reason().unwrap_or("redirect");
    answered(format!("the endpoint redirects{to} ({name}); redirects are not followed"))
}

/// The error for an answer that is not SOAP. A fault would have come as SOAP, so what the service thinks is unknown.
pub(super) fn not_soap(status: StatusCode, what: &str) -> Error {
    let (kind, hint) = match status.as_u16() {
        401 => (ErrorKind::Http, "the endpoint asks for HTTP authentication, which its contract does not mention"),
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
    // The gateway may have passed the request on before it lost sight of the service.
    if matches!(status.as_u16(), 502 | 504) { error.delivered(Delivery::Unknown) } else { error }
}

fn answered(what: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Http, what)
}
