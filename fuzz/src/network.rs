//! A network in memory: a service that answers rightly, and an input that changes its answers on the way.

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use altinn_soap::testing::{Answer, ScriptedTransport, unpacked};
use altinn_soap::transport::{Body, BoxFuture, Request, Response, Transport, TransportError};
use altinn_soap::{Connection, Limits};
use bytes::Bytes;
use futures_core::Stream;
use soap_runtime::{Clock, Random as RandomOctets};

use crate::choices::Random;

/// Changes an answer.
pub(crate) type Edit = Box<dyn Fn(Origin, Answer) -> Answer + Send + Sync>;

/// Where an answer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The token service.
    Tokens,
    /// The service itself.
    Service,
}

struct Network {
    service: ScriptedTransport,
    edit: Edit,
    pieces: u64,
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network").finish_non_exhaustive()
    }
}

impl Transport for Network {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let Response { status, headers, body } = self.service.send(request).await?;
            let answer = Answer { status, headers, body: body.collect(usize::MAX).await? };
            let is_token = answer.body.windows(TOKEN.len()).any(|window| window == TOKEN);
            let origin = if is_token { Origin::Tokens } else { Origin::Service };
            let Answer { status, mut headers, body } = (self.edit)(origin, answer);
            let body = unpacked(&mut headers, in_pieces(body, self.pieces));
            Ok(Response { status, headers, body })
        })
    }
}

/// What only an answer of the token service holds.
const TOKEN: &[u8] = b"RequestSecurityTokenResponse";

/// A connection whose time and chance are the same in every run, and whose answers are edited.
pub(crate) fn connection(service: ScriptedTransport, pieces: u64, edit: Edit) -> Connection {
    client(Network { service, edit, pieces })
}

/// The same over another network.
pub(crate) fn client(network: impl Transport + 'static) -> Connection {
    Connection::builder("https://service.example")
        .transport(network)
        .clock(Time)
        .random(Counting::default())
        .limits(limits())
        .build()
        .unwrap_or_else(|error| panic!("{error}"))
}

/// Small enough that inputs of a few kilobytes reach them.
pub(crate) fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.reply_bytes = 256 << 10;
    limits.item_bytes = 16 << 10;
    limits.error_page_bytes = 1 << 10;
    limits.xml.depth = 48;
    limits.xml.declarations = 128;
    limits.xml.attributes = 128;
    limits.xml.memory = 1 << 20;
    limits.mtom.parts = 16;
    limits.mtom.part_header_bytes = 1 << 10;
    limits.mtom.around_bytes = 1 << 10;
    limits
}

/// A body in pieces: a whole one for the seed 0, and else ones of few octets, of some, or of any number.
fn in_pieces(body: Bytes, seed: u64) -> Body {
    if seed == 0 {
        return body.into();
    }
    let mut random = Random::new(seed);
    let most = [1, 2, 7, 64, 1024, body.len().max(1)][random.below(6)];
    // Single octets of a large body take long and show nothing new.
    let most = most.max(body.len() / 4096);
    Body::stream(Pieces { rest: body, random, most }, None)
}

struct Pieces {
    rest: Bytes,
    random: Random,
    most: usize,
}

impl Stream for Pieces {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let most = self.most;
        let length = (self.random.below(most) + 1).min(self.rest.len());
        Poll::Ready(Some(Ok(self.rest.split_to(length))))
    }
}

/// 2024-01-15T10:00:00Z, always.
#[derive(Debug)]
pub(crate) struct Time;

impl Clock for Time {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_705_312_800)
    }
}

/// Octets that count up.
#[derive(Debug, Default)]
struct Counting(AtomicU64);

impl RandomOctets for Counting {
    fn fill(&self, octets: &mut [u8]) -> std::io::Result<()> {
        for chunk in octets.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::Relaxed) + 1;
            chunk.copy_from_slice(&next.to_be_bytes()[8 - chunk.len()..]);
        }
        Ok(())
    }
}

/// Runs a future to its end. Pauses take no time.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap_or_else(|error| panic!("{error}"));
    }
    RUNTIME.with(|runtime| runtime.block_on(future))
}
