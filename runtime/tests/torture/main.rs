//! The delivery experiment: thousands of calls to a server that fails in every way there is, and what each call said
//! compared with what the server received; and its mirror, a service under callers that misbehave.
//!
//! `cargo xtask torture` makes many more of them. `TORTURE_SUBMISSIONS` and `TORTURE_SEED` set their number and the seed.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "a test may panic")]

mod callers;
mod chance;
mod journal;
mod oracle;
mod reply;
mod report;
mod rows;
mod script;
mod served;
mod server;
#[path = "../support/mod.rs"]
mod support;
mod trouble;
mod variant;
mod verdict;
mod wire;

use std::sync::Arc;

use tokio::time::Instant;

use callers::Run;
use journal::Journal;
use report::Report;
use server::Server;
use variant::Variant;

/// Submissions to each variant, unless `TORTURE_SUBMISSIONS` says otherwise.
const SUBMISSIONS: u64 = 2_000;

/// The seed, unless `TORTURE_SEED` says otherwise.
const SEED: u64 = 10;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

async fn torture(variant: Variant) {
    let (seed, submissions) = (setting("TORTURE_SEED", SEED), setting("TORTURE_SUBMISSIONS", SUBMISSIONS));
    let began = Instant::now();
    let journal = Arc::new(Journal::default());
    let server = Server::start(variant, Arc::clone(&journal)).await;
    let made = Run { variant, seed, submissions }.submit(&server, &journal).await;
    server.quiet().await;
    let report = Report::of(variant, &made, &journal);
    println!("== {variant:?}, seed {seed}, {:.0} s: {report}", began.elapsed().as_secs_f64());
    let wrong = report.wrong();
    assert!(wrong.is_empty(), "{wrong:?}; again with TORTURE_SEED={seed} TORTURE_SUBMISSIONS={submissions}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn basic() {
    torture(Variant::Basic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_basic() {
    torture(Variant::HttpBasic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ws() {
    torture(Variant::Ws).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ec2() {
    torture(Variant::Ec2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn upload() {
    torture(Variant::Upload).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secured_upload() {
    torture(Variant::SecuredUpload).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn download() {
    torture(Variant::Download).await;
}
