//! How long the body of an answer may take: a deadline while it is read for the caller, and a least rate once the caller
//! reads it as a stream.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::transport::body::Body;
use crate::transport::error::{Phase, TransportError};
use crate::transport::rate::Meter;

/// How long the body of an answer may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimeLimit {
    /// From now to its last octet, as long as it is not handed over.
    pub(crate) transfer_timeout: Duration,
    /// Octets in each minute of waiting for the network, from when it is handed over.
    pub(crate) minimum_rate: u64,
    /// The longest pause that counts as none.
    pub(crate) idle_timeout: Duration,
}

/// Hands a body over to the caller, who reads it as a stream and at his own pace.
#[derive(Debug, Default)]
pub(crate) struct Handover(Arc<State>);

#[derive(Debug, Default)]
struct State {
    handed_over: AtomicBool,
    /// Octets that have come.
    received: AtomicU64,
}

impl Handover {
    /// Octets of the body that have been received so far.
    pub(crate) fn received(&self) -> u64 {
        self.0.received.load(Ordering::Relaxed)
    }

    /// From now on the body has no deadline, but a least rate.
    pub(crate) fn hand_over(&self) {
        self.0.handed_over.store(true, Ordering::Release);
    }
}

impl TimeLimit {
    /// The body under this limit, whose time begins now.
    pub(crate) fn apply(&self, body: Body) -> (Body, Handover) {
        let length = body.remaining();
        let handover = Handover::default();
        let limited = Limited {
            body,
            deadline: Instant::now().checked_add(self.transfer_timeout),
            meter: Meter::new(self.minimum_rate, self.idle_timeout),
            state: Arc::clone(&handover.0),
            alarm: None,
            waiting: None,
        };
        (Body::stream(limited, length), handover)
    }
}

/// Time between two looks at a wait, and the most that one look counts: a reader who turns away for an hour while he
/// waits is not taken for a slow peer.
const LOOK: Duration = Duration::from_secs(1);

/// A body whose time is limited. What has arrived is always given: only a wait can end in an error.
struct Limited {
    body: Body,
    /// None if it is too far away to be told.
    deadline: Option<Instant>,
    meter: Meter,
    state: Arc<State>,
    /// Made by the first wait, as most bodies need none.
    alarm: Option<Pin<Box<Sleep>>>,
    /// When the wait was last looked at, after the body was handed over.
    waiting: Option<Instant>,
}

impl Limited {
    /// Waits for the deadline.
    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<TransportError> {
        let Some(deadline) = self.deadline else { return Poll::Pending };
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        alarm.as_mut().poll(cx).map(|()| {
            TransportError::timed_out(Phase::Body).because(
                "the whole reply took longer than its time (ConnectionBuilder::transfer_timeout): the peer sends it too slowly",
            )
        })
    }

    /// Waits for the end of a minute with too few octets.
    fn poll_rate(&mut self, cx: &mut Context<'_>) -> Poll<TransportError> {
        loop {
            let now = Instant::now();
            let waited = self.waiting.replace(now).map_or(Duration::ZERO, |since| (now - since).min(LOOK));
            self.meter.waited(waited);
            if self.meter.is_too_slow() {
                return Poll::Ready(too_slow(Phase::Body));
            }
            let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(now + LOOK)));
            if alarm.deadline() > now + LOOK {
                // That of the deadline.
                alarm.as_mut().reset(now + LOOK);
            }
            if alarm.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            alarm.as_mut().reset(Instant::now() + LOOK);
        }
    }
}

/// The error of a body that moves more slowly than the least rate.
pub(super) fn too_slow(phase: Phase) -> TransportError {
    let what = match phase {
        Phase::Body => "the answer comes more slowly than the least rate (ConnectionBuilder::minimum_rate)",
        _ => "the peer takes the request more slowly than the least rate (ConnectionBuilder::minimum_rate)",
    };
    TransportError::timed_out(phase).because(what)
}

impl Stream for Limited {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let next = this.body.poll_chunk(cx);
        let handed_over = this.state.handed_over.load(Ordering::Acquire);
        if let Poll::Ready(Some(Ok(piece))) = &next {
            this.state.received.fetch_add(piece.len() as u64, Ordering::Relaxed);
        }
        if next.is_pending() {
            let error = if handed_over { this.poll_rate(cx) } else { this.poll_deadline(cx) };
            return error.map(|error| Some(Err(error)));
        }
        if handed_over {
            if let Poll::Ready(Some(Ok(piece))) = &next {
                this.meter.moved(piece.len());
            }
            if let Some(since) = this.waiting.take() {
                // Too few octets are an error of the next wait, as these have come.
                this.meter.waited(since.elapsed().min(LOOK));
            }
        }
        next
    }
}
