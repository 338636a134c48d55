//! How far a request has been sent, measured by the pieces of its body that the connection has taken.
//!
//! hyper takes the first piece of a body when the connection is established and the head is about to be written. So an
//! untouched body proves that nothing was sent, and the last piece starts the wait for the answer. The waiting task is
//! not woken for each piece: when its timer ends, it looks at the time of the last piece and waits on if that is
//! recent.

use std::pin::Pin;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Frame, SizeHint};
use tokio::time::Instant;

use crate::transport::body::Body;
use crate::transport::error::TransportError;

/// Bytes handed over at once, so that the pace of the network shows in the pace of the pieces.
const PIECE: usize = 64 << 10;

/// How far a request has been sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing was sent.
    Waiting,
    /// Some of it was.
    Sending,
    /// All of it was handed to the connection.
    Sent,
    /// Nothing was sent, and nothing will be.
    Abandoned,
    /// Some of it was, and the network would take more than there is: its source is slow.
    Starved,
}

const STAGES: [Stage; 5] = [Stage::Waiting, Stage::Sending, Stage::Sent, Stage::Abandoned, Stage::Starved];

/// Shared by the body and the task that waits for the answer.
#[derive(Debug)]
pub(super) struct Progress {
    stage: AtomicU8,
    began: Instant,
    /// Nanoseconds from then to the last step.
    moved: AtomicU64,
}

impl Progress {
    /// Of a request that begins now.
    pub(super) fn new() -> Self {
        Self { stage: AtomicU8::new(Stage::Waiting as u8), began: Instant::now(), moved: AtomicU64::new(0) }
    }

    pub(super) fn stage(&self) -> Stage {
        STAGES[usize::from(self.stage.load(Ordering::Acquire))]
    }

    /// When the last piece was taken; at first, when it began.
    pub(super) fn moved(&self) -> Instant {
        self.began + Duration::from_nanos(self.moved.load(Ordering::Acquire))
    }

    /// Ends it if nothing was sent yet, and says how far it was.
    ///
    /// Decided in one step with the connection's first look at the body: no request is reported as not
    /// sent and then sent all the same.
    pub(super) fn abandon(&self) -> Stage {
        let (from, to) = (Stage::Waiting as u8, Stage::Abandoned as u8);
        match self.stage.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire) {
            Ok(stage) | Err(stage) => STAGES[usize::from(stage)],
        }
    }

    /// Ends it, however far it is, unless all of it is sent: the rest is not needed.
    pub(super) fn stop(&self) {
        let unsent = |stage| (stage != Stage::Sent as u8).then_some(Stage::Abandoned as u8);
        // A failed exchange means that all of it had been sent.
        let _ = self.stage.fetch_update(Ordering::AcqRel, Ordering::Acquire, unsent);
    }

    /// False if it was abandoned.
    fn start(&self) -> bool {
        let (from, to) = (Stage::Waiting as u8, Stage::Sending as u8);
        match self.stage.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => true,
            Err(stage) => stage != Stage::Abandoned as u8,
        }
    }

    /// Stays abandoned if it is.
    fn step(&self, stage: Stage) {
        let moved = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        // Before the stage, so that a new stage is never seen with an old time.
        self.moved.store(moved, Ordering::Release);
        let going_on = |now| (now != Stage::Abandoned as u8).then_some(stage as u8);
        let _ = self.stage.fetch_update(Ordering::AcqRel, Ordering::Acquire, going_on);
    }
}

/// A request body that reports its progress.
pub(super) struct Outgoing {
    /// Never locked, only used by `get_mut`. It makes a stream that is only `Send` also `Sync`.
    body: Mutex<Body>,
    piece: Bytes,
    remaining: Option<u64>,
    progress: Arc<Progress>,
}

impl Outgoing {
    pub(super) fn new(body: Body, progress: Arc<Progress>) -> Self {
        Self { remaining: body.remaining(), body: Mutex::new(body), piece: Bytes::new(), progress }
    }
}

impl http_body::Body for Outgoing {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        let this = &mut *self;
        if !this.progress.start() {
            return Poll::Ready(Some(Err(TransportError::timed_out(super::Phase::Connect))));
        }
        if this.piece.is_empty() {
            let body = this.body.get_mut().unwrap_or_else(PoisonError::into_inner);
            match Pin::new(body).poll_next(cx) {
                Poll::Ready(Some(Ok(piece))) => this.piece = piece,
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(None) => {
                    this.progress.step(Stage::Sent);
                    return Poll::Ready(None);
                }
                Poll::Pending => {
                    this.progress.step(Stage::Starved);
                    return Poll::Pending;
                }
            }
        }
        let piece = this.piece.split_to(this.piece.len().min(PIECE));
        this.remaining = this.remaining.map(|left| left.saturating_sub(piece.len() as u64));
        // If the length is known, hyper does not ask for the end.
        this.progress.step(if this.remaining == Some(0) { Stage::Sent } else { Stage::Sending });
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.remaining == Some(0) && self.piece.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.remaining.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use http_body::Body as _;

    use super::*;

    async fn next(body: &mut Outgoing) -> Option<Result<usize, TransportError>> {
        let frame = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await?;
        Some(frame.map(|frame| frame.into_data().unwrap().len()))
    }

    #[tokio::test]
    async fn a_body_goes_out_in_pieces_and_says_when_the_last_is_taken() {
        let progress = Arc::new(Progress::new());
        let mut body = Outgoing::new(vec![0; PIECE + 1].into(), Arc::clone(&progress));
        assert_eq!(progress.stage(), Stage::Waiting);
        assert_eq!(next(&mut body).await.unwrap().unwrap(), PIECE);
        assert_eq!(progress.stage(), Stage::Sending);
        assert!(!body.is_end_stream());
        assert_eq!(next(&mut body).await.unwrap().unwrap(), 1);
        assert_eq!(progress.stage(), Stage::Sent);
        assert!(body.is_end_stream());
        assert!(next(&mut body).await.is_none());
        assert_eq!(progress.abandon(), Stage::Sent);
    }

    #[tokio::test]
    async fn what_is_abandoned_is_never_sent() {
        let progress = Arc::new(Progress::new());
        let mut body = Outgoing::new("message".into(), Arc::clone(&progress));
        assert_eq!(progress.abandon(), Stage::Waiting);
        assert!(next(&mut body).await.unwrap().is_err());
        assert_eq!(progress.stage(), Stage::Abandoned);
    }
}
