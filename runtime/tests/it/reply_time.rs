//! The time that a reply may take: a deadline for what the call reads, and a least rate for what the caller reads. No test
//! waits: the clock is tokio's and runs ahead.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::support::contract::{Client, envelope, fault};
use crate::support::files::{Echo, Files, NS, PACKAGE, download_reply, download_request, include, package};
use crate::support::{credentials, greeting, secured};
use bytes::Bytes;
use futures_core::Stream;
use soap_runtime::testing::ScriptedTransport;
use soap_runtime::transport::{Body, BoxFuture, Request, Response, Transport, TransportError};
use soap_runtime::{
    Connection, ConnectionBuilder, Delivery, Download, Error, ErrorKind, Items, MINIMUM_RATE, TRANSFER_TIME,
};
use tokio::time::{Instant, Sleep, sleep};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// Half of the idle time-out.
const HALF_A_MINUTE: Duration = Duration::from_secs(30);

/// The default reply time-out of an operation.
const REPLY_TIMEOUT: Duration = Duration::from_secs(100);

/// How the body of an answer comes: a beginning at once, then so many bytes after each pause.
#[derive(Clone, Copy, Debug)]
struct Pace {
    at_once: usize,
    bytes: usize,
    pause: Duration,
}

const DRIP: Pace = Pace { at_once: 0, bytes: 1, pause: HALF_A_MINUTE };

/// Gives one answer of a network, or all of them, at a pace.
#[derive(Debug)]
struct Slowly {
    inner: Arc<dyn Transport>,
    pace: Pace,
    /// None are all.
    answer: Option<usize>,
    requests: AtomicUsize,
}

impl Transport for Slowly {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            let mut response = self.inner.send(request).await?;
            if self.answer.is_none_or(|answer| answer == number) {
                let rest = response.body.collect(usize::MAX).await?;
                let Pace { at_once, bytes, pause } = self.pace;
                let slow = Slow { rest, next: at_once, bytes, pause, wait: None };
                response.body = Body::stream(slow, None);
            }
            Ok(response)
        })
    }
}

struct Slow {
    rest: Bytes,
    next: usize,
    bytes: usize,
    pause: Duration,
    wait: Option<Pin<Box<Sleep>>>,
}

impl Stream for Slow {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.rest.is_empty() {
            return Poll::Ready(None);
        }
        if this.next == 0 {
            let wait = this.wait.get_or_insert_with(|| Box::pin(sleep(this.pause)));
            ready!(wait.as_mut().poll(cx));
            (this.wait, this.next) = (None, this.bytes);
        }
        let next = std::mem::take(&mut this.next).min(this.rest.len());
        Poll::Ready(Some(Ok(this.rest.split_to(next))))
    }
}

fn slowly(pace: Pace, answer: Option<usize>) -> impl FnOnce(Arc<dyn Transport>) -> Arc<dyn Transport> + Send {
    move |inner| Arc::new(Slowly { inner, pace, answer, requests: AtomicUsize::new(0) })
}

fn to(content_type: &str, status: u16, body: impl Into<Bytes>, pace: Pace) -> ConnectionBuilder {
    let network = ScriptedTransport::new().respond(status, content_type, body);
    Connection::builder("https://localhost").transport(network).layer(slowly(pace, None))
}

/// What comes of it, and after which time.
async fn timed<T>(future: impl Future<Output = T>) -> (T, Duration) {
    let start = Instant::now();
    (future.await, start.elapsed())
}

#[track_caller]
fn assert_ends<T>((outcome, after): (Result<T, Error>, Duration), expected: Duration) {
    let Err(error) = outcome else { panic!("it was read after {after:?}") };
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, Delivery::Unknown), "{error}");
    assert!(error.to_string().contains("ConnectionBuilder::transfer_timeout"), "{error}");
    assert!(after >= expected && after < expected + SECOND, "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn a_whole_reply_has_a_deadline() {
    type Change = fn(ConnectionBuilder) -> ConnectionBuilder;
    let cases: [(Change, Duration); 3] = [
        (|builder| builder, REPLY_TIMEOUT + TRANSFER_TIME),
        (|builder| builder.reply_timeout(3 * SECOND), 3 * SECOND + TRANSFER_TIME),
        (|builder| builder.reply_timeout(HOUR).transfer_timeout(2 * SECOND), 2 * SECOND),
    ];
    for (change, expected) in cases {
        let connection = change(to("text/xml", 200, greeting("Hei"), DRIP)).build().unwrap();
        assert_ends(timed(Client::new(&connection, credentials()).greet("Kari")).await, expected);
    }
    let connection = to("text/xml", 200, greeting("Hei"), DRIP).build().unwrap().with_reply_timeout(9 * SECOND);
    assert_ends(timed(Client::new(&connection, credentials()).greet("Kari")).await, 9 * SECOND + TRANSFER_TIME);
}

