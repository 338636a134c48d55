//! Content that is received with a reply.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::time::{Sleep, sleep};

use crate::error::{Delivery, Error, ErrorKind};
use crate::mtom::package::{DRAIN_TIMEOUT, Package};
use crate::stream::progress::Progress;
use crate::stream::save;
use crate::stream::source::FilePieces;
use crate::value::spill;
use crate::value::{self, Binary};

/// Content of any size that is being received from the service.
///
/// It ends only after the closing boundary of the message, so content that was cut off is an error and never looks
/// complete. Dropping it ends the exchange. It is a [`Stream`] of [`Bytes`] and an [`AsyncRead`].
///
/// ```no_run
/// # async fn example(download: soap_runtime::Download) -> Result<(), soap_runtime::Error> {
/// let bytes = download.on_progress(|bytes, total| println!("{bytes} of {total:?}")).save_to("report.zip").await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "the content has not been read"]
pub struct Download {
    content: DownloadState,
    received: u64,
    total: Option<u64>,
    progress: Progress,
    operation: Option<&'static str>,
    /// The part of the last piece that a reader has not taken yet.
    piece: Bytes,
}

enum DownloadState {
    Whole(Received),
    /// The content received so far, then the rest of the part.
    Package(Received, Box<Package>),
    /// Complete. The rest of the body is read so that the connection can be reused.
    Complete(Box<Package>, Pin<Box<Sleep>>),
    Done,
    Failed,
}

/// Content that has been received.
enum Received {
    Nothing,
    Memory(Bytes),
    Disk(FilePieces),
}

impl From<Binary> for Received {
    fn from(content: Binary) -> Self {
        match content.into_storage() {
            value::Storage::Memory(bytes) if bytes.is_empty() => Self::Nothing,
            value::Storage::Memory(bytes) => Self::Memory(bytes),
            value::Storage::Disk(file) => Self::Disk(FilePieces::spilled(&file)),
        }
    }
}

impl Received {
    /// The next piece, and `None` when there is nothing left.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Error>> {
        match self {
            Self::Nothing => Poll::Ready(Ok(None)),
            Self::Memory(bytes) => {
                let bytes = std::mem::take(bytes);
                *self = Self::Nothing;
                Poll::Ready(Ok(Some(bytes)))
            }
            Self::Disk(pieces) => {
                let next = Pin::new(pieces).poll_next(cx);
                next.map(|piece| piece.transpose().map_err(|error| spill::failed(io::Error::other(error))))
            }
        }
    }
}

impl Download {
    /// The current part of the package, or the content of a part that came before the envelope.
    pub(crate) fn part(package: Package, held: Option<Binary>) -> Self {
        let total = held.as_ref().map_or_else(|| package.expected(), |held| Some(held.len()));
        Self::new(total, DownloadState::Package(held.unwrap_or_default().into(), Box::new(package)))
    }

    fn new(total: Option<u64>, content: DownloadState) -> Self {
        Self { content, received: 0, total, progress: Progress::default(), operation: None, piece: Bytes::new() }
    }

