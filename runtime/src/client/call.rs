//! One call, from values to values.

use std::borrow::Cow;
use std::sync::Arc;

use http::Uri;
use tracing::{Instrument, Span, field};

use crate::client::address;
use crate::client::auth::access::{Access, Pass};
use crate::client::connection::Connection;
use crate::client::outgoing::Outgoing;
use crate::client::post::{Head, Line};
use crate::client::receive::{Known, Reading, Receive, Whole};
use crate::client::retry::Patience;
use crate::client::stream::Upload;
use crate::credentials::Credentials;
use crate::error::Error;
use crate::message::Expected;
use crate::schema::descriptor::{Operation, PortDescriptor};
use crate::schema::message_type::MessageType;
use crate::schema::slot::Slot;
use crate::schema::slots::{Principal, Slots};
#[cfg(feature = "secure-conversation")]
use crate::security::certificate::Certificate;

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
    /// use soap_runtime::generated::v1::{Connection, Credentials, Port, PortDescriptor};
    ///
    /// fn client(connection: &Connection, port: &'static PortDescriptor) -> Port {
    ///     Port::with_certificate(connection, port, Credentials::new("user", "password"), None)
    /// }
    /// ```
    #[cfg(feature = "secure-conversation")]
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
        end_user: Option<&dyn Principal>,
    ) -> Result<R, Error> {
        self.exchange(operation, request, end_user, None, Whole(Known::default())).await
    }

    /// The same, for a reply whose type is known only when the program runs.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn call_any(
        &self,
        operation: &'static Operation,
        request: &dyn Slot,
        end_user: Option<&dyn Principal>,
        reply: MessageType,
    ) -> Result<Box<dyn Slot>, Error> {
        self.exchange(operation, request, end_user, None, Whole(reply)).await
    }

    /// Makes a call, in a span of its own: what is said there is the shape of the call, never its content.
    pub(super) async fn exchange<R: Receive>(
        &self,
        operation: &'static Operation,
        request: &dyn Slot,
        end_user: Option<&dyn Principal>,
        upload: Option<&Upload>,
        receiver: R,
    ) -> Result<R::Outcome, Error> {
        let span = tracing::info_span!(
            "soap.call",
            operation = operation.name,
            service = self.descriptor.service,
            host = self.url.as_ref().ok().and_then(Uri::host),
            status = field::Empty,
            error = field::Empty,
            delivery = field::Empty,
        );
        let attempts = async {
            let line = self.line(operation)?;
            let slots = self.slots(end_user);
            let outgoing = Outgoing::new(self.descriptor, operation, request, &slots, upload, &self.connection).await?;
            self.attempts(&line, operation, &outgoing, receiver, &span).await
        };
        attempts.instrument(span.clone()).await.map_err(|error| {
            span.record("error", field::debug(error.kind()));
            span.record("delivery", field::debug(error.delivery()));
            error.in_operation(operation.name)
        })
    }

    /// The protocol, top to bottom.
    async fn attempts<R: Receive>(
        &self,
        line: &Line<'_>,
        operation: &'static Operation,
        outgoing: &Outgoing<'_>,
        mut receiver: R,
        span: &Span,
    ) -> Result<R::Outcome, Error> {
        let mut patience = Patience::default();
        let mut session_renewed = false;
        loop {
            let pass = self.access.pass(line).await?;
            let outcome = self.attempt(line, &pass, operation, outgoing, &mut receiver, span).await;
            let unprocessed = self.access.learn(&pass, outcome.as_ref().err(), self.connection.now());
            let error = match outcome {
                Ok(outcome) => return Ok(outcome),
                // What was taken from the source of an upload is gone.
                Err(error) if !outgoing.can_be_sent() => return Err(error),
                Err(error) => error,
            };
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
    async fn attempt<R: Receive>(
        &self,
        line: &Line<'_>,
        pass: &Pass<'_>,
        operation: &'static Operation,
        outgoing: &Outgoing<'_>,
        receiver: &mut R,
        span: &Span,
    ) -> Result<R::Outcome, Error> {
        let message_id = if line.addressing { Some(line.message_id()?) } else { None };
        let (mut headers, body) = outgoing.compose(line, pass, message_id.as_deref())?;
        pass.add_to(&mut headers);
        let response = line.post(headers, body).await?;
        span.record("status", response.status.as_u16());
        pass.learn_from(&response.headers, self.connection.now());
        let head = Head::of(&response);
        let reading = Reading {
            soap: line.soap,
            operation,
            limits: self.connection.limits(),
            spill: self.connection.spill(),
            expected: Expected {
                relates_to: message_id.as_deref(),
                action: None, // The element in the body says the same, and an action is often a guess.
                timestamp: pass.is_secured().then(|| self.connection.freshness()),
            },
            status: response.status,
        };
        receiver.receive(response, &reading).await.map_err(|error| head.explain(error, self.connection.now()))
    }

    fn slots(&self, principal: Option<&dyn Principal>) -> Slots {
        let mut slots = match &self.credentials {
            Some(credentials) => Slots::of_client(credentials.user_name.clone(), credentials.password.clone()),
            None => Slots::default(),
        };
        if let Some(principal) = principal {
            principal.fill(&mut slots);
        }
        slots
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
