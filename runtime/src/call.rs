//! One call, from values to values.

use std::borrow::Cow;
use std::sync::Arc;

use http::Uri;
use tracing::{Instrument, Span, field};

use crate::address;
use crate::connection::Connection;
use crate::credentials::{Credentials, EndUser, Slots};
use crate::descriptor::{Operation, PortDescriptor, Reply};
use crate::envelope::addressing::Addressing;
use crate::envelope::{self, Body, Content, Expected, Heading};
use crate::error::Error;
#[cfg(feature = "ec2")]
use crate::security::certificate::Certificate;
use crate::session::access::{Access, Pass};
use crate::value::Slot;
use post::{Line, Posted};
use retry::Patience;

mod answer;
pub(crate) mod post;
pub(crate) mod retry;

/// A port that can be called: what a generated client is made of. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Port {
    connection: Connection,
    descriptor: &'static PortDescriptor,
    credentials: Option<Arc<Credentials>>,
    access: Access,
    /// A mistake in the address is told by every call, as clients are made without a result.
    url: Result<Uri, Cow<'static, str>>,
    /// The URL as messages name it.
    to: Arc<str>,
}

impl Port {
    /// A port of a connection, with the caller's credentials: for its UsernameToken, and for slots that hold them.
    pub fn new(
        connection: &Connection,
        descriptor: &'static PortDescriptor,
        credentials: impl Into<Option<Credentials>>,
    ) -> Self {
        let credentials = credentials.into().map(Arc::new);
        let url = connection.endpoint(descriptor);
        let access = Access::new(connection, descriptor, url.as_ref().ok(), credentials.as_ref());
        Self::with_access(connection, descriptor, url, credentials, access)
    }

    /// A port whose sessions start with a certificate, with the caller's credentials if it has slots for them.
    ///
    /// The certificate is an argument of its own, so that none or another credential in its place does not compile:
    ///
    /// ```compile_fail
    /// use altinn_soap_runtime::generated::v1::{Connection, Credentials, Port, PortDescriptor};
    ///
    /// fn client(connection: &Connection, port: &'static PortDescriptor) -> Port {
    ///     Port::with_certificate(connection, port, Credentials::new("user", "password"), None)
    /// }
    /// ```
    #[cfg(feature = "ec2")]
    pub fn with_certificate(
        connection: &Connection,
        descriptor: &'static PortDescriptor,
        certificate: Certificate,
        credentials: impl Into<Option<Credentials>>,
    ) -> Self {
        let url = connection.endpoint(descriptor);
        let access = Access::with_certificate(connection, descriptor, url.as_ref().ok(), &certificate);
        Self::with_access(connection, descriptor, url, credentials.into().map(Arc::new), access)
    }

    fn with_access(
        connection: &Connection,
        descriptor: &'static PortDescriptor,
        url: Result<Uri, Cow<'static, str>>,
        credentials: Option<Arc<Credentials>>,
        access: Access,
    ) -> Self {
        let to = url.as_ref().map(address::without_query).unwrap_or_default().into();
        Self { connection: connection.clone(), descriptor, credentials, access, url, to }
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
        let line = self.line(operation)?;
        let slots = Slots::fill(self.credentials.as_deref(), end_user);
        let mut patience = Patience::default();
        let mut session_renewed = false;
        loop {
            let pass = self.access.pass(&line).await?;
            let outcome = self.attempt(&line, &pass, operation, request, &slots, reply, span).await;
            let unprocessed = self.access.learn(&pass, outcome.as_ref().err(), self.connection.now());
            let Err(error) = outcome else { return Ok(()) };
            if unprocessed && !session_renewed {
                session_renewed = true;
                continue;
            }
            // Without security in the message nobody knows these faults: such a call is sent once.
            let busy = if pass.is_secured() { patience.after(&error, self.connection.random()) } else { None };
            match busy {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(error),
            }
        }
    }

    /// One message and its answer.
    #[expect(clippy::too_many_arguments, reason = "a step of `exchange`, which holds them all")]
    async fn attempt(
        &self,
        line: &Line<'_>,
        pass: &Pass<'_>,
        operation: &'static Operation,
        request: &dyn Slot,
        slots: &Slots,
        reply: &mut dyn Slot,
        span: &Span,
    ) -> Result<(), Error> {
        let message_id = if line.addressing { Some(line.message_id()?) } else { None };
        let security = pass.header(line.connection)?;
        let heading = Heading {
            addressing: message_id.as_deref().map(|message_id| Addressing {
                action: operation.action,
                message_id,
                to: line.to,
                to_id: None,
            }),
            security: security.as_deref(),
        };
        let body = Body::Typed(Content::Request(operation), request);
        let message = envelope::write_with(line.soap, &heading, body, slots)?;
        let mut headers = line.headers(operation.action)?;
        pass.add_to(&mut headers);
        let posted = line.post(headers, message).await.inspect_err(|error| note_status(span, error.http_status()))?;
        note_status(span, Some(posted.status.as_u16()));
        pass.learn_from(&posted.headers);
        let expected = Expected {
            relates_to: message_id.as_deref(),
            action: None, // The element in the body says the same, and an action is often a guess.
            timestamp: pass.is_secured().then(|| line.connection.freshness()),
        };
        self.read(operation, &posted, &expected, reply)
    }

    fn read(
        &self,
        operation: &'static Operation,
        posted: &Posted,
        expected: &Expected<'_>,
        reply: &mut dyn Slot,
    ) -> Result<(), Error> {
        let (status, message) = (posted.status, &posted.message);
        if message.is_empty() {
            // 202 and an empty body is how an operation without a reply is answered.
            let awaited = status.is_success() && matches!(operation.reply, Reply::Empty);
            return if awaited {
                Ok(())
            } else {
                Err(answer::not_soap(status, "an empty body").with_status(status.as_u16()))
            };
        }
        let limits = &self.connection.limits().xml;
        let read = envelope::read_reply(self.descriptor, operation, message, limits, expected, reply);
        posted.settle(read, &self.connection)
    }

    fn line(&self, operation: &Operation) -> Result<Line<'_>, Error> {
        Ok(Line {
            connection: &self.connection,
            url: self.url.as_ref().map_err(|mistake| Error::configuration(mistake.clone()))?,
            to: &self.to,
            soap: self.descriptor.soap,
            addressing: self.descriptor.addressing,
            reply_timeout: self.connection.reply_timeout(operation),
        })
    }
}

fn note_status(span: &Span, status: Option<u16>) {
    if let Some(status) = status {
        span.record("status", status);
    }
}
