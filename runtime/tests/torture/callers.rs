//! The callers: many at once over shared connections, some of them dropped at a moment of chance.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Uri};
use soap_runtime::generated::v1;
use soap_runtime::transport::{BoxFuture, Request, Response, Transport, TransportError};
use soap_runtime::{Connection, Error, Random, SystemRandom};
use tokio::time::Instant;

use super::chance::Chance;
use super::journal::{Journal, What};
use super::oracle::{Outcome, Said};
use super::script::Nowhere;
use super::server::{HEADER, Server, TOKEN_ACTION};
use super::support::secured::Time;
use super::trouble::{self, Trouble};
use super::variant::Variant;

/// Calls at one time.
const CALLERS: usize = 48;

/// One in so many calls is dropped.
const DROPPED: u64 = 10;

/// Calls without trouble at the end.
pub const AFTERWARDS: u64 = 10;

/// Time-outs that no caller waits for, and those of a caller in haste.
const AMPLE: Duration = Duration::from_secs(120);
const SHORT: Duration = Duration::from_millis(400);

/// Seconds that pass on the callers' clock with every submission, so that pauses of a minute end.
const PACE: f64 = 0.1;

/// A run: so many submissions to a variant.
pub struct Run {
    pub variant: Variant,
    pub seed: u64,
    pub submissions: u64,
}

/// A submission that is over.
pub struct Submission {
    pub id: u64,
    pub trouble: &'static Trouble,
    pub outcome: Outcome,
    pub took: Duration,
}

/// The clients of one connection.
struct Line {
    connection: Connection,
    client: v1::Port,
}

impl Run {
    /// Makes all submissions, and some without trouble at the end, which have to succeed.
    pub async fn submit(self, server: &Server, journal: &Arc<Journal>) -> Vec<Submission> {
        let time = Time::default();
        let patient = self.line(server, journal, AMPLE, &time);
        let hasty = self.line(server, journal, SHORT, &time);
        let (run, next) = (Arc::new(self), Arc::new(AtomicU64::new(0)));
        let lines = Arc::new([patient, hasty]);
        // A credential that has not succeeded yet goes first alone.
        let mut all = Vec::new();
        for line in &*lines {
            let unhurried = run.variant.client(&line.connection.with_reply_timeout(AMPLE), None);
            all.push(run.call(&unhurried, journal, next.fetch_add(1, Ordering::Relaxed), &trouble::NONE, None).await);
        }
        let mut callers = tokio::task::JoinSet::new();
        for _ in 0..CALLERS {
            let (run, next, lines) = (Arc::clone(&run), Arc::clone(&next), Arc::clone(&lines));
            let (journal, time) = (Arc::clone(journal), time.clone());
            callers.spawn(async move {
                let mut made = Vec::new();
                loop {
                    let id = next.fetch_add(1, Ordering::Relaxed);
                    if id >= run.submissions {
                        return made;
                    }
                    if id % (1.0 / PACE) as u64 == 0 {
                        time.pass(1);
                    }
                    made.push(run.submission(&lines, &journal, id).await);
                }
            });
        }
        all.extend(callers.join_all().await.into_iter().flatten());
        for id in run.submissions..run.submissions + AFTERWARDS {
            all.push(run.call(&lines[0].client, journal, id, &trouble::NONE, None).await);
        }
        all
    }

    fn line(&self, server: &Server, journal: &Arc<Journal>, time_out: Duration, time: &Time) -> Line {
        let nowhere = server.nowhere();
        let (journal, has_sessions) = (Arc::clone(journal), self.variant.has_sessions());
        let mut builder = Connection::builder(server.url())
            .allow_http_to_loopback(true)
            .connect_timeout(time_out)
            .reply_timeout(time_out)
            .idle_timeout(time_out)
            .clock(time.clone())
            .random(ShortestPauses)
            .layer(move |inner| Arc::new(Marking { inner, journal, nowhere, has_sessions }));
        if let Some(identity) = &server.identity {
            builder = builder.root_certificates_pem(&identity.root_pem).only_given_roots();
        }
        let connection = builder.build().unwrap();
        let client = self.variant.client(&connection, None);
        Line { connection, client }
    }

