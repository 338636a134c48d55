//! `Content-Encoding`: which codings a body has, and the removal of gzip.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use async_compression::tokio::bufread::GzipDecoder;
use bytes::Bytes;
use futures_core::Stream;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};
use tokio::io::AsyncBufRead as _;
use tokio_util::io::{ReaderStream, StreamReader};

use crate::transport::body::Body;
use crate::transport::error::{Phase, TransportError};

/// The codings that the headers name, without `identity` and empty names, which change nothing.
pub(crate) fn codings(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(CONTENT_ENCODING).iter();
    let names = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    names
        .map(|name| String::from_utf8_lossy(name).trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty() && name != "identity")
        .collect()
}

/// Decompresses the body if its coding is gzip, and removes the header. Other codings are left.
pub(crate) fn unpacked(headers: &mut HeaderMap, body: Body) -> Body {
    match &*codings(headers) {
        [coding] if coding == "gzip" || coding == "x-gzip" => {
            headers.remove(CONTENT_ENCODING);
            headers.remove(CONTENT_LENGTH);
            Body::stream(Gunzip::Packed(StreamReader::new(Packed(body))), None)
        }
        _ => body,
    }
}

/// Bytes that are unpacked at once.
const PIECE: usize = 32 << 10;

/// The content of a gzip body. An empty body has no content; a body that was cut off is an error.
enum Gunzip {
    /// Nothing has been read yet.
    Packed(StreamReader<Packed, Bytes>),
    Unpacking(ReaderStream<GzipDecoder<StreamReader<Packed, Bytes>>>),
    Done,
}

/// A body whose errors can pass through a reader.
struct Packed(Body);

impl Stream for Packed {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        self.0.poll_chunk(cx).map_err(io::Error::other)
    }
}

impl Stream for Gunzip {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match &mut *self {
                Self::Packed(packed) => {
                    let is_empty = match ready!(Pin::new(packed).poll_fill_buf(cx)) {
                        Ok(start) => start.is_empty(),
                        Err(error) => return Poll::Ready(Some(Err(failed(error)))),
                    };
                    let Self::Packed(packed) = std::mem::replace(&mut *self, Self::Done) else { continue };
                    if !is_empty {
                        let mut decoder = GzipDecoder::new(packed);
                        // The file may have several members (RFC 1952); this also reads the body to its end.
                        decoder.multiple_members(true);
                        *self = Self::Unpacking(ReaderStream::with_capacity(decoder, PIECE));
                    }
                }
                Self::Unpacking(pieces) => {
                    return Pin::new(pieces).poll_next(cx).map(|piece| piece.map(|piece| piece.map_err(failed)));
                }
                Self::Done => return Poll::Ready(None),
            }
        }
    }
}

/// The error of the body below, or else what is wrong with its content.
fn failed(error: io::Error) -> TransportError {
    match error.downcast::<TransportError>() {
        Ok(error) => error,
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            TransportError::new(Phase::Body).with_source(error)
        }
        Err(error) => TransportError::new(Phase::Body).because("the message is not valid gzip").with_source(error),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn codings_that_change_nothing_are_none() {
        for (values, expected) in [
            (vec![""], vec![]),
            (vec!["identity"], vec![]),
            (vec!["Identity", " , identity"], vec![]),
            (vec!["GZIP"], vec!["gzip"]),
            (vec!["identity, x-gzip"], vec!["x-gzip"]),
            (vec!["gzip", "br"], vec!["gzip", "br"]),
        ] {
            let mut headers = HeaderMap::new();
            for value in &values {
                headers.append(CONTENT_ENCODING, HeaderValue::from_static(value));
            }
            assert_eq!(codings(&headers), expected, "{values:?}");
        }
    }
}
