//! Where the bytes of an upload come from, as a stream of pieces.

use std::error::Error as StdError;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::value::spill::Spilled;

/// The error of a source.
pub(super) type SourceError = Box<dyn StdError + Send + Sync>;

/// Pieces of a source, in order.
pub(super) type Pieces = Pin<Box<dyn Stream<Item = Result<Bytes, SourceError>> + Send>>;

/// Bytes that are read from a file at once. Two such pieces are in memory: one that is sent, one that is read.
const FILE_PIECE: usize = 256 << 10;

/// A file, read ahead by one piece on a blocking thread. It is opened when the first piece is polled.
pub(super) enum FilePieces {
    Closed(Box<dyn FnOnce() -> io::Result<Box<dyn Read + Send>> + Send>),
    Reading(JoinHandle<Piece>),
    Done,
}

type Piece = io::Result<(Box<dyn Read + Send>, Bytes)>;

impl FilePieces {
    /// Opens the file when the first piece is polled.
    pub(super) fn open(path: &Path) -> Self {
        let path = path.to_owned();
        Self::Closed(Box::new(|| Ok(Box::new(File::open(path)?))))
    }

    /// Content of a reply that was spilled to disk.
    pub(super) fn spilled(content: &Spilled) -> Self {
        Self::of(content.reader())
    }

    /// What a reader yields.
    pub(super) fn of(reader: impl Read + Send + 'static) -> Self {
        Self::Closed(Box::new(|| Ok(Box::new(reader))))
    }
}

fn read_piece(mut file: Box<dyn Read + Send>) -> Piece {
    let mut piece = Vec::with_capacity(FILE_PIECE);
    file.by_ref().take(FILE_PIECE as u64).read_to_end(&mut piece)?;
    Ok((file, piece.into()))
}

impl Stream for FilePieces {
    type Item = Result<Bytes, SourceError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut reading = match std::mem::replace(&mut *self, Self::Done) {
            Self::Closed(open) => spawn_blocking(move || read_piece(open()?)),
            Self::Reading(reading) => reading,
            Self::Done => return Poll::Ready(None),
        };
        match Pin::new(&mut reading).poll(cx) {
            Poll::Pending => {
                *self = Self::Reading(reading);
                Poll::Pending
            }
            Poll::Ready(Ok(Ok((_, piece)))) if piece.is_empty() => Poll::Ready(None),
            Poll::Ready(Ok(Ok((file, piece)))) => {
                *self = Self::Reading(spawn_blocking(move || read_piece(file)));
                Poll::Ready(Some(Ok(piece)))
            }
            Poll::Ready(Ok(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(Err(error)) => Poll::Ready(Some(Err(error.into()))),
        }
    }
}

/// A caller's stream, with its pieces and errors converted.
pub(super) struct StreamPieces<S>(pub(super) S);

impl<S, B, E> Stream for StreamPieces<S>
where
    S: Stream<Item = Result<B, E>> + Unpin,
    B: Into<Bytes>,
    E: Into<SourceError>,
{
    type Item = Result<Bytes, SourceError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(Pin::new(&mut self.0).poll_next(cx));
        Poll::Ready(next.map(|piece| piece.map(Into::into).map_err(Into::into)))
    }
}