    async fn submission(&self, lines: &[Line; 2], journal: &Journal, id: u64) -> Submission {
        let mut chance = Chance::new(self.seed, id);
        let trouble = trouble::choose(self.variant, &mut chance);
        let line = &lines[usize::from(trouble.hasty)];
        let patience = (chance.below(DROPPED) == 0).then(|| Patience::by(&mut chance));
        let stranger = trouble.stranger.then(|| self.variant.client(&line.connection, Some(id)));
        self.call(stranger.as_ref().unwrap_or(&line.client), journal, id, trouble, patience).await
    }

    async fn call(
        &self,
        client: &v1::Port,
        journal: &Journal,
        id: u64,
        trouble: &'static Trouble,
        patience: Option<Patience>,
    ) -> Submission {
        journal.begin(id, trouble);
        let began = Instant::now();
        let call = CALL.scope(id, self.variant.submit(client, id));
        let outcome = match patience {
            None => Some(call.await),
            Some(patience) => patience.with(call).await,
        };
        let outcome = match outcome {
            None => Outcome::Dropped,
            Some(Ok(echo)) => Outcome::Reply { right: echo == self.variant.echo(id) },
            Some(Err(error)) => Outcome::Error(said(&error)),
        };
        Submission { id, trouble, outcome, took: began.elapsed() }
    }
}

fn said(error: &Error) -> Said {
    Said {
        kind: error.kind(),
        delivery: error.delivery(),
        fault: error.fault().map(|fault| fault.reason().to_owned()),
        text: error.to_string(),
    }
}

/// When a call is dropped.
#[derive(Clone, Copy)]
enum Patience {
    /// After so many steps: at any await.
    Steps(u64),
    /// After so long.
    Time(Duration),
}

impl Patience {
    fn by(chance: &mut Chance) -> Self {
        match chance.below(2) {
            0 => Self::Steps(1 + chance.below(12)),
            _ => Self::Time(Duration::from_millis(1 + chance.below(40))),
        }
    }

    /// The outcome of a call, or `None` if it was dropped before.
    async fn with<T>(self, call: impl Future<Output = T>) -> Option<T> {
        match self {
            Self::Time(time) => tokio::time::timeout(time, call).await.ok(),
            Self::Steps(mut left) => {
                let mut call = pin!(call);
                std::future::poll_fn(|cx| match call.as_mut().poll(cx) {
                    Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
                    Poll::Pending => {
                        left -= 1;
                        if left == 0 { Poll::Ready(None) } else { Poll::Pending }
                    }
                })
                .await
            }
        }
    }
}

tokio::task_local! {
    /// The submission that the current task makes.
    static CALL: u64;
}

/// Writes down each message, marks it, and leads it to where its script says.
struct Marking {
    inner: Arc<dyn Transport>,
    journal: Arc<Journal>,
    nowhere: Vec<(Nowhere, String)>,
    has_sessions: bool,
}

impl fmt::Debug for Marking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Marking")
    }
}

impl Transport for Marking {
    fn send(&self, mut request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let id = CALL.get();
            let mut what = What::Own;
            if self.has_sessions {
                let body = request.body.collect(usize::MAX).await?;
                if String::from_utf8_lossy(&body).contains(TOKEN_ACTION) {
                    what = What::Token;
                }
                request.body = body.into();
            }
            let (number, nowhere) = self.journal.send(id, what);
            let mark = HeaderValue::try_from(format!("{id}.{number}")).unwrap();
            request.headers.insert(HeaderName::from_static(HEADER), mark);
            if let Some(nowhere) = nowhere {
                let (_, base) = self.nowhere.iter().find(|(kind, _)| *kind == nowhere).unwrap();
                request.url = Uri::try_from(format!("{base}{}", request.url.path())).unwrap();
            }
            self.inner.send(request).await
        })
    }
}

/// Chance that makes the pauses before second tries as short as they can be: those are drawn from two octets.
#[derive(Debug)]
struct ShortestPauses;

impl Random for ShortestPauses {
    fn fill(&self, octets: &mut [u8]) -> std::io::Result<()> {
        if octets.len() == 2 {
            octets.fill(0);
            return Ok(());
        }
        SystemRandom.fill(octets)
    }
}
