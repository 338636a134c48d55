//! An operation as it is served: its request is read as the type that its handler takes, and the handler called.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::error::Error;
use crate::message::request::{Asked, Beside, Understood};
use crate::mtom::package::DRAIN_TIMEOUT;
use crate::mtom::parts::Parts;
use crate::schema::descriptor::Operation;
#[cfg(feature = "test-util")]
use crate::schema::message_type::MessageType;
use crate::schema::slot::Slot;
use crate::server::context::Context;
use crate::server::fault::ServiceFault;
use crate::server::incoming::Envelope;
use crate::server::listing::AnyItems;
use crate::server::settings::Settings;
use crate::soap::SoapVersion;
use crate::stream::{Download, StreamedPackage, Upload};
use crate::transport::BoxFuture;
use crate::transport::time_limit::Handover;
use crate::value::Binary;

/// What a handler answers.
pub(crate) enum Answer {
    Message(Box<dyn Slot>),
    /// A message and the content of its stream.
    Stream(Box<dyn Slot>, Upload),
    /// A list that is written item by item.
    Items(AnyItems),
}

/// A request whose headers have been read and whose caller has been accepted.
pub(crate) struct Call {
    pub(super) soap: SoapVersion,
    pub(crate) understood: Understood,
    pub(crate) envelope: Envelope,
    pub(super) context: Context,
    pub(super) settings: Arc<Settings>,
    /// What ends the deadline of a request whose handler reads it as a stream.
    pub(super) handover: Handover,
}

/// An operation with its handler, whatever the types of its messages.
pub(crate) trait Operate: Send + Sync {
    /// Its description.
    fn operation(&self) -> &'static Operation;

    /// Reads the request and calls the handler.
    fn call(&self, call: Call) -> BoxFuture<'static, Result<Answer, ServiceFault>>;
}

/// What a handler takes beside its context.
pub(super) trait Request: Sized + Send + 'static {
    fn read(call: &mut Call, operation: &'static Operation) -> impl Future<Output = Result<Self, ServiceFault>> + Send;
}

/// A request that is a value.
pub(super) struct Whole<Q>(pub(super) Q);

/// A request with a stream.
pub(super) struct Streamed<Q>(pub(super) Q, pub(super) Download);

impl<Q: Slot> Request for Whole<Q> {
    async fn read(call: &mut Call, operation: &'static Operation) -> Result<Self, ServiceFault> {
        let mut parts = call.envelope.take_parts().await.map_err(|error| ServiceFault::unreadable(&error))?;
        let mut beside = Beside::default();
        let read = call.asked(operation).read(&call.envelope.document, &mut parts, &mut beside);
        call.take(beside, read).map(|(request, _)| Self(request))
    }
}

impl<Q: Slot> Request for Streamed<Q> {
    async fn read(call: &mut Call, operation: &'static Operation) -> Result<Self, ServiceFault> {
        let mut parts = std::mem::take(&mut call.envelope.parts);
        let mut beside = Beside::default();
        let Some(package) = call.envelope.package.take() else {
            let read = call.asked(operation).read(&call.envelope.document, &mut parts, &mut beside);
            let (request, content) = call.take(beside, read)?;
            return Ok(Self(request, content.unwrap_or_default().into()));
        };
        let most_parts = call.settings.limits.mtom.parts;
        let package = StreamedPackage { package, parts, most_parts, drain: DRAIN_TIMEOUT };
        let asked = call.asked(operation);
        let document = call.envelope.document.clone();
        let read = |parts: &mut Parts| {
            beside = Beside::default();
            asked.read::<Q>(&document, parts, &mut beside).map(|request| (request, beside.stream.take()))
        };
        let read = package.message(read, |error| error).await;
        let (request, content) = match read {
            Ok((request, content)) => (Ok(request), Some(content)),
            Err(error) => (Err(error), None),
        };
        let (request, _) = call.take(beside, request)?;
        call.handover.hand_over();
        Ok(Self(request, content.unwrap_or_else(|| Binary::default().into()).of(operation.name)))
    }
}

