//! What a call was: its span, and one event at its end. Neither holds content of messages.
//!
//! Names are those of OpenTelemetry's conventions for RPC (rpc.system, rpc.service, rpc.method), HTTP and errors, where they have
//! one.

use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::Uri;
use tracing::{Span, field};

use crate::client::port::Port;
use crate::client::settings::Settings;
use crate::error::Error;
use crate::schema::descriptor::Operation;
use crate::transport::{Body, TransportError};

/// Counts what a call does, and tells it when it is dropped: a call that is given up has an end too.
pub(super) struct Tally<'a> {
    settings: &'a Settings,
    operation: &'static Operation,
    span: Span,
    began: Duration,
    /// How often the message was sent.
    tries: u32,
    /// Octets of requests whose length was known, of others and of answers as far as they have been read.
    sent: u64,
    streamed: Arc<AtomicU64>,
    pub(super) received: u64,
    /// Of the latest answer.
    pub(super) status: Option<u16>,
    /// The kind of the error, or `ok`.
    outcome: Cow<'static, str>,
    delivery: Option<String>,
}

impl<'a> Tally<'a> {
    pub(super) fn begin(port: &'a Port, operation: &'static Operation) -> Self {
        let settings = port.connection.settings();
        let url = port.url.as_ref().ok();
        let span = tracing::info_span!(
            "soap.call",
            otel.kind = "client",
            otel.status_code = field::Empty,
            rpc.system = "soap",
            rpc.service = port.descriptor.service,
            rpc.method = operation.name,
            server.address = url.and_then(Uri::host),
            server.port = url.and_then(Uri::port_u16),
            http.response.status_code = field::Empty,
            "error.type" = field::Empty,
            soap.delivery = field::Empty,
        );
        let began = settings.clock.monotonic();
        let outcome = "given up".into();
        let streamed = Arc::default();
        let (tries, sent, received, status, delivery) = (0, 0, 0, None, None);
        Self { settings, operation, span, began, tries, sent, streamed, received, status, outcome, delivery }
    }

    pub(super) fn span(&self) -> Span {
        self.span.clone()
    }

    /// The message goes out, with this body.
    pub(super) fn sending(&mut self, body: Body) -> Body {
        self.tries += 1;
        match body.remaining() {
            Some(length) => {
                self.sent += length;
                body
            }
            None => Body::stream(Counted { body, octets: Arc::clone(&self.streamed) }, None),
        }
    }

    /// An answer has come.
    pub(super) fn answered(&mut self, status: u16) {
        self.status = Some(status);
        self.span.record("http.response.status_code", status);
    }

    /// The call has ended.
    pub(super) fn end<T>(&mut self, outcome: &Result<T, Error>) {
        let Err(error) = outcome else {
            self.outcome = "ok".into();
            return;
        };
        let (kind, delivery) = (format!("{:?}", error.kind()), format!("{:?}", error.delivery()));
        self.span.record("otel.status_code", "ERROR");
        self.span.record("error.type", &*kind);
        self.span.record("soap.delivery", &*delivery);
        (self.outcome, self.delivery) = (kind.into(), Some(delivery));
    }
}

impl Drop for Tally<'_> {
    fn drop(&mut self) {
        let took = self.settings.clock.monotonic().saturating_sub(self.began);
        let _entered = self.span.enter();
        tracing::info!(
            rpc.method = self.operation.name,
            outcome = &*self.outcome,
            soap.delivery = self.delivery,
            http.response.status_code = self.status,
            duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            http.request.body.size = self.sent + self.streamed.load(Ordering::Relaxed),
            http.response.body.size = self.received,
            soap.tries = self.tries,
            "call ended"
        );
    }
}

/// A body whose length is known when it has been read.
struct Counted {
    body: Body,
    octets: Arc<AtomicU64>,
}

impl Stream for Counted {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = self.body.poll_chunk(cx);
        if let Poll::Ready(Some(Ok(piece))) = &piece {
            self.octets.fetch_add(piece.len() as u64, Ordering::Relaxed);
        }
        piece
    }
}
