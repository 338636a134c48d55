//! Content that is sent with a request.

use std::fmt;
use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use tokio::io::AsyncRead;
use tokio_util::io::ReaderStream;

use crate::blocking;
use crate::error::Error;
use crate::stream::progress::Progress;
use crate::stream::source::{FilePieces, Pieces, SourceError, StreamPieces};
use crate::transport::{Phase, TransportError};
use crate::value::spill::Spilled;
use crate::value::{Binary, Storage};

/// Content to be sent, of any size.
///
/// ```
/// use soap_runtime::Upload;
///
/// # async fn example(socket: tokio::net::TcpStream) -> Result<(), soap_runtime::Error> {
/// let file = Upload::from_path("report.zip").await?;
/// let bytes = Upload::from_bytes("content");
/// let anything = Upload::from_reader(socket).length(4096);
/// let watched = file.on_progress(|bytes, total| println!("{bytes} of {total:?}"));
/// # Ok(())
/// # }
/// ```
///
/// A file and bytes can be sent again, which a call does if the service has said that it did not process the first
/// request. A reader or stream can be sent once; a call still tries again while nothing has been taken from it.
///
/// A service may refuse a request before it has read all of it, and that answer is the outcome of the call. One that
/// also closes the connection at once, without reading on for a moment, may lose its own response: the error is then of
/// kind `Transport`, with unknown delivery.
#[derive(Clone)]
pub struct Upload {
    source: UploadSource,
    length: Option<u64>,
    /// The limit that the caller has set, in bytes.
    limit: Option<u64>,
    progress: Progress,
}

#[derive(Clone)]
enum UploadSource {
    Bytes(Bytes),
    Path(PathBuf),
    /// Content of a reply that was spilled to disk.
    Spilled(Spilled),
    /// Taken when the first piece is polled.
    Once(Arc<Mutex<Option<Pieces>>>),
}

impl Upload {
    /// A file. It is opened when it is sent, and must not change meanwhile. A pipe or device is not taken, as it
    /// cannot be read again: see [`from_reader`](Self::from_reader).
    ///
    /// # Errors
    /// No file at this path, or one that can't be read.
    pub async fn from_path(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
        let looked = path.clone();
        let metadata = blocking::run(move || {
            let metadata = fs::metadata(&looked)?;
            // Opening a pipe would wait for its other end.
            if metadata.is_file() { fs::File::open(looked)?.metadata() } else { Ok(metadata) }
        });
        let metadata = metadata.await.map_err(|error| unreadable(error.into()))?;
        if metadata.is_dir() {
            return Err(Error::configuration("the upload's path is a folder"));
        }
        if !metadata.is_file() {
            let message = "the upload's path is no file but a pipe or device, which is read by Upload::from_reader";
            return Err(Error::configuration(message));
        }
        Ok(Self { length: Some(metadata.len()), ..Self::new(UploadSource::Path(path)) })
    }

    /// Bytes in memory: a `Vec<u8>`, a `String`, `Bytes`, or what is static.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self { length: Some(bytes.len() as u64), ..Self::new(UploadSource::Bytes(bytes)) }
    }

    /// Sends everything that a reader yields.
    pub fn from_reader(reader: impl AsyncRead + Send + 'static) -> Self {
        Self::once(Box::pin(StreamPieces(Box::pin(ReaderStream::with_capacity(reader, READER_PIECE)))))
    }

    /// Sends everything that a reader yields, such as a file that is already open or a compressor. It is read on a thread
    /// that may block.
    ///
    /// ```
    /// let upload = soap_runtime::Upload::from_read(&b"content"[..]).length(7);
    /// # drop(upload);
    /// ```
    pub fn from_read(reader: impl Read + Send + 'static) -> Self {
        Self::once(Box::pin(FilePieces::of(reader)))
    }

    /// Sends everything that a stream yields.
    pub fn from_stream<B, E>(stream: impl Stream<Item = Result<B, E>> + Send + 'static) -> Self
    where
        B: Into<Bytes> + 'static,
        E: Into<SourceError> + 'static,
    {
        Self::once(Box::pin(StreamPieces(Box::pin(stream))))
    }

    fn once(pieces: Pieces) -> Self {
        Self::new(UploadSource::Once(Arc::new(Mutex::new(Some(pieces)))))
    }

    fn new(source: UploadSource) -> Self {
        Self { source, length: None, limit: None, progress: Progress::default() }
    }

    /// States how many bytes a reader or stream yields. Another number is an error while it is sent.
    ///
    /// With a known length a request that is too large is refused before it is sent, and the service learns the
    /// length in advance.
    #[must_use]
    pub fn length(mut self, bytes: u64) -> Self {
        self.length = Some(bytes);
        self
    }

    /// Replaces the limit that the operation's documentation gives, in bytes.
    #[must_use]
    pub fn limit(mut self, bytes: u64) -> Self {
        self.limit = Some(bytes);
        self
    }

    /// Calls this after each piece that was handed to the network, with the bytes so far and those in all, if known. If
    /// the content is sent again, counting starts again.
    #[must_use]
    pub fn on_progress(mut self, callback: impl Fn(u64, Option<u64>) + Send + Sync + 'static) -> Self {
        self.progress = Progress::new(callback);
        self
    }

    /// Number of bytes, if known.
    pub fn len(&self) -> Option<u64> {
        self.length
    }

    /// Whether it is known to be empty.
    pub fn is_empty(&self) -> bool {
        self.length == Some(0)
    }

    /// Whether it can be sent from the start, once more if it has been sent already.
    pub fn can_restart(&self) -> bool {
        match &self.source {
            UploadSource::Bytes(_) | UploadSource::Path(_) | UploadSource::Spilled(_) => true,
            UploadSource::Once(pieces) => pieces.lock().unwrap_or_else(PoisonError::into_inner).is_some(),
        }
    }

    /// Whether its source can be read only once.
    pub(crate) fn is_one_shot(&self) -> bool {
        matches!(self.source, UploadSource::Once(_))
    }

    /// The content from the start. The source is not read before the first piece is polled.
    ///
    /// # Errors
    /// More bytes than the limit: the caller's, or else the operation's.
    pub(crate) fn open(&self, limit: Option<u64>) -> Result<UploadStream, Error> {
        let limit = self.limit.or(limit).unwrap_or(u64::MAX);
        if let Some(length) = self.length.filter(|length| *length > limit) {
            return Err(Error::malformed(format!(
                "the upload has {length} bytes, more than the {limit} that the operation takes (Upload::limit)"
            )));
        }
        Ok(UploadStream { upload: self.clone(), opened: None, sent: 0, limit, failed: false })
    }
}

