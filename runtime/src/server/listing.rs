//! A list that a service answers with.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

use crate::message::listed::ListWriter;
use crate::schema::slot::Slot;
use crate::schema::value::Value;
use crate::server::ServiceFault;
use crate::transport::{Phase, TransportError};

/// The items of a reply that is a list: all at once, or one by one as a stream gives them, in which case only one item is
/// in memory at a time.
///
/// ```
/// use soap_runtime::server::Listing;
///
/// let all: Listing<u32> = vec![1, 2, 3].into();
/// # drop(all);
/// ```
pub struct Listing<T>(Source<T>);

/// A stream of items. A stream that fails ends the message without its end, which a caller takes for cut off.
type Items<T> = Pin<Box<dyn Stream<Item = Result<T, ServiceFault>> + Send>>;

pub(super) enum Source<T> {
    All(Vec<T>),
    Stream(Items<T>),
}

impl<T> Listing<T> {
    /// The items that a stream gives. A fault among them ends the reply without its end, as its beginning has been sent; a
    /// caller sees that it was cut off.
    pub fn from_stream(items: impl Stream<Item = Result<T, ServiceFault>> + Send + 'static) -> Self {
        Self(Source::Stream(Box::pin(items)))
    }

    pub(super) fn into_source(self) -> Source<T> {
        self.0
    }
}

impl<T> From<Vec<T>> for Listing<T> {
    fn from(items: Vec<T>) -> Self {
        Self(Source::All(items))
    }
}

impl<T> FromIterator<T> for Listing<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(Source::All(items.into_iter().collect()))
    }
}

impl<T> fmt::Debug for Listing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::All(items) => write!(f, "Listing({} items)", items.len()),
            Source::Stream(_) => f.write_str("Listing(stream)"),
        }
    }
}

/// The items of a stream, each as a list of one.
pub(super) struct Each<T>(pub(super) Items<T>);

impl<T: Value> Stream for Each<T> {
    type Item = Result<Box<dyn Slot>, ServiceFault>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.0.as_mut().poll_next(cx);
        next.map(|item| item.map(|item| item.map(|item| Box::new(vec![item]) as Box<dyn Slot>)))
    }
}

/// Items of any type.
pub(crate) type AnyItems = Pin<Box<dyn Stream<Item = Result<Box<dyn Slot>, ServiceFault>> + Send>>;

/// Octets that are gathered before they are sent, as long as there are items at hand.
const PIECE: usize = 16 << 10;

/// The envelope around a list, while it is written.
pub(super) struct ListBody {
    /// Nothing after the end.
    pub(super) writer: Option<ListWriter>,
    pub(super) items: AnyItems,
}

impl Stream for ListBody {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        while let Some(writer) = &mut this.writer {
            if writer.len() >= PIECE {
                return Poll::Ready(Some(Ok(writer.take())));
            }
            let written = match this.items.as_mut().poll_next(cx) {
                Poll::Pending if writer.len() > 0 => return Poll::Ready(Some(Ok(writer.take()))),
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(this.writer.take().map(|writer| Ok(writer.end()))),
                Poll::Ready(Some(item)) => item.is_ok_and(|item| writer.item(&*item).is_ok()),
            };
            if !written {
                // Without its end, a receiver cannot mistake it for the whole list.
                this.writer = None;
                tracing::error!("a list ended with a fault, or has an item that cannot be written");
                let error = TransportError::new(Phase::Body).because("the list failed while it was sent");
                return Poll::Ready(Some(Err(error.by_the_source())));
            }
        }
        Poll::Ready(None)
    }
}
