//! One call, from values to values.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::{StatusCode, Uri};
use tracing::{Instrument, Span, field};

use crate::connection::Connection;
use crate::credentials::{Credentials, EndUser, Slots};
use crate::descriptor::{Operation, PortDescriptor, Reply};
use crate::envelope;
use crate::error::Error;
use crate::mtom::parts::Parts;
use crate::stream::Upload;
use crate::transport::{Request, Response, TransportError};
use crate::value::{Binary, Slot};

mod answer;
mod outgoing;
mod streams;

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
        let span = self.span(operation);
        let exchange = async {
            let response = self.send(operation, request, end_user, None, &span).await?;
            self.receive(operation, response, reply).await
        };
        self.traced(operation, &span, exchange).await
    }

    fn span(&self, operation: &Operation) -> Span {
        tracing::info_span!(
            "soap.call",
            operation = operation.name,
            service = self.descriptor.service,
            host = self.url.as_ref().ok().and_then(Uri::host),
            status = field::Empty,
            error = field::Empty,
            delivery = field::Empty,
        )
    }

    async fn traced<T>(
        &self,
        operation: &'static Operation,
        span: &Span,
        exchange: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        exchange.instrument(span.clone()).await.map_err(|error| {
            span.record("error", field::debug(error.kind()));
            span.record("delivery", field::debug(error.delivery()));
            error.in_operation(operation.name)
        })
    }

    /// The first half of the protocol.
    async fn send(
        &self,
        operation: &'static Operation,
        request: &dyn Slot,
        end_user: Option<&EndUser>,
        upload: Option<&Upload>,
        span: &Span,
    ) -> Result<Response, Error> {
        let url = self.url.clone().map_err(Error::configuration)?;
        let slots = Slots::fill(self.credentials.as_deref(), end_user);
        let limits = self.connection.limits();
        let (headers, body) = outgoing::compose(self.descriptor, operation, request, &slots, upload, limits).await?;
        let request = Request {
            url,
            headers,
            body,
            reply_timeout: self.connection.reply_timeout(operation),
            idle_timeout: self.connection.idle_timeout(),
        };
        let response = self.connection.transport().send(request).await.map_err(TransportError::into_error)?;
        span.record("status", response.status.as_u16());
        Ok(response)
    }

    /// The second half, for a reply without a stream.
    async fn receive(
        &self,
        operation: &'static Operation,
        response: Response,
        reply: &mut dyn Slot,
    ) -> Result<(), Error> {
        let status = response.status;
        let outcome = match answer::whole(response, self.connection.limits()).await {
            Ok((envelope, parts)) => self.read(operation, status, &envelope, parts, reply),
            Err(error) => Err(error),
        };
        outcome.map(drop).map_err(|error| error.with_status(status.as_u16()))
    }

    /// Reads an envelope. Beside the reply: what has become of the parts, and the stream as far as it is in memory.
    fn read(
        &self,
        operation: &'static Operation,
        status: StatusCode,
        envelope: &Bytes,
        parts: Parts,
        reply: &mut dyn Slot,
    ) -> Result<(Parts, Option<Binary>), Error> {
        if envelope.is_empty() {
            // 202 and an empty body is how an operation without a reply is answered.
            let expected = status.is_success() && matches!(operation.reply, Reply::Empty);
            return if expected { Ok((parts, None)) } else { Err(answer::not_soap(status, "an empty body")) };
        }
        match envelope::read_reply(self.descriptor, operation, envelope, parts, &self.connection.limits().xml, reply) {
            Ok(read) if status.is_success() => Ok(read),
            Ok(_) => Err(answer::no_fault()),
            Err(error) => Err(answer::unread(status, error)),
        }
    }
}
