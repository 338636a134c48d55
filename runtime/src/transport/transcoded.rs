//! Converts a body to UTF-8 while it arrives.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use crate::transport::{Body, TransportError};
use crate::xml::encoding::Transcoder;

/// The body in UTF-8 without a byte order mark. Its charset is that of `Content-Type`.
pub(crate) fn transcoded(body: Body, charset: Option<&str>) -> Body {
    // The length of most, which are UTF-8, and a hint for the others.
    let length = body.remaining();
    Body::stream(Transcoded { body, transcoder: Some(Transcoder::new(charset)) }, length)
}

struct Transcoded {
    body: Body,
    /// None after the end.
    transcoder: Option<Transcoder>,
}

impl Stream for Transcoded {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let Some(transcoder) = &mut this.transcoder else { return Poll::Ready(None) };
        let text = match ready!(this.body.poll_chunk(cx)) {
            Some(Ok(piece)) => transcoder.feed(piece),
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            None => {
                let rest = transcoder.finish();
                this.transcoder = None;
                rest
            }
        };
        Poll::Ready(Some(text.map_err(TransportError::undecodable)))
    }
}
