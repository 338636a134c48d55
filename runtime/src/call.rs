//! One call, from values to values.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{StatusCode, Uri};
use tracing::{Instrument, Span, field};

use crate::connection::Connection;
use crate::credentials::{Credentials, EndUser, Slots};
use crate::descriptor::{Operation, PortDescriptor, Reply, SoapVersion};
use crate::envelope;
use crate::error::{Delivery, Error, ErrorKind};
use crate::transport::{Request, TransportError};
use crate::value::Slot;

mod answer;

/// A port that can be called: what a generated client is made of. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Port {
    connection: Connection,
    descriptor: &'static PortDescriptor,
    credentials: Option<Arc<Credentials>>,
    /// A mistake in the address is told by every call, as clients are made without a result.
    url: Result<Uri, Cow<'static, str>>,
}

impl Port {
    /// A port of a connection, with the caller's credentials if it has slots for them.
    pub fn new(
        connection: &Connection,
        descriptor: &'static PortDescriptor,
        credentials: impl Into<Option<Credentials>>,
    ) -> Self {
        Self {
            url: connection.endpoint(descriptor),
            connection: connection.clone(),
            descriptor,
            credentials: credentials.into().map(Arc::new),
        }
    }

    /// Calls an operation. Dropping the future ends the call; whether it was delivered is unknown then.
    pub async fn call<R: Slot>(
        &self,
        operation: &'static Operation,
        request: &dyn Slot,
        end_user: Option<&EndUser>,
    ) -> Result<R, Error> {
        let mut reply = R::blank();
        self.call_into(operation, request, end_user, &mut reply).await?;
        Ok(reply)
    }

    /// The same, for a reply whose type only the descriptor knows. The call is in a span of its own: what is said there
    /// is the shape of the call, never its content.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn call_into(
        &self,
        operation: &'static Operation,
        request: &dyn Slot,
        end_user: Option<&EndUser>,
        reply: &mut dyn Slot,
    ) -> Result<(), Error> {
        let span = tracing::info_span!(
            "soap.call",
            operation = operation.name,
            service = self.descriptor.service,
            host = self.url.as_ref().ok().and_then(Uri::host),
            status = field::Empty,
            error = field::Empty,
            delivery = field::Empty,
        );
        let outcome = self.exchange(operation, request, end_user, reply, &span).instrument(span.clone()).await;
        outcome.map_err(|error| {
            span.record("error", field::debug(error.kind()));
            span.record("delivery", field::debug(error.delivery()));
            error.in_operation(operation.name)
        })
    }

    /// The protocol, top to bottom.
    async fn exchange(
        &self,
        operation: &'static Operation,
        request: &dyn Slot,
        end_user: Option<&EndUser>,
        reply: &mut dyn Slot,
        span: &Span,
    ) -> Result<(), Error> {
        let url = self.url.clone().map_err(Error::configuration)?;
        let slots = Slots::fill(self.credentials.as_deref(), end_user);
        let message = envelope::write_request(self.descriptor, operation, request, &slots)?;
        let request = Request {
            url,
            headers: headers(self.descriptor.soap, operation)?,
            body: message.into(),
            reply_timeout: self.connection.reply_timeout(operation),
            idle_timeout: self.connection.idle_timeout(),
        };
        let response = self.connection.transport().send(request).await.map_err(TransportError::into_error)?;
        let status = response.status;
        span.record("status", status.as_u16());
        let limits = self.connection.limits();
        let outcome = match answer::message(response, limits).await {
            Ok(message) => self.read(operation, status, &message, reply),
            Err(error) => Err(error),
        };
        outcome.map_err(|error| error.with_status(status.as_u16()))
    }

    fn read(
        &self,
        operation: &'static Operation,
        status: StatusCode,
        message: &Bytes,
        reply: &mut dyn Slot,
    ) -> Result<(), Error> {
        if message.is_empty() {
            // 202 and an empty body is how an operation without a reply is answered.
            let expected = status.is_success() && matches!(operation.reply, Reply::Empty);
            return if expected { Ok(()) } else { Err(answer::not_soap(status, "an empty body")) };
        }
        match envelope::read_reply(self.descriptor, operation, message, &self.connection.limits().xml, reply) {
            Ok(()) if status.is_success() => Ok(()),
            Ok(()) => Err(Error::new(ErrorKind::Http, "a reply that is no fault came with an error status")
                .delivered(Delivery::Answered)),
            Err(error) if error.fault().is_some() || status.is_success() => Err(error.delivered(Delivery::Answered)),
            Err(error) => Err(answer::not_soap(status, "XML that is no SOAP fault").with_source(error)),
        }
    }
}

/// Says what the message is and which operation it is for.
fn headers(soap: SoapVersion, operation: &Operation) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::with_capacity(2);
    let media_type = soap.media_type();
    match soap {
        SoapVersion::Soap11 => {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"));
            headers.insert(HeaderName::from_static("soapaction"), header(&quoted(operation.action))?);
        }
        SoapVersion::Soap12 => {
            let value = format!("{media_type}; charset=utf-8; action={}", quoted(operation.action));
            headers.insert(CONTENT_TYPE, header(&value)?);
        }
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