#[tokio::test(start_paused = true)]
async fn a_slow_reply_that_ends_in_time_is_read() {
    let reply = greeting("Hei");
    let pause = (REPLY_TIMEOUT + TRANSFER_TIME - SECOND) / u32::try_from(reply.len()).unwrap();
    let connection = to("text/xml", 200, reply, Pace { pause, ..DRIP }).build().unwrap();
    let (greeted, after) = timed(Client::new(&connection, credentials()).greet("Kari")).await;
    assert_eq!(greeted.unwrap(), "Hei");
    assert!(after > TRANSFER_TIME, "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn a_time_out_that_no_clock_can_tell_is_none() {
    let connection = to("text/xml", 200, greeting("Hei"), DRIP).transfer_timeout(Duration::MAX).build().unwrap();
    let (greeted, after) = timed(Client::new(&connection, credentials()).greet("Kari")).await;
    assert_eq!(greeted.unwrap(), "Hei");
    assert!(after > HOUR, "{after:?}");
}

/// Whatever the part of a package that comes slowly, and wherever it is kept.
#[tokio::test(start_paused = true)]
async fn a_package_has_the_deadline_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let reply = envelope(&format!("<Echo xmlns=\"{NS}\"><One>{}</One></Echo>", include("1")));
    let whole = package(&[("0", reply.as_bytes()), ("1", &[7; 4000])]);
    let in_part = whole.len() - 100;
    for (at_once, spilled) in [(0, false), (in_part, false), (in_part, true)] {
        let builder = to(PACKAGE, 200, whole.clone(), Pace { at_once, ..DRIP });
        let builder = if spilled { builder.spill_parts(10, folder.path()) } else { builder };
        let files = Files::new(&builder.build().unwrap());
        assert_ends(timed(files.echo(Echo::default())).await, REPLY_TIMEOUT + TRANSFER_TIME);
    }
}

/// What comes instead of a stream, and what comes before it, is read by the call.
#[tokio::test(start_paused = true)]
async fn a_call_for_a_stream_has_the_deadline_until_the_stream_begins() {
    let expected = REPLY_TIMEOUT + TRANSFER_TIME;
    let files = |content_type: &str, status, body: Vec<u8>, at_once| {
        let pace = Pace { at_once, bytes: 1, pause: HALF_A_MINUTE };
        Files::new(&to(content_type, status, body, pace).build().unwrap())
    };
    let refused = fault("Server", "no").into_bytes();
    assert_ends(timed(files("text/xml", 500, refused.clone(), 0).download(download_request())).await, expected);
    assert_ends(timed(files("text/xml", 500, refused, 0).list()).await, expected);
    let reply = download_reply("1").into_bytes();
    assert_ends(
        timed(files(PACKAGE, 200, package(&[("0", &reply), ("1", b"content")]), 200).download(download_request()))
            .await,
        expected,
    );
    // A part that is not the stream.
    let parts = package(&[("9", &[7; 4000]), ("0", &reply), ("1", b"content")]);
    assert_ends(timed(files(PACKAGE, 200, parts, 200).download(download_request())).await, expected);
}

#[tokio::test(start_paused = true)]
async fn a_page_is_not_read_for_long() {
    let connection = to("text/html", 503, vec![b'x'; 4000], Pace { at_once: 1, ..DRIP }).build().unwrap();
    let (outcome, after) = timed(Client::new(&connection, credentials()).greet("Kari")).await;
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Busy);
    assert!(after < 5 * SECOND, "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn a_slow_token_service_holds_its_callers_no_longer() {
    let network = ScriptedTransport::new().scripted_sessions().answer(secured::Rstr::default().answer());
    let builder = secured::builder(&network, &secured::Time::default()).layer(slowly(DRIP, None));
    let client = secured::Client::with_certificate(&builder.build().unwrap(), &secured::EC2);
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { timed(client.greet("Kari")).await })
        })
        .collect();
    // One call waits for the token to its deadline, the others for no longer than for a reply of their own.
    let mut leaders = 0;
    for call in calls {
        let (outcome, after) = call.await.unwrap();
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, Delivery::NotSent), "{error}");
        let leads = error.to_string().contains("transfer_timeout");
        leaders += u32::from(leads);
        let longest = if leads { REPLY_TIMEOUT + TRANSFER_TIME } else { REPLY_TIMEOUT };
        assert!(after < longest + SECOND, "{after:?}: {error}");
    }
    assert_eq!(leaders, 1);
    assert_eq!(secured::kinds(&network), ["RST"]);
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_to_a_cancel_holds_nobody() {
    let network = ScriptedTransport::new()
        .scripted_sessions()
        .answer(secured::Rstr::default().answer())
        .answer(secured::ok)
        .answer(secured::ok);
    let builder = secured::builder(&network, &secured::Time::default()).layer(slowly(DRIP, Some(2)));
    let connection = builder.build().unwrap();
    secured::Client::with_certificate(&connection, &secured::EC).greet("Kari").await.unwrap();
    let ((), after) = timed(connection.close()).await;
    assert_eq!(secured::kinds(&network), ["RST", "Greet", "Cancel"]);
    assert!(after < MINUTE, "{after:?}");
}