    pub(crate) fn of(mut self, operation: &'static str) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Calls this after each piece, with the bytes so far and, if the service announced a length, those in all.
    pub fn on_progress(mut self, callback: impl Fn(u64, Option<u64>) + Send + Sync + 'static) -> Self {
        self.progress = Progress::new(callback);
        self
    }

    /// Number of bytes, if the service announced the length of its message. For progress bars: it is computed from that
    /// length, and may be a few bytes too many if the service frames its messages in an unusual way.
    pub fn expected_len(&self) -> Option<u64> {
        self.total
    }

    /// Bytes that have come so far.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// The next piece, or `None` at the end. Cancel safe.
    ///
    /// # Errors
    /// A connection that breaks or stalls, and a message that ends too early.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        if !self.piece.is_empty() {
            return Ok(Some(std::mem::take(&mut self.piece)));
        }
        poll_fn(|cx| self.poll_chunk(cx)).await.transpose()
    }

    /// All of it in memory, up to a number of bytes.
    ///
    /// # Errors
    /// As [`chunk`](Self::chunk), and more bytes than the limit.
    pub async fn collect(mut self, limit: usize) -> Result<Bytes, Error> {
        let Some(first) = self.chunk().await? else { return Ok(Bytes::new()) };
        let mut all = Vec::new();
        let mut next = Some(first);
        while let Some(piece) = next {
            if piece.len() > limit - all.len() {
                return Err(self.failed(Error::new(
                    ErrorKind::Configuration,
                    format!("the download is larger than the limit of {limit} bytes"),
                )));
            }
            next = self.chunk().await?;
            if next.is_none() && all.is_empty() {
                return Ok(piece);
            }
            all.extend_from_slice(&piece);
        }
        Ok(all.into())
    }

    /// Writes all of it and returns the number of bytes. The writer is flushed, not closed.
    ///
    /// # Errors
    /// As [`chunk`](Self::chunk), and a writer that fails.
    pub async fn copy_to(mut self, writer: &mut (impl AsyncWrite + Unpin + ?Sized)) -> Result<u64, Error> {
        while let Some(piece) = self.chunk().await? {
            writer.write_all(&piece).await.map_err(|error| self.not_written(error))?;
        }
        writer.flush().await.map_err(|error| self.not_written(error))?;
        Ok(self.received)
    }

    /// Writes it to a file and returns the number of bytes.
    ///
    /// The file appears when it is complete and on the disk: until then its content is in a temporary file beside it,
    /// which is removed on an error and when the future is dropped. A file that was there before is replaced.
    ///
    /// # Errors
    /// As [`chunk`](Self::chunk), and a file that can't be written.
    pub async fn save_to(mut self, path: impl AsRef<Path>) -> Result<u64, Error> {
        save::save(&mut self, path.as_ref()).await
    }

    pub(super) fn not_written(&self, error: io::Error) -> Error {
        self.failed(Error::configuration("the download cannot be written to its destination").with_source(error))
    }

    /// The service has answered; only the rest of its response is missing.
    fn failed(&self, error: Error) -> Error {
        let error = error.delivered(Delivery::Answered);
        match self.operation {
            Some(operation) => error.in_operation(operation),
            None => error,
        }
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        let next = ready!(self.poll_content(cx));
        match &next {
            Ok(Some(piece)) => {
                self.received += piece.len() as u64;
                self.progress.report(self.received, self.total);
            }
            Ok(None) => {}
            Err(_) => self.content = DownloadState::Failed,
        }
        Poll::Ready(next.map_err(|error| self.failed(error)).transpose())
    }

    fn poll_content(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Error>> {
        if let DownloadState::Whole(held) | DownloadState::Package(held, _) = &mut self.content
            && let Some(piece) = ready!(held.poll(cx))?
        {
            return Poll::Ready(Ok(Some(piece)));
        }
        loop {
            match &mut self.content {
                DownloadState::Package(_, package) => {
                    let piece = ready!(package.poll_stream(cx))?;
                    if piece.is_some() {
                        return Poll::Ready(Ok(piece));
                    }
                    if let DownloadState::Package(_, package) =
                        std::mem::replace(&mut self.content, DownloadState::Done)
                    {
                        self.content = DownloadState::Complete(package, Box::pin(sleep(DRAIN_TIMEOUT)));
                    }
                }
                DownloadState::Complete(package, deadline) => {
                    if package.poll_drain(cx).is_pending() {
                        ready!(deadline.as_mut().poll(cx));
                    }
                    self.content = DownloadState::Done;
                }
                DownloadState::Whole(_) | DownloadState::Done => return Poll::Ready(Ok(None)),
                DownloadState::Failed => {
                    return Poll::Ready(Err(Error::new(ErrorKind::Transport, "the download has failed before")));
                }
            }
        }
    }
}

/// Content that has been read already, as a stream.
impl From<Binary> for Download {
    fn from(content: Binary) -> Self {
        Self::new(Some(content.len()), DownloadState::Whole(content.into()))
    }
}

impl Stream for Download {
    type Item = Result<Bytes, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if !this.piece.is_empty() {
            return Poll::Ready(Some(Ok(std::mem::take(&mut this.piece))));
        }
        this.poll_chunk(cx)
    }
}

impl AsyncRead for Download {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.piece.is_empty() {
            match ready!(this.poll_chunk(cx)) {
                Some(Ok(piece)) => this.piece = piece,
                Some(Err(error)) => return Poll::Ready(Err(io::Error::other(error))),
                None => return Poll::Ready(Ok(())),
            }
        }
        let taken = this.piece.split_to(this.piece.len().min(buffer.remaining()));
        buffer.put_slice(&taken);
        Poll::Ready(Ok(()))
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("received", &self.received)
            .field("expected_len", &self.total)
            .finish_non_exhaustive()
    }
}
