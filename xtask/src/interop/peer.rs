//! Servers of other stacks, and the tests that call them.
//!
//! A peer prints `READY <port> <address> …` for each port it serves, then `SERVING`, and stops when its input ends.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::Result;

/// A peer that has been started.
pub(crate) struct Peer {
    process: Child,
    /// Stands before each of its lines in the list for the tests.
    kind: &'static str,
    ready: String,
}

impl Peer {
    pub(crate) fn start(kind: &'static str, command: &mut Command) -> Result<Self> {
        let process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        Ok(Self { process, kind, ready: String::new() })
    }

    /// Waits until it serves.
    fn wait(mut self) -> Result<Self> {
        let output = self.process.stdout.take().ok_or("the peer has no output")?;
        for line in BufReader::new(output).lines() {
            let line = line?;
            if line == "SERVING" {
                return Ok(self);
            }
            if let Some(port) = line.strip_prefix("READY ") {
                self.ready.push_str(&format!("{}{port}\n", self.kind));
            }
        }
        self.stop()?;
        Err("the peer did not come up".into())
    }

    fn stop(mut self) -> Result {
        drop(self.process.stdin.take());
        let status = self.process.wait()?;
        if status.success() { Ok(()) } else { Err(format!("the peer ended with {status}").into()) }
    }
}

/// Waits for the peers, runs tests with a file that lists what they serve, and stops the peers.
pub(crate) fn call(starting: Vec<Peer>, run: impl FnOnce(&Path) -> Result) -> Result {
    let peers = starting.into_iter().map(Peer::wait).collect::<Result<Vec<_>>>()?;
    let list = std::env::temp_dir().join(format!("altinn-soap-peers-{}", std::process::id()));
    fs::write(&list, peers.iter().map(|peer| peer.ready.as_str()).collect::<String>())?;
    let outcome = run(&list);
    // What the tests say counts more than how a peer ended, and none is left behind.
    let _ = fs::remove_file(list);
    let stopped: Vec<Result> = peers.into_iter().map(Peer::stop).collect();
    outcome.and(stopped.into_iter().collect())
}