/// More than any deadline, at the least rate.
const LONG: usize = 3 * 60 * MINIMUM_RATE as usize;

fn a_second(bytes: u64) -> Pace {
    Pace { at_once: 2000, bytes: usize::try_from(bytes).unwrap(), pause: SECOND }
}

async fn download(length: usize, pace: Pace) -> Download {
    let content = vec![7; length];
    let reply = package(&[("0", download_reply("1").as_bytes()), ("1", &content)]);
    Files::new(&to(PACKAGE, 200, reply, pace).build().unwrap()).download(download_request()).await.unwrap()
}

/// A list of texts that comes at a pace.
async fn list(items: usize, pace: Pace) -> Items<String> {
    let items = "<Name>A name of some length, so that an item is not all tags</Name>".repeat(items);
    let reply = envelope(&format!("<ListResponse xmlns=\"{NS}\"><ListResult>{items}</ListResult></ListResponse>"));
    Files::text(&to("text/xml", 200, reply, pace).build().unwrap()).list().await.unwrap()
}

async fn count(mut items: Items<String>) -> Result<usize, Error> {
    let mut count = 0;
    while items.next().await?.is_some() {
        count += 1;
    }
    Ok(count)
}

/// The service has answered by then, and the time is that of two windows, as the first holds the fast beginning.
#[track_caller]
fn assert_too_slow<T>((outcome, after): (Result<T, Error>, Duration)) {
    let Err(error) = outcome else { panic!("it was read after {after:?}") };
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, Delivery::Answered), "{error}");
    assert!(error.to_string().contains("ConnectionBuilder::minimum_rate"), "{error}");
    assert!(after < 2 * MINUTE + 5 * SECOND, "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn a_stream_below_the_least_rate_ends() {
    for pace in [a_second(MINIMUM_RATE / 60 - 10), Pace { at_once: 2000, bytes: 1, pause: SECOND / 2 }] {
        assert_too_slow(timed(download(LONG, pace).await.collect(usize::MAX)).await);
        assert_too_slow(timed(count(list(100_000, pace).await)).await);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_at_the_least_rate_has_no_deadline() {
    let pace = a_second(MINIMUM_RATE / 60 + 10);
    let (content, after) = timed(download(LONG, pace).await.collect(usize::MAX)).await;
    assert_eq!(content.unwrap().len(), LONG);
    assert!(after > 2 * HOUR, "{after:?}");
    let (items, after) = timed(count(list(20_000, pace).await)).await;
    assert_eq!(items.unwrap(), 20_000);
    assert!(after > HOUR, "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn a_reader_may_take_his_time() {
    let mut stream = download(20_000, a_second(MINIMUM_RATE / 60)).await;
    let mut read = 0;
    while let Some(piece) = stream.chunk().await.unwrap() {
        read += piece.len();
        sleep(HOUR).await;
    }
    assert_eq!(read, 20_000);
    let mut items = list(100, a_second(MINIMUM_RATE / 60)).await;
    let mut read = 0;
    while items.next().await.unwrap().is_some() {
        read += 1;
        sleep(HOUR).await;
    }
    assert_eq!(read, 100);
}

/// The piece comes while the reader is away.
#[tokio::test(start_paused = true)]
async fn a_reader_may_turn_away_from_a_wait() {
    let mut stream = download(20_000, a_second(1000)).await;
    let mut read = 0;
    loop {
        let Ok(next) = tokio::time::timeout(SECOND / 2, stream.chunk()).await else {
            sleep(HOUR).await;
            continue;
        };
        let Some(piece) = next.unwrap() else { break };
        read += piece.len();
    }
    assert_eq!(read, 20_000);
}

#[tokio::test(start_paused = true)]
async fn the_least_rate_is_a_setting() {
    let content = vec![7; 3000];
    let reply = package(&[("0", download_reply("1").as_bytes()), ("1", &content)]);
    for (rate, is_read) in [(0, true), (100, true), (140, false)] {
        let pace = Pace { at_once: 2000, bytes: 2, pause: SECOND };
        let files = Files::new(&to(PACKAGE, 200, reply.clone(), pace).minimum_rate(rate).build().unwrap());
        let read = files.download(download_request()).await.unwrap().collect(usize::MAX).await;
        assert_eq!(read.is_ok(), is_read, "{rate}");
    }
}

/// A pause that the idle time-out allows is no low rate.
#[tokio::test(start_paused = true)]
async fn the_least_rate_is_measured_over_the_idle_time_out() {
    let content = vec![7; 200_000];
    let reply = package(&[("0", download_reply("1").as_bytes()), ("1", &content)]);
    let pace = Pace { at_once: 2000, bytes: 60_000, pause: 3 * MINUTE };
    for (idle, is_read) in [(MINUTE, false), (4 * MINUTE, true)] {
        let files = Files::new(&to(PACKAGE, 200, reply.clone(), pace).idle_timeout(idle).build().unwrap());
        let read = files.download(download_request()).await.unwrap().collect(usize::MAX).await;
        assert_eq!(read.is_ok(), is_read, "{idle:?}");
    }
}
