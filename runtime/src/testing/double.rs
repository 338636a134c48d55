//! A double of a service: typed answers by the names of operations, and the requests back as values.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;

use crate::limits::XmlLimits;
use crate::message::request::{Asked, Beside};
use crate::mtom::parts::Parts;
use crate::schema::descriptor::{Operation, PortDescriptor, Reply};
use crate::schema::field::Field;
use crate::schema::slot::Slot;
use crate::server::{Answer, Call, Operate, ServiceFault, of_operations};
use crate::stream::Upload;
use crate::transport::{BoxFuture, Request, Response, Transport, TransportError};
use crate::{error::Error, server, value::Binary};

/// A double of a service: it answers the client of a port with values that a test gives it, and gives back the requests
/// as values. No XML is written by hand, and everything between the two is as with a real service: envelopes, security,
/// MTOM, faults.
///
/// It accepts every caller. Clones are one double, so a test keeps one and gives another to the connection. For more than
/// answers in a row, write a handler: a service of the generated `Handler` is a [`Transport`] as well.
///
/// ```
/// # use soap_runtime::generated::v1;
/// # const NS: &str = "urn:shop";
/// # #[derive(Clone)]
/// # pub struct GetPrice { pub item: String }
/// # v1::record!(GetPrice: Hash, v1::Shape::new(NS, "GetPrice", &[v1::Field::required(NS, "item")]), { 0 => item });
/// # static GET_PRICE: v1::Operation = v1::Operation::new("GetPrice", "urn:shop/GetPrice")
/// #     .request(v1::Field::required(NS, "GetPrice"))
/// #     .reply(v1::Reply::unwrapped(v1::Field::required(NS, "GetPriceResponse"), v1::Field::required(NS, "price")));
/// # static PORT: v1::PortDescriptor =
/// #     v1::PortDescriptor::new("Shop", "ShopService", "https://shop.example/soap", v1::SoapVersion::Soap11).operations(&[&GET_PRICE]);
/// use soap_runtime::Connection;
/// use soap_runtime::server::ServiceFault;
/// use soap_runtime::testing::Service;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), soap_runtime::Error> {
/// let shop = Service::new(&PORT) // of the module of a generated client
///     .reply("GetPrice", 12)
///     .fault("GetPrice", ServiceFault::sender("no such item"));
/// let connection = Connection::builder("https://localhost").transport(shop.clone()).build()?;
///
/// # let client = v1::Port::new(&connection, &PORT);
/// // let client = soap::shop_service::shop::Client::new(&connection);
/// # async fn get_price(client: &v1::Port, item: &str) -> Result<i32, soap_runtime::Error> {
/// #     client.request(&GET_PRICE, &GetPrice { item: item.to_owned() }).call().await
/// # }
/// assert_eq!(get_price(&client, "tea").await?, 12); // client.get_price("tea")
/// assert!(get_price(&client, "snow").await.is_err());
/// assert_eq!(shop.requests::<GetPrice>("GetPrice")[1].item, "snow");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Service {
    port: &'static PortDescriptor,
    service: server::Service,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    steps: HashMap<&'static str, VecDeque<Step>>,
    received: Vec<Received>,
    /// What happens to the next exchange on the network, if anything.
    network: VecDeque<Network>,
}

/// The answer to one call.
enum Step {
    Answer(Result<Answer, ServiceFault>),
    Later(Duration, Result<Answer, ServiceFault>),
}

enum Network {
    Error(TransportError),
    /// Passed on to the service.
    Works,
}

/// A request as it came.
struct Received {
    operation: &'static Operation,
    document: Bytes,
    parts: Parts,
    call: crate::message::request::Understood,
}

/// One operation of the double.
struct Scripted {
    operation: &'static Operation,
    state: Arc<Mutex<State>>,
}

impl Service {
    /// A double of a port, without answers: a call of an operation that has none left ends with a fault that says so.
    pub fn new(port: &'static PortDescriptor) -> Self {
        let state = Arc::<Mutex<State>>::default();
        let operations = port
            .operations
            .iter()
            .map(|operation| Arc::new(Scripted { operation, state: Arc::clone(&state) }) as Arc<dyn Operate>);
        let service = of_operations(port, operations.collect()).users(|_, _| async { true }).certificates(|_| true);
        Self { port, service, state }
    }

    /// Answers the next call of an operation, by its name in the contract, with the value that the client's method returns.
    ///
    /// # Panics
    /// If the port has no such operation, or if its reply has a stream.
    #[must_use]
    pub fn reply<R: Slot>(self, operation: &str, reply: R) -> Self {
        self.check_stream::<R>(operation, false);
        self.step(operation, Step::Answer(Ok(Answer::Message(Box::new(reply)))))
    }

    /// The same for an operation whose reply has a stream: `()` where the stream is all of it.
    ///
    /// # Panics
    /// If the port has no such operation, or if its reply has no stream.
    #[must_use]
    pub fn reply_with_stream<R: Slot>(self, operation: &str, reply: R, content: impl Into<Upload>) -> Self {
        self.check_stream::<R>(operation, true);
        self.step(operation, Step::Answer(Ok(Answer::Stream(Box::new(reply), content.into()))))
    }