impl<T: Into<Bytes>> From<T> for Upload {
    fn from(bytes: T) -> Self {
        let bytes = bytes.into();
        Self { length: Some(bytes.len() as u64), ..Self::new(UploadSource::Bytes(bytes)) }
    }
}

/// Sends content that has been received.
impl From<Binary> for Upload {
    fn from(content: Binary) -> Self {
        let length = Some(content.len());
        let source = match content.into_storage() {
            Storage::Memory(bytes) => UploadSource::Bytes(bytes),
            Storage::Disk(file) => UploadSource::Spilled(file),
        };
        Self { length, ..Self::new(source) }
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = match self.source {
            UploadSource::Bytes(_) => "bytes",
            UploadSource::Path(_) => "path",
            UploadSource::Spilled(_) => "disk",
            UploadSource::Once(_) => "stream",
        };
        f.debug_struct("Upload").field("source", &source).field("length", &self.length).finish_non_exhaustive()
    }
}

fn unreadable(error: SourceError) -> Error {
    Error::configuration("the upload's file cannot be read").with_source(error)
}

/// Bytes that are read from a reader at once.
const READER_PIECE: usize = 64 << 10;

/// The content while it is sent, checked against its stated length and limit.
pub(crate) struct UploadStream {
    upload: Upload,
    opened: Option<Pieces>,
    sent: u64,
    limit: u64,
    failed: bool,
}

/// Bytes in memory are handed on in pieces of this size, so that progress is reported in steps.
const PIECE: usize = 256 << 10;

/// Bytes in memory, as pieces.
struct BytesPieces(Bytes);

impl Stream for BytesPieces {
    type Item = Result<Bytes, SourceError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let len = self.0.len().min(PIECE);
        Poll::Ready((len > 0).then(|| Ok(self.0.split_to(len))))
    }
}

impl UploadStream {
    /// Number of bytes, if known.
    pub(crate) fn len(&self) -> Option<u64> {
        self.upload.length
    }

    fn pieces(&mut self) -> Result<&mut Pieces, TransportError> {
        if self.opened.is_none() {
            let pieces: Option<Pieces> = match &self.upload.source {
                UploadSource::Bytes(bytes) => Some(Box::pin(BytesPieces(bytes.clone()))),
                UploadSource::Path(path) => Some(Box::pin(FilePieces::open(path))),
                UploadSource::Spilled(file) => Some(Box::pin(FilePieces::spilled(file))),
                UploadSource::Once(pieces) => pieces.lock().unwrap_or_else(PoisonError::into_inner).take(),
            };
            self.opened = pieces;
        }
        self.opened.as_mut().ok_or_else(|| failed("the upload's source has been used already"))
    }

    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, TransportError>>> {
        let piece = match ready!(self.pieces()?.as_mut().poll_next(cx)) {
            Some(Ok(piece)) => piece,
            Some(Err(error)) => return Poll::Ready(Some(Err(failed("the upload's source failed").with_source(error)))),
            None if self.upload.length.is_some_and(|length| length != self.sent) => {
                return Poll::Ready(Some(Err(failed("the upload's source ended before the length that was given"))));
            }
            None => return Poll::Ready(None),
        };
        self.sent = self.sent.saturating_add(piece.len() as u64);
        if self.upload.length.is_some_and(|length| self.sent > length) {
            return Poll::Ready(Some(Err(failed(
                "the upload's source gives more bytes than the length that was given",
            ))));
        }
        if self.sent > self.limit {
            return Poll::Ready(Some(Err(failed("the upload is larger than the operation takes (Upload::limit)"))));
        }
        Poll::Ready(Some(Ok(piece)))
    }
}

impl Stream for UploadStream {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.failed {
            return Poll::Ready(None);
        }
        let piece = ready!(self.poll_piece(cx));
        match &piece {
            Some(Ok(_)) => self.upload.progress.report(self.sent, self.upload.length),
            Some(Err(_)) => self.failed = true,
            None => {}
        }
        Poll::Ready(piece)
    }
}

fn failed(what: &'static str) -> TransportError {
    TransportError::new(Phase::Send).because(what).by_the_source()
}
