//! The body of a request or response: complete, or in pieces as they arrive.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use crate::transport::error::TransportError;
use crate::transport::gathered::Gathered;

/// The body of a request or response.
///
/// Reading consumes the pieces, so a body is read once. It is a [`Stream`]; a layer that watches the pieces go by wraps
/// it with [`Body::stream`].
pub struct Body {
    source: BodySource,
    /// A piece that has been peeked at.
    front: Bytes,
    /// Bytes still to come, where that is known; those of `front` included.
    remaining: Option<u64>,
}

enum BodySource {
    Whole(Bytes),
    Stream(Pin<Box<dyn Stream<Item = Result<Bytes, TransportError>> + Send>>),
}

impl Body {
    /// A body from a stream of pieces, with its length if that is known.
    ///
    /// A request with a known length is sent with `Content-Length`, and fails if the stream gives another
    /// number of bytes; without one it is sent chunked.
    pub fn stream(
        stream: impl Stream<Item = Result<Bytes, TransportError>> + Send + 'static,
        length: Option<u64>,
    ) -> Self {
        Self { source: BodySource::Stream(Box::pin(stream)), front: Bytes::new(), remaining: length }
    }

    /// Bytes still to come, where that is known.
    pub fn remaining(&self) -> Option<u64> {
        self.remaining
    }

    /// The next piece, or `None` at the end. A piece is never empty.
    ///
    /// Cancel safe.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        poll_fn(|cx| self.poll_chunk(cx)).await.transpose()
    }

    /// All of it in memory, up to a number of bytes; more is an error ([`TransportError::is_too_large`]).
    pub async fn collect(mut self, limit: usize) -> Result<Bytes, TransportError> {
        let expected = usize::try_from(self.remaining.unwrap_or(0)).unwrap_or(usize::MAX);
        if expected > limit {
            return Err(TransportError::too_large(limit));
        }
        let mut all = Gathered::expecting(expected);
        while let Some(chunk) = self.chunk().await? {
            if chunk.len() > limit - all.len() {
                return Err(TransportError::too_large(limit));
            }
            all.push(chunk);
        }
        Ok(all.finish())
    }

    /// Whether it is empty, which waits for its first piece.
    pub(crate) async fn is_empty(&mut self) -> Result<bool, TransportError> {
        if self.front.is_empty()
            && let Some(piece) = poll_fn(|cx| self.poll_source(cx)).await.transpose()?
        {
            self.front = piece;
        }
        Ok(self.front.is_empty())
    }

    pub(crate) fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, TransportError>>> {
        let next = match self.front.is_empty() {
            true => ready!(self.poll_source(cx)),
            false => Some(Ok(std::mem::take(&mut self.front))),
        };
        if let Some(Ok(chunk)) = &next {
            self.remaining = self.remaining.map(|left| left.saturating_sub(chunk.len() as u64));
        }
        Poll::Ready(next)
    }

    fn poll_source(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, TransportError>>> {
        match &mut self.source {
            BodySource::Whole(bytes) => {
                let whole = std::mem::take(bytes);
                Poll::Ready((!whole.is_empty()).then_some(Ok(whole)))
            }
            BodySource::Stream(stream) => loop {
                match ready!(stream.as_mut().poll_next(cx)) {
                    Some(Ok(chunk)) if chunk.is_empty() => {}
                    other => return Poll::Ready(other),
                }
            },
        }
    }
}

impl Stream for Body {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_chunk(cx)
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(bytes: T) -> Self {
        let bytes = bytes.into();
        Self { remaining: Some(bytes.len() as u64), front: Bytes::new(), source: BodySource::Whole(bytes) }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.remaining {
            Some(bytes) => write!(f, "Body({bytes} bytes)"),
            None => f.write_str("Body(stream)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Pieces(Vec<&'static [u8]>);

    impl Stream for Pieces {
        type Item = Result<Bytes, TransportError>;

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            let next = (!self.0.is_empty()).then(|| self.0.remove(0));
            Poll::Ready(next.map(|piece| Ok(Bytes::from_static(piece))))
        }
    }

    #[tokio::test]
    async fn collect_joins_the_pieces_and_stops_at_the_limit() {
        let body = || Body::stream(Pieces(vec![b"", b"ab", b"cd", b"", b"e"]), None);
        assert_eq!(body().collect(5).await.unwrap(), "abcde");
        for limit in 0..5 {
            assert!(body().collect(limit).await.unwrap_err().is_too_large(), "{limit}");
        }
        assert_eq!(Body::from("").collect(0).await.unwrap(), "");
        assert_eq!(Body::from("abc").collect(3).await.unwrap(), "abc");
        assert!(Body::from("abc").collect(2).await.unwrap_err().is_too_large());
        // A length that is announced is refused before it arrives.
        assert!(Body::stream(Pieces(vec![]), Some(9)).collect(8).await.unwrap_err().is_too_large());
    }

    #[tokio::test]
    async fn chunk_counts_down() {
        let mut body = Body::stream(Pieces(vec![b"ab", b"c"]), Some(3));
        assert_eq!(body.chunk().await.unwrap().unwrap(), "ab");
        assert_eq!(body.remaining(), Some(1));
        assert_eq!(body.chunk().await.unwrap().unwrap(), "c");
        assert!(body.chunk().await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_look_whether_it_is_empty_takes_nothing() {
        let mut body = Body::stream(Pieces(vec![b"", b"ab", b"c"]), Some(3));
        assert!(!body.is_empty().await.unwrap() && !body.is_empty().await.unwrap());
        assert_eq!(body.remaining(), Some(3));
        assert_eq!(body.chunk().await.unwrap().unwrap(), "ab");
        assert_eq!(body.collect(1).await.unwrap(), "c");
        assert!(Body::stream(Pieces(vec![b""]), None).is_empty().await.unwrap());
        assert!(Body::from("").is_empty().await.unwrap());
    }
}
