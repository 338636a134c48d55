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
use crate::transport::rate::Meter;
use crate::transport::time_limit::too_slow;

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
    /// Finds a peer that takes little at a time, and so never pauses for long.
    meter: Meter,
    /// When the connection took a piece, until it asks for the next.
    taken: Option<Instant>,
}

impl Outgoing {
    pub(super) fn new(body: Body, progress: Arc<Progress>, meter: Meter) -> Self {
        Self { remaining: body.remaining(), body: Mutex::new(body), piece: Bytes::new(), progress, meter, taken: None }
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
        // The time that the source takes is not the network's.
        if let Some(taken) = this.taken.take() {
            this.meter.waited(taken.elapsed());
            if this.meter.is_too_slow() {
                return Poll::Ready(Some(Err(too_slow(super::Phase::Send))));
            }
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
        this.meter.moved(piece.len());
        this.taken = Some(Instant::now());
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
    use std::task::Waker;

    use http_body::Body as _;
    use tokio::time::advance;

    use super::*;

    fn outgoing(body: Body, progress: &Arc<Progress>) -> Outgoing {
        Outgoing::new(body, Arc::clone(progress), Meter::new(600, Duration::from_secs(1)))
    }

    async fn next(body: &mut Outgoing) -> Option<Result<usize, TransportError>> {
        let frame = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await?;
        Some(frame.map(|frame| frame.into_data().unwrap().len()))
    }

    #[tokio::test]
    async fn a_body_goes_out_in_pieces_and_says_when_the_last_is_taken() {
        let progress = Arc::new(Progress::new());
        let mut body = outgoing(vec![0; PIECE + 1].into(), &progress);
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
        let mut body = outgoing("message".into(), &progress);
        assert_eq!(progress.abandon(), Stage::Waiting);
        assert!(next(&mut body).await.unwrap().is_err());
        assert_eq!(progress.stage(), Stage::Abandoned);
    }

    /// Gives 100 bytes whenever it is asked a second time.
    struct Slow {
        asked: bool,
    }

    impl Stream for Slow {
        type Item = Result<Bytes, TransportError>;

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            self.asked = !self.asked;
            if self.asked { Poll::Pending } else { Poll::Ready(Some(Ok(Bytes::from_static(&[0; 100])))) }
        }
    }

    fn poll(body: &mut Outgoing) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        Pin::new(body).poll_frame(&mut Context::from_waker(Waker::noop()))
    }

    const HOUR: Duration = Duration::from_secs(3600);

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_takes_little_at_a_time_is_given_up() {
        let mut body = outgoing(Body::stream(Slow { asked: false }, None), &Arc::new(Progress::new()));
        let mut take = || match poll(&mut body) {
            Poll::Pending => poll(&mut body),
            ready => ready,
        };
        advance(HOUR).await; // The time before the first piece is the connect time-out's.
        for _ in 0..60 {
            assert!(matches!(take(), Poll::Ready(Some(Ok(_)))));
            advance(Duration::from_secs(10)).await; // 600 bytes a minute.
        }
        let mut taken = 0;
        let error = loop {
            match take() {
                Poll::Ready(Some(Err(error))) => break error,
                _ => taken += 1,
            }
            advance(Duration::from_secs(11)).await;
        };
        assert!(taken <= 12, "{taken}");
        assert!(error.is_timeout() && error.to_string().contains("minimum_rate"), "{error}");
        assert_eq!(error.phase(), crate::transport::Phase::Send);
    }

    #[tokio::test(start_paused = true)]
    async fn a_source_may_take_its_time() {
        let mut body = outgoing(Body::stream(Slow { asked: false }, None), &Arc::new(Progress::new()));
        for _ in 0..10 {
            assert!(poll(&mut body).is_pending());
            advance(HOUR).await;
            assert!(matches!(poll(&mut body), Poll::Ready(Some(Ok(_)))));
        }
    }
}
