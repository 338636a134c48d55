//! The mirror of the experiment: a port that is served, and callers who misbehave in every way there is. What each of them
//! saw is compared with what the handlers saw.

mod abuse;
mod answers;
mod caller;
mod journal;
mod message;
mod oracle;
mod port;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Once};
use std::time::Duration;

use soap_runtime::Connection;
use soap_runtime::server::Sessions;
use tokio::runtime::Handle;
use tokio::time::Instant;

use super::rows::Rows;
use super::support::AMPLE;
use super::support::secured::Time;
use super::support::served::Served;
use super::variant::Variant;
use super::{SEED, setting};
use caller::{Callers, Sent};
use journal::{Journal, Run};
use message::Writer;
use oracle::{Case, Violation, judge};

/// Submissions to each variant, unless `TORTURE_SUBMISSIONS` says otherwise.
const SUBMISSIONS: u64 = 600;

/// Submissions at one time.
const CALLERS: usize = 32;

/// Good submissions at the end.
const AFTERWARDS: u64 = 10;

/// One in so many submissions is a call of our client, between the bad ones.
const CALLS: u64 = 10;

/// The least number of kinds of abuse that a run has to have met.
const KINDS: usize = 40;

async fn torture(variant: Variant) {
    silence_planted_panics();
    let (seed, submissions) = (setting("TORTURE_SEED", SEED), setting("TORTURE_SUBMISSIONS", SUBMISSIONS));
    let began = Instant::now();
    let (journal, time, sessions) = (Arc::new(Journal::default()), Time::default(), Sessions::default());
    let service = port::service(variant, Arc::clone(&journal), &time, &sessions);
    let served = Served::start(service.clone()).await;
    let tasks = Handle::current().metrics().num_alive_tasks();
    let connection = Connection::builder(served.url())
        .allow_http_to_loopback(true)
        .connect_timeout(AMPLE)
        .reply_timeout(AMPLE)
        .clock(time.clone())
        .build()
        .unwrap();
    let writer = Writer::new(variant, &service, &time);
    let client = variant.client(&connection, None);
    let callers = Arc::new(Callers { variant, seed, address: served.address, writer, client });
    // A credential that has not succeeded yet goes first alone.
    let mut calls = vec![callers.call(0).await];
    let next = Arc::new(AtomicU64::new(1));
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..CALLERS {
        let (callers, journal, next) = (Arc::clone(&callers), Arc::clone(&journal), Arc::clone(&next));
        running.spawn(async move {
            let (mut sent, mut calls) = (Vec::new(), Vec::new());
            loop {
                let id = next.fetch_add(1, Ordering::Relaxed);
                if id >= submissions {
                    return (sent, calls);
                }
                match id % CALLS {
                    0 => calls.push(callers.call(id).await),
                    _ => sent.extend(callers.submit(id, &journal, None).await),
                }
            }
        });
    }
    let mut sent = Vec::new();
    for (of_one, its_calls) in running.join_all().await {
        sent.extend(of_one);
        calls.extend(its_calls);
    }
    for id in submissions..submissions + AFTERWARDS {
        sent.extend(callers.submit(id, &journal, Some(&abuse::NONE)).await);
    }
    connection.close().await;
    callers.writer.close().await;
    drop((callers, connection));
    let left = left_over(&served, &journal, tasks).await;
    let report = Report::of(variant, &sent, &calls, &journal.take());
    println!("== {variant:?}, served, seed {seed}, {:.0} s: {}", began.elapsed().as_secs_f64(), report.rows);
    let mut wrong = report.wrong();
    wrong.extend(left);
    wrong.extend((!format!("{sessions:?}").contains("open: 0")).then(|| "sessions are kept in memory".to_owned()));
    assert!(wrong.is_empty(), "{wrong:?}; again with TORTURE_SEED={seed} TORTURE_SUBMISSIONS={submissions}");
}

/// The handlers' panics are wanted, and there are thousands of them.
fn silence_planted_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let others = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let text = panic.payload().downcast_ref::<&str>().copied();
            let text = text.or(panic.payload().downcast_ref::<String>().map(String::as_str));
            if text != Some(port::PLANTED) {
                others(panic);
            }
        }));
    });
}

/// What still runs when all callers have gone.
async fn left_over(served: &Served, journal: &Journal, tasks: usize) -> Option<String> {
    let over = async {
        served.quiet().await;
        while journal.running() > 0 || Handle::current().metrics().num_alive_tasks() > tasks {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let left = || format!("{} handlers still run, or tasks or connections of theirs", journal.running());
    tokio::time::timeout(AMPLE, over).await.is_err().then(left)
}

#[derive(Default)]
struct Report {
    rows: Rows<Violation>,
    /// Calls of our client that did not succeed, and requests of the end.
    failed: usize,
}

impl Report {
    fn of(variant: Variant, sent: &[Sent], calls: &[bool], runs: &HashMap<u64, Vec<Run>>) -> Self {
        let mut report = Self { failed: calls.iter().filter(|succeeded| !**succeeded).count(), ..Self::default() };
        for Sent { id, abuse, whole, answers, hung } in sent {
            let of_request = runs.get(id).map(Vec::as_slice).unwrap_or_default();
            let case = Case { variant, abuse, id: *id, whole: *whole, runs: of_request, answers, hung: *hung };
            let violations = judge(&case);
            let status = |answer: &answers::Answer| match answer.is_complete {
                true => answer.status.to_string(),
                false => format!("half a {}", answer.status),
            };
            let answered: Vec<_> = answers.iter().map(status).collect();
            let ending = format!("[{}]", answered.join(" "));
            let example = || format!("{violations:?} {id} {whole:?} {of_request:?}\n    {answers:?}");
            report.rows.add(abuse.name, of_request.len(), ending, &violations, example);
        }
        report
    }

    fn wrong(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (violation, text) in [
            (Violation::Unasked, "handlers ran for what is no whole request"),
            (Violation::Twice, "requests that handlers got twice"),
            (Violation::WrongContent, "streams that came to an end that they do not have"),
            (Violation::WrongReply, "replies that are another's, or not whole"),
            (Violation::NoRun, "replies that no handler gave"),
            (Violation::NotServed, "good requests that were not answered well"),
            (Violation::NotRefused, "wrong requests that were not refused"),
            (Violation::Hung, "callers that waited in vain"),
        ] {
            let count = self.rows.count(violation);
            wrong.extend((count > 0).then(|| format!("{count} {text}")));
        }
        wrong.extend((self.failed > 0).then(|| format!("{} calls of our client failed", self.failed)));
        wrong.extend((self.rows.kinds() < KINDS).then(|| "too few kinds of abuse".to_owned()));
        wrong
    }
}

macro_rules! tests {
    ($($name:ident $variant:ident,)*) => { $(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            torture(Variant::$variant).await;
        }
    )* };
}

tests! {
    basic Basic,
    http_basic HttpBasic,
    ws Ws,
    digest Digest,
    ec2 Ec2,
    ec Ec,
    upload Upload,
    secured_upload SecuredUpload,
    download Download,
    list List,
}
