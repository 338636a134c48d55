//! Answers that are cheap to send and were, or could be, dear to read: for tests and benchmarks that hold the work of
//! reading to the length of what is read.

mod contract;
mod shapes;
#[cfg(test)]
mod tests;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf as _, Bytes};
use futures_core::Stream;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};

use crate::client::connection::Connection;
use crate::client::port::Port;
use crate::error::Error;
use crate::transport::{Body, BoxFuture, Request, Response, Transport, TransportError};

/// A kind of answer, of any length.
pub struct HostileShape {
    /// What is in it.
    pub name: &'static str,
    answer: fn(usize) -> HostileAnswer,
    /// The most bytes that it can have within the limits.
    pub most: usize,
    /// The most steps that reading it may take for each of its bytes: a byte that is looked at or copied is a step.
    pub steps: f64,
    /// A part of the error that says why it is refused; empty if it is read.
    pub refusal: &'static str,
}

/// An answer.
pub struct HostileAnswer {
    how: Reader,
    status: u16,
    content_type: String,
    body: Bytes,
    /// Length of the pieces in which it arrives.
    piece: usize,
}

/// What reads an answer.
#[derive(Clone, Copy)]
enum Reader {
    /// A call whose reply has values of every kind.
    Values,
    /// A call whose reply may hold any XML.
    Open,
    /// A call whose reply is a list, read item by item.
    Items,
    /// The check of signatures.
    #[cfg(feature = "secure-conversation")]
    Signatures,
}

impl HostileShape {
    /// All of them.
    pub fn all() -> &'static [Self] {
        shapes::ALL
    }

    /// An answer of about this many bytes.
    pub fn of(&self, bytes: usize) -> HostileAnswer {
        (self.answer)(bytes.min(self.most))
    }
}

impl HostileAnswer {
    /// Bytes of its body and its content type.
    #[expect(clippy::len_without_is_empty, reason = "none is empty")]
    pub fn len(&self) -> usize {
        self.body.len() + self.content_type.len()
    }

    /// Reads it as what it is sent for.
    ///
    /// # Errors
    /// It is refused.
    pub async fn read(&self) -> Result<(), Error> {
        #[cfg(feature = "secure-conversation")]
        if let Reader::Signatures = self.how {
            let limits = crate::limits::XmlLimits::default();
            let no_key = |_: &str, _: Option<&str>| None;
            return crate::security::verify::signatures(&self.body, &no_key, &limits).map(|_| ());
        }
        let played = Played {
            status: self.status,
            content_type: self.content_type.clone(),
            body: self.body.clone(),
            piece: self.piece,
        };
        let connection = Connection::builder("https://localhost").transport(played).build()?;
        let port = Port::new(&connection, &contract::PORT);
        match self.how {
            Reader::Open => port.request(&contract::OPEN, &()).call::<contract::Open>().await.map(|_| ()),
            Reader::Items => {
                let mut items = port.request(&contract::LIST, &()).items::<String>().await?;
                while items.next().await?.is_some() {}
                Ok(())
            }
            _ => port.request(&contract::VALUES, &()).call::<contract::Values>().await.map(|_| ()),
        }
    }
}

impl fmt::Debug for HostileShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Debug for HostileAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} bytes]", self.len())
    }
}

/// Gives every request the same answer.
#[derive(Debug)]
struct Played {
    status: u16,
    content_type: String,
    body: Bytes,
    piece: usize,
}

impl Transport for Played {
    fn send(&self, _: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let mut headers = HeaderMap::new();
        let content_type = HeaderValue::from_str(&self.content_type);
        headers.extend(content_type.ok().map(|content_type| (CONTENT_TYPE, content_type)));
        let body = Body::stream(Pieces { rest: self.body.clone(), piece: self.piece }, None);
        let status = http::StatusCode::from_u16(self.status).unwrap_or_default();
        Box::pin(async move { Ok(Response { status, headers, body }) })
    }
}

struct Pieces {
    rest: Bytes,
    piece: usize,
}

impl Stream for Pieces {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let len = self.piece.min(self.rest.remaining());
        Poll::Ready((len > 0).then(|| Ok(self.rest.split_to(len))))
    }
}
