//! gSOAP, a stack and a generator in C: services of two contracts of the cache, one for MTOM, one for UsernameToken.
//!
//! On a Debian system it is installed. It is under the GPL: built and run here, linked into nothing of ours.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use super::packages;
use crate::process::{command, has, run};
use crate::{Result, root};

const PEERS: [&str; 2] = ["mtom", "username"];

pub(super) fn call() -> Result {
    install()?;
    let peers = PEERS.into_iter().map(Peer::start).collect::<Result<Vec<Peer>>>()?;
    let list = std::env::temp_dir().join(format!("altinn-soap-gsoap-{}", std::process::id()));
    fs::write(&list, peers.iter().map(|peer| peer.ready.as_str()).collect::<String>())?;
    let outcome = run(command("cargo test --quiet --package altinn-soap --test it interop_gsoap:: -- --nocapture")
        .env("INTEROP_GSOAP", &list));
    fs::remove_file(list)?;
    for peer in peers {
        peer.stop()?;
    }
    outcome
}

fn install() -> Result {
    let headers = ["/usr/include/stdsoap2.h", "/usr/include/openssl/evp.h", "/usr/include/zlib.h"];
    let there = has("soapcpp2", "-V") && has("cc", "--version") && has("make", "--version");
    if !there || !headers.into_iter().all(|header| Path::new(header).exists()) {
        packages("gsoap libgsoap-dev libssl-dev zlib1g-dev gcc libc6-dev make")?;
    }
    let built = command("make -s -C interop/gsoap").output()?;
    if built.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&built.stderr).into()) }
}

/// A service, which stops when its input ends.
struct Peer {
    process: Child,
    /// Port and address.
    ready: String,
}

impl Peer {
    fn start(name: &str) -> Result<Self> {
        let program = root().join("interop/gsoap/target").join(name).join("peer");
        let mut process = command(&program.to_string_lossy()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let output = process.stdout.take().ok_or("the peer has no output")?;
        let mut peer = Self { process, ready: String::new() };
        for line in BufReader::new(output).lines() {
            let line = line?;
            if line == "SERVING" {
                return Ok(peer);
            }
            if let Some(port) = line.strip_prefix("READY ") {
                peer.ready.push_str(&format!("{port}\n"));
            }
        }
        peer.stop()?;
        Err("the peer did not come up".into())
    }

    fn stop(mut self) -> Result {
        drop(self.process.stdin.take());
        let status = self.process.wait()?;
        if status.success() { Ok(()) } else { Err(format!("the peer ended with {status}").into()) }
    }
}
