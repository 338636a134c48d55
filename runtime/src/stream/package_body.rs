//! The body of a message that is a package: the envelope and the parts in memory, then the upload.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

use crate::mtom::write::OutgoingPackage;
use crate::stream::UploadStream;
use crate::transport::{Body, TransportError};

/// The pieces of a package, one after the other.
struct Pieces {
    head: VecDeque<Bytes>,
    upload: Option<UploadStream>,
    tail: Option<Bytes>,
}

/// The body of a package, with the upload that its envelope refers to.
pub(crate) fn package_body(package: OutgoingPackage, upload: Option<UploadStream>) -> Body {
    let length = match &upload {
        Some(upload) => upload.len().and_then(|length| length.checked_add(package.len())),
        None => Some(package.len()),
    };
    Body::stream(Pieces { head: package.head.into(), upload, tail: package.tail }, length)
}

impl Stream for Pieces {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(piece) = self.head.pop_front() {
            return Poll::Ready(Some(Ok(piece)));
        }
        if let Some(upload) = &mut self.upload {
            match Pin::new(upload).poll_next(cx) {
                Poll::Ready(None) => self.upload = None,
                Poll::Ready(Some(Err(error))) => {
                    // Without the closing boundary, a receiver cannot mistake it for the complete message.
                    self.tail = None;
                    return Poll::Ready(Some(Err(error)));
                }
                other => return other,
            }
        }
        Poll::Ready(self.tail.take().map(Ok))
    }
}