    /// Answers the next call of an operation after a while.
    ///
    /// # Panics
    /// As [`reply`](Self::reply).
    #[must_use]
    pub fn reply_after<R: Slot>(self, wait: Duration, operation: &str, reply: R) -> Self {
        self.check_stream::<R>(operation, false);
        self.step(operation, Step::Later(wait, Ok(Answer::Message(Box::new(reply)))))
    }

    /// Answers the next call of an operation with a fault.
    ///
    /// # Panics
    /// If the port has no such operation.
    #[must_use]
    pub fn fault(self, operation: &str, fault: ServiceFault) -> Self {
        self.step(operation, Step::Answer(Err(fault)))
    }

    /// Lets this many exchanges pass, and then breaks one on the network.
    #[must_use]
    pub fn broken_after(self, exchanges: usize, error: TransportError) -> Self {
        {
            let mut state = self.state();
            state.network.extend((0..exchanges).map(|_| Network::Works));
            state.network.push_back(Network::Error(error));
        }
        self
    }

    /// The requests of an operation so far, as values of their type.
    ///
    /// # Panics
    /// If the port has no such operation, or a request is none of this type.
    pub fn requests<Q: Slot>(&self, operation: &str) -> Vec<Q> {
        self.received(operation, |request, _| request)
    }

    /// The same with the content of their streams.
    ///
    /// # Panics
    /// As [`requests`](Self::requests).
    pub fn uploads<Q: Slot>(&self, operation: &str) -> Vec<(Q, Bytes)> {
        self.received(operation, |request, stream| {
            let content = stream.unwrap_or_default().bytes().expect("content in memory");
            (request, content)
        })
    }

    fn received<Q: Slot, T>(&self, operation: &str, made: impl Fn(Q, Option<Binary>) -> T) -> Vec<T> {
        let operation = self.known(operation).name;
        let state = self.state();
        let these = state.received.iter().filter(|received| received.operation.name == operation);
        let read = |received: &Received| {
            let limits = XmlLimits::default();
            let Received { operation, document, parts, call } = received;
            let asked = Asked { soap: self.port.soap, operation, understood: *call, limits: &limits };
            let mut beside = Beside::default();
            let read: Result<Q, Error> = asked.read(document, &mut parts.again(), &mut beside);
            made(read.expect("a request of this type"), beside.stream.take())
        };
        these.map(read).collect()
    }

    /// # Panics
    /// If an answer was not used.
    pub fn assert_done(&self) {
        let state = self.state();
        let left: Vec<_> = state.steps.iter().filter(|(_, steps)| !steps.is_empty()).map(|(name, _)| name).collect();
        assert!(left.is_empty(), "answers that were not used: {left:?}");
    }

    fn step(self, operation: &str, step: Step) -> Self {
        let operation = self.known(operation).name;
        self.state().steps.entry(operation).or_default().push_back(step);
        self
    }

    /// An operation by its name in the contract.
    fn known(&self, operation: &str) -> &'static Operation {
        let known = self.port.operations.iter().find(|known| known.name == operation);
        known.unwrap_or_else(|| panic!("{} has no operation {operation}", self.port.name))
    }

    /// A stream that the client does not look for would be lost without a word.
    fn check_stream<R: Slot>(&self, operation: &str, is_given: bool) {
        let has_stream = match &self.known(operation).reply {
            Reply::Unwrapped(_, child) => child.is_stream(),
            _ => R::shape().is_some_and(|shape| shape.fields().iter().any(Field::is_stream)),
        };
        match (has_stream, is_given) {
            (true, false) => panic!("the reply of {operation} has a stream, which `reply_with_stream` gives"),
            (false, true) => panic!("the reply of {operation} has no stream"),
            _ => {}
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Operate for Scripted {
    fn operation(&self) -> &'static Operation {
        self.operation
    }

    fn call(&self, mut call: Call) -> BoxFuture<'static, Result<Answer, ServiceFault>> {
        let (operation, state) = (self.operation, Arc::clone(&self.state));
        Box::pin(async move {
            let parts = call.envelope.take_parts().await?;
            let step = {
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                let document = call.envelope.document.clone();
                state.received.push(Received { operation, document, parts, call: call.understood });
                state.steps.entry(operation.name).or_default().pop_front()
            };
            match step {
                Some(Step::Answer(answer)) => answer,
                Some(Step::Later(wait, answer)) => {
                    tokio::time::sleep(wait).await;
                    answer
                }
                None => Err(ServiceFault::receiver(format!("the double has no answer left for {}", operation.name))),
            }
        })
    }
}

impl Transport for Service {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let network = self.state().network.pop_front();
        match network {
            Some(Network::Error(error)) => Box::pin(async { Err(error) }),
            Some(Network::Works) | None => self.service.send(request),
        }
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("port", self.port).finish_non_exhaustive()
    }
}
