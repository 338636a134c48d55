//! A request as HTTP sends it: headers and body.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use crate::credentials::Slots;
use crate::descriptor::{Operation, PortDescriptor, SoapVersion};
use crate::entropy;
use crate::envelope::{self, Content};
use crate::error::{Delivery, Error};
use crate::limits::Limits;
use crate::mtom::parts::{Attachments, Ids};
use crate::mtom::write::OutgoingPackage;
use crate::stream::{Upload, UploadStream};
use crate::transport::{Body, TransportError};
use crate::value::{Binary, Slot};
use crate::xml::{Style, Writer};

/// Composes a request. On a port with MTOM it is a package, else text.
///
/// Called again, it composes the request again; an upload starts from its beginning.
///
/// # Errors
/// A value that can't be written, an upload that is too large. Nothing was sent.
pub(super) async fn compose(
    port: &PortDescriptor,
    operation: &'static Operation,
    request: &dyn Slot,
    slots: &Slots,
    upload: Option<&Upload>,
    limits: &Limits,
) -> Result<(HeaderMap, Body), Error> {
    if port.mtom {
        package(port, operation, request, slots, upload, limits)
    } else {
        text(port, operation, request, slots, upload, limits).await
    }
}

/// The envelope alone. An upload stands in it as base64, which needs all of it in memory.
async fn text(
    port: &PortDescriptor,
    operation: &'static Operation,
    request: &dyn Slot,
    slots: &Slots,
    upload: Option<&Upload>,
    limits: &Limits,
) -> Result<(HeaderMap, Body), Error> {
    let content = match upload {
        Some(upload) => Some(in_memory(upload, limits.reply_bytes).await?),
        None => None,
    };
    let content_type = match port.soap {
        SoapVersion::Soap11 => HeaderValue::from_static("text/xml; charset=utf-8"),
        SoapVersion::Soap12 => {
            header(&format!("{}; charset=utf-8; action={}", port.soap.media_type(), quoted(operation.action)))?
        }
    };
    let envelope =
        envelope::write(port.soap, Content::Request(operation), request, Style::Client, slots, content.as_ref())?;
    Ok((headers(port.soap, operation, content_type)?, envelope.into()))
}

async fn in_memory(upload: &Upload, limit: usize) -> Result<Binary, Error> {
    let content = Body::stream(upload.open()?, None).collect(limit).await.map_err(|error| {
        let error = if error.is_too_large() {
            Error::malformed("the upload is too large to be sent without MTOM (Limits::reply_bytes)")
        } else {
            error.into_error()
        };
        error.delivered(Delivery::NotSent)
    })?;
    Ok(content.into())
}

fn package(
    port: &PortDescriptor,
    operation: &'static Operation,
    request: &dyn Slot,
    slots: &Slots,
    upload: Option<&Upload>,
    limits: &Limits,
) -> Result<(HeaderMap, Body), Error> {
    let ids = Ids::new(entropy::octets()?);
    let attachments = Attachments::new(ids, limits.mtom.part_threshold, upload.is_some());
    let mut writer = Writer::new(Style::Client, slots).with_attachments(attachments);
    envelope::write_into(port.soap, Content::Request(operation), request, &mut writer)?;
    let (envelope, attachments) = writer.finish_with_attachments();
    let package = OutgoingPackage::new(port.soap, envelope, attachments);
    if upload.is_some() != package.tail.is_some() {
        return Err(Error::configuration("the operation's request refers to no stream"));
    }
    let upload = upload.map(Upload::open).transpose()?;
    let mut headers = headers(port.soap, operation, header(&package.content_type)?)?;
    headers.insert(HeaderName::from_static("mime-version"), HeaderValue::from_static("1.0"));
    Ok((headers, body(package, upload)))
}

/// The pieces of a package, one after the other.
struct Pieces {
    head: VecDeque<Bytes>,
    upload: Option<UploadStream>,
    tail: Option<Bytes>,
}

fn body(package: OutgoingPackage, upload: Option<UploadStream>) -> Body {
    let length = match &upload {
        Some(upload) => upload.len().and_then(|length| length.checked_add(package.len())),
        None => Some(package.len()),
    };
    Body::stream(Pieces { head: package.head.into(), upload, tail: package.tail }, length)
}

impl Stream for Pieces {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(piece) = self.head.pop_front() {
            return Poll::Ready(Some(Ok(piece)));
        }
        if let Some(upload) = &mut self.upload {
            match Pin::new(upload).poll_next(cx) {
                Poll::Ready(None) => self.upload = None,
                Poll::Ready(Some(Err(error))) => {
                    // Without the closing boundary, nobody takes what was sent for the whole.
                    self.tail = None;
                    return Poll::Ready(Some(Err(error)));
                }
                other => return other,
            }
        }
        Poll::Ready(self.tail.take().map(Ok))
    }
}

/// Says what the message is and which operation it is for.
fn headers(soap: SoapVersion, operation: &Operation, content_type: HeaderValue) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::with_capacity(3);
    headers.insert(CONTENT_TYPE, content_type);
    if soap == SoapVersion::Soap11 {
        headers.insert(HeaderName::from_static("soapaction"), header(&quoted(operation.action))?);
    }
    Ok(headers)
}

fn header(value: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(value)
        .map_err(|_| Error::configuration("the operation's action cannot stand in an HTTP header"))
}

/// An HTTP quoted string.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
