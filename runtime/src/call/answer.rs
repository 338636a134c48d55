//! Whether an HTTP answer holds a SOAP message, and if not, what it is.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, LOCATION};
use http::{StatusCode, Uri};

use crate::error::{Delivery, Error, ErrorKind};
use crate::limits::Limits;
use crate::transport::{Body, TransportError};

/// The bytes of the message, or none if the body is empty.
///
/// The content type decides, not the status: a fault comes with 500, a page of a gateway with any.
pub(super) async fn message(
    status: StatusCode,
    headers: &HeaderMap,
    body: Body,
    limits: &Limits,
) -> Result<Bytes, Error> {
    if status.is_redirection() {
        return Err(redirect(status, headers));
    }
    let unreadable = match Content::of(headers) {
        Content::Xml { charset } => charset.filter(|charset| !is_utf8(charset)).map(|charset| wrong_charset(&charset)),
        Content::Multipart => Some(not_soap(status, "a multipart message, which this port does not use (MTOM)")),
        Content::Other(media_type) => Some(not_soap(status, &format!("content of type {media_type}"))),
        Content::Unstated => Some(not_soap(status, "content of no stated type")),
    };
    if let Some(error) = unreadable {
        // What such a page says is of no interest, only whether there is one.
        let empty = body.collect(limits.error_page_bytes).await.is_ok_and(|page| page.is_empty());
        return if empty { Ok(Bytes::new()) } else { Err(error) };
    }
    if headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(answered("the answer is compressed, which was not asked for"));
    }
    let message = body.collect(limits.reply_bytes).await.map_err(TransportError::into_error)?;
    match message.get(..2) {
        // A byte order mark, whatever the header says.
        Some([0xFE, 0xFF] | [0xFF, 0xFE]) => Err(wrong_charset("utf-16")),
        _ => Ok(message),
    }
}

/// What `Content-Type` says.
enum Content {
    Xml { charset: Option<String> },
    Multipart,
    Other(String),
    Unstated,
}

impl Content {
    fn of(headers: &HeaderMap) -> Self {
        let Some(value) = headers.get(CONTENT_TYPE) else { return Self::Unstated };
        let text = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
        let mut parts = text.split(';').map(str::trim);
        let media_type = parts.next().unwrap_or_default();
        match media_type {
            "text/xml" | "application/soap+xml" | "application/xml" => {
                let charset = parts
                    .find_map(|part| part.strip_prefix("charset="))
                    .map(|name| name.trim_matches(['"', '\'']).to_owned());
                Self::Xml { charset }
            }
            _ if media_type.starts_with("multipart/") => Self::Multipart,
            _ if printable(media_type) => Self::Other(media_type.to_owned()),
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

/// ASCII is a part of UTF-8.
fn is_utf8(charset: &str) -> bool {
    matches!(charset, "utf-8" | "utf8" | "us-ascii")
}

fn wrong_charset(charset: &str) -> Error {
    let name = if printable(charset) { charset } else { "an unknown charset" };
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
    // The gateway may have passed the request on before it lost sight of the service.
    let delivery = if matches!(status.as_u16(), 502 | 504) { Delivery::Unknown } else { Delivery::Answered };
    Error::new(kind, format!("the answer is {what}, not a SOAP message; {hint}")).delivered(delivery)
}

fn answered(what: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Http, what).delivered(Delivery::Answered)
}
