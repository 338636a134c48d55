//! The operations of a service, each with its handler: generated code lists them.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::schema::descriptor::{Operation, PortDescriptor};
#[cfg(feature = "test-util")]
use crate::schema::message_type::MessageType;
use crate::schema::slot::Slot;
use crate::schema::value::Value;
use crate::server::context::Context;
use crate::server::contract::Contract;
use crate::server::fault::ServiceFault;
use crate::server::listing::{Each, Listing, Source};
use crate::server::operation::{self, Answer, Handled, Operate, Streamed, Whole};
#[cfg(feature = "test-util")]
use crate::server::operation::{AnyHandled, AnyMessage};
use crate::server::service::Service;
use crate::stream::{Download, Upload};

/// A service whose operations are being listed. Generated code lists them.
pub struct Serving<H> {
    port: &'static PortDescriptor,
    handler: Arc<H>,
    operations: Vec<Arc<dyn Operate>>,
    contract: Option<&'static Contract>,
}

/// What an operation answers that its handler does not serve.
///
/// # Errors
/// Always.
pub fn unserved<R>(_request: impl Any) -> Result<R, ServiceFault> {
    Err(ServiceFault::action_not_supported())
}

impl<H: Send + Sync + 'static> Serving<H> {
    pub(super) fn new(port: &'static PortDescriptor, handler: H) -> Self {
        Self { port, handler: Arc::new(handler), operations: Vec::new(), contract: None }
    }

    /// An operation between two values.
    #[must_use]
    pub fn operation<Q, R, F>(
        self,
        operation: &'static Operation,
        call: impl Fn(Arc<H>, Q, Context) -> F + Send + Sync + 'static,
    ) -> Self
    where
        Q: Slot,
        R: Slot,
        F: Future<Output = Result<R, ServiceFault>> + Send + 'static,
    {
        self.handled(operation, move |handler, Whole(request), context| {
            let reply = call(handler, request, context);
            async move { Ok(Answer::Message(Box::new(reply.await?))) }
        })
    }

    /// An operation whose request has a stream.
    #[must_use]
    pub fn upload<Q, R, F>(
        self,
        operation: &'static Operation,
        call: impl Fn(Arc<H>, Q, Download, Context) -> F + Send + Sync + 'static,
    ) -> Self
    where
        Q: Slot,
        R: Slot,
        F: Future<Output = Result<R, ServiceFault>> + Send + 'static,
    {
        self.handled(operation, move |handler, Streamed(request, content), context| {
            let reply = call(handler, request, content, context);
            async move { Ok(Answer::Message(Box::new(reply.await?))) }
        })
    }

    /// An operation whose reply has a stream.
    #[must_use]
    pub fn download<Q, R, F>(
        self,
        operation: &'static Operation,
        call: impl Fn(Arc<H>, Q, Context) -> F + Send + Sync + 'static,
    ) -> Self
    where
        Q: Slot,
        R: Slot,
        F: Future<Output = Result<(R, Upload), ServiceFault>> + Send + 'static,
    {
        self.handled(operation, move |handler, Whole(request), context| {
            let reply = call(handler, request, context);
            async move {
                let (reply, upload) = reply.await?;
                Ok(Answer::Stream(Box::new(reply), upload))
            }
        })
    }

    /// An operation whose request and reply have a stream.
    #[must_use]
    pub fn exchange<Q, R, F>(
        self,
        operation: &'static Operation,
        call: impl Fn(Arc<H>, Q, Download, Context) -> F + Send + Sync + 'static,
    ) -> Self
    where
        Q: Slot,
        R: Slot,
        F: Future<Output = Result<(R, Upload), ServiceFault>> + Send + 'static,
    {
        self.handled(operation, move |handler, Streamed(request, content), context| {
            let reply = call(handler, request, content, context);
            async move {
                let (reply, upload) = reply.await?;
                Ok(Answer::Stream(Box::new(reply), upload))
            }
        })
    }

    /// An operation whose reply is a list.
    #[must_use]
    pub fn list<Q, T, F>(
        self,
        operation: &'static Operation,
        call: impl Fn(Arc<H>, Q, Context) -> F + Send + Sync + 'static,
    ) -> Self
    where
        Q: Slot,
        T: Value,
        F: Future<Output = Result<Listing<T>, ServiceFault>> + Send + 'static,
    {
        self.handled(operation, move |handler, Whole(request), context| {
            let reply = call(handler, request, context);
            async move {
                Ok(match reply.await?.into_source() {
                    Source::All(items) => Answer::Message(Box::new(items)),
                    Source::Stream(items) => Answer::Items(Box::pin(Each(items))),
                })
            }
        })
    }

    /// An operation of which only the descriptors are known, for tests that serve all operations of a contract.
    #[cfg(feature = "test-util")]
    #[must_use]
    pub fn any<F>(
        mut self,
        operation: &'static Operation,
        request: MessageType,
        call: impl Fn(Arc<H>, AnyMessage, Context) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<AnyMessage, ServiceFault>> + Send + 'static,
    {
        let (handler, call) = (Arc::clone(&self.handler), Arc::new(call));
        self.operations.push(Arc::new(AnyHandled { operation, request, handler, call }));
        self
    }

    fn handled<Q: operation::Request, F>(
        mut self,
        operation: &'static Operation,
        call: impl Fn(Arc<H>, Q, Context) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<Answer, ServiceFault>> + Send + 'static,
    {
        let handler = Arc::clone(&self.handler);
        self.operations.push(Arc::new(Handled { operation, handler, call: Arc::new(call), of: PhantomData }));
        self
    }

    /// What `?wsdl` answers.
    #[must_use]
    pub fn contract(mut self, contract: &'static Contract) -> Self {
        self.contract = Some(contract);
        self
    }

    /// The service.
    pub fn service(self) -> Service {
        let Self { port, operations, contract, .. } = self;
        Service { port, operations: operations.into(), contract, settings: Arc::default() }
    }
}

impl<H> fmt::Debug for Serving<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serving").field("port", self.port).finish_non_exhaustive()
    }
}
