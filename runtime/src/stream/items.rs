//! A list that is read item by item.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use crate::error::{Delivery, Error, ErrorKind};
use crate::message::Expected;
use crate::message::list::{ListReader, Step};
use crate::mtom::package::Package;
use crate::schema::shown::ShownItems;
use crate::schema::value::Value;
use crate::transport::{Body, TransportError};

/// The items of a list of any length, as they are received from the service. It is a [`Stream`].
///
/// Only one item is in memory at a time. The list ends only after the whole reply has been read, so a list that was cut
/// off is an error and never looks complete. Dropping it ends the exchange.
///
/// Items whose binary content is in MTOM parts are an error, because those parts follow the list. Read such a list as a
/// whole.
///
/// ```
/// use soap_runtime::{Error, Items};
///
/// async fn print(mut names: Items<String>) -> Result<(), Error> {
///     while let Some(name) = names.next().await? {
///         println!("{name}");
///     }
///     Ok(())
/// }
/// ```
#[must_use = "the list has not been read"]
pub struct Items<T> {
    list: ListReader,
    source: EnvelopeSource,
    /// The first item, if it was read to see that there is no fault.
    first: Option<T>,
    operation: &'static str,
    /// Where people see the items.
    shown: Option<ShownItems>,
    state: State,
    of: PhantomData<fn() -> T>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Done,
    Failed,
}

/// The source of the envelope.
pub(crate) enum EnvelopeSource {
    Text(Body),
    /// Positioned at its root part.
    Package(Box<Package>),
}

impl<T: Value + Unpin> Items<T> {
    /// A list whose beginning has not been read yet.
    pub(crate) fn new(
        list: ListReader,
        source: EnvelopeSource,
        operation: &'static str,
        shown: Option<ShownItems>,
    ) -> Self {
        let list = list.showing(shown.is_some());
        Self { list, source, first: None, operation, shown, state: State::Open, of: PhantomData }
    }

    /// Reads up to the beginning of the list and checks the headers. A fault is an error. `false` if the body is empty.
    pub(crate) async fn begin(&mut self, expected: &Expected<'_>) -> Result<bool, Error> {
        while !self.list.has_begun() && self.state == State::Open {
            // There is no item before the list has begun.
            match poll_fn(|cx| self.poll_step(cx)).await {
                Ok(Some(item)) => {
                    self.first = Some(item);
                    break;
                }
                Ok(None) => {}
                // In whatever pieces the reply comes, its headers are checked before its items are.
                Err(error) => {
                    match self.list.has_begun() && error.fault().is_none() {
                        true => self.list.check(expected)?,
                        false => self.list.check_relation(expected)?,
                    }
                    return Err(error);
                }
            }
        }
        if self.list.is_empty() {
            return Ok(false);
        }
        self.list.check(expected)?;
        Ok(true)
    }

    /// The next item, or `None` at the end. Cancel safe.
    ///
    /// # Errors
    /// A connection that breaks or stalls, an invalid item, or a reply that ends too early.
    pub async fn next(&mut self) -> Result<Option<T>, Error> {
        poll_fn(|cx| self.poll_item(cx)).await.transpose()
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, Error>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(self.seen(first))));
        }
        let outcome = loop {
            match self.state {
                State::Done => return Poll::Ready(None),
                State::Failed => break Err(Error::new(ErrorKind::Transport, "the list has failed before")),
                State::Open => match ready!(self.poll_step(cx)) {
                    Ok(Some(item)) => return Poll::Ready(Some(Ok(self.seen(item)))),
                    Ok(None) => {}
                    Err(error) => break Err(error),
                },
            }
        };
        self.state = State::Failed;
        // The service has answered; only the rest of its response is missing.
        Poll::Ready(Some(outcome.map_err(|error| error.delivered(Delivery::Answered).in_operation(self.operation))))
    }

    /// An item that the caller gets now, and people see.
    fn seen(&mut self, item: T) -> T {
        if let Some((shown, text)) = self.shown.as_mut().zip(self.list.take_shown()) {
            shown.see(text);
        }
        item
    }

    /// An item if there is one, and else the next piece.
    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<T>, Error>> {
        if let Step::Item(item) = self.list.step()? {
            return Poll::Ready(Ok(Some(item)));
        }
        match ready!(self.source.poll_piece(cx))? {
            Some(piece) => self.list.feed(&piece),
            None => {
                self.state = State::Done;
                if !self.list.is_empty() {
                    self.list.finish()?;
                }
            }
        }
        Poll::Ready(Ok(None))
    }
}

impl EnvelopeSource {
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Error>> {
        match self {
            Self::Text(body) => body.poll_chunk(cx).map(|piece| piece.transpose().map_err(TransportError::into_error)),
            Self::Package(package) => package.poll_stream(cx),
        }
    }
}

impl<T: Value + Unpin> Stream for Items<T> {
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_item(cx)
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("operation", &self.operation).finish_non_exhaustive()
    }
}