impl Call {
    fn asked(&self, operation: &'static Operation) -> Asked<'_> {
        let Self { soap, understood, settings, .. } = self;
        Asked { soap: *soap, operation, understood: *understood, limits: &settings.limits.xml }
    }

    /// What has been read, with what stands beside it put into the context.
    fn take<Q>(&mut self, beside: Beside, read: Result<Q, Error>) -> Result<(Q, Option<Binary>), ServiceFault> {
        let Beside { slots, stream, headers, not_understood } = beside;
        if !not_understood.is_empty() {
            return Err(ServiceFault::not_understood(not_understood));
        }
        (self.context.slots, self.context.headers) = (slots, headers);
        read.map(|request| (request, stream)).map_err(|error| ServiceFault::unreadable(&error))
    }
}

/// A handler of one operation: how it is called with what it takes, and how its outcome becomes an answer.
pub(super) struct Handled<H, Q, C> {
    pub(super) operation: &'static Operation,
    pub(super) handler: Arc<H>,
    pub(super) call: Arc<C>,
    pub(super) of: PhantomData<fn(Q)>,
}

impl<H, Q, C, F> Operate for Handled<H, Q, C>
where
    H: Send + Sync + 'static,
    Q: Request,
    C: Fn(Arc<H>, Q, Context) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Answer, ServiceFault>> + Send + 'static,
{
    fn operation(&self) -> &'static Operation {
        self.operation
    }

    fn call(&self, mut call: Call) -> BoxFuture<'static, Result<Answer, ServiceFault>> {
        let Self { operation, handler, call: handle, .. } = self;
        let (operation, handler, handle) = (*operation, Arc::clone(handler), Arc::clone(handle));
        Box::pin(async move {
            let request = Q::read(&mut call, operation).await?;
            handle(handler, request, call.context).await
        })
    }
}

/// A message whose type is known at run time only, and the content of its stream.
#[cfg(feature = "test-util")]
#[derive(Debug)]
pub struct AnyMessage {
    /// The message.
    pub message: Box<dyn Slot>,
    /// The content of its stream, where there is one.
    pub stream: Option<Binary>,
}

/// A handler of one operation of which only the descriptors are known.
#[cfg(feature = "test-util")]
pub(super) struct AnyHandled<H, C> {
    pub(super) operation: &'static Operation,
    pub(super) request: MessageType,
    pub(super) handler: Arc<H>,
    pub(super) call: Arc<C>,
}

#[cfg(feature = "test-util")]
impl<H, C, F> Operate for AnyHandled<H, C>
where
    H: Send + Sync + 'static,
    C: Fn(Arc<H>, AnyMessage, Context) -> F + Send + Sync + 'static,
    F: Future<Output = Result<AnyMessage, ServiceFault>> + Send + 'static,
{
    fn operation(&self) -> &'static Operation {
        self.operation
    }

    fn call(&self, mut call: Call) -> BoxFuture<'static, Result<Answer, ServiceFault>> {
        let (operation, request) = (self.operation, self.request);
        let (handler, handle) = (Arc::clone(&self.handler), Arc::clone(&self.call));
        Box::pin(async move {
            let mut parts = call.envelope.take_parts().await.map_err(|error| ServiceFault::unreadable(&error))?;
            let mut beside = Beside::default();
            let document = call.envelope.document.clone();
            let read = call.asked(operation).read_any(request, &document, &mut parts, &mut beside);
            let (message, stream) = call.take(beside, read)?;
            let AnyMessage { message, stream } = handle(handler, AnyMessage { message, stream }, call.context).await?;
            Ok(match stream {
                Some(stream) => Answer::Stream(message, stream.into()),
                None => Answer::Message(message),
            })
        })
    }
}
