//! Apache CXF, which makes servers of the same contracts with a stack and a generator of its own.
//!
//! Needs a JDK and Maven; on a Debian system it installs them.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};

use crate::process::{command, has, run};
use crate::{Result, root, shared};

/// Every Basic operation, against the cache's contracts and the published ones.
pub(super) fn basic() -> Result {
    install()?;
    let offline = if run(build().arg("-o")).is_ok() { Ok(()) } else { run(&mut build()) };
    offline?;
    let mut peers = vec![Peer::start("cache", contracts(root().join("wsdl-cache/wsdl"), ".basic.wsdl")?)?];
    match shared("altinn-wsdl") {
        Some(folder) => peers.push(Peer::start("published", contracts(folder, ".wsdl")?)?),
        None => println!("the published contracts are not at hand: only the cache's are served"),
    }
    let list = std::env::temp_dir().join(format!("altinn-soap-peers-{}", std::process::id()));
    fs::write(&list, peers.iter().map(|peer| peer.ready.as_str()).collect::<String>())?;
    let outcome =
        run(command("cargo test --package altinn-soap --test it interop_ -- --nocapture").env("INTEROP_PEERS", &list));
    fs::remove_file(list)?;
    for peer in peers {
        peer.stop()?;
    }
    outcome
}

fn install() -> Result {
    if has("mvn", "-version") {
        return Ok(());
    }
    run(&mut command("apt-get update -q"))?;
    run(&mut command("apt-get install -qy --no-install-recommends openjdk-17-jdk-headless maven"))
}

fn build() -> std::process::Command {
    command("mvn -B -q -Dstyle.color=never -f interop/cxf/pom.xml compile")
}

/// The Basic contracts below a folder.
fn contracts(folder: PathBuf, ending: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && path.to_string_lossy().ends_with("-basic") {
            found.extend(contracts(path, ending)?);
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// An Apache CXF server, which stops when its input ends.
struct Peer {
    process: Child,
    /// A line for each port: kind, name, address.
    ready: String,
}

impl Peer {
    fn start(kind: &str, contracts: Vec<PathBuf>) -> Result<Self> {
        let mut process = command("java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
            .args(["-cp", "interop/cxf/target/classes:interop/cxf/target/lib/*", "Peer"])
            .args(contracts)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().ok_or("the peer has no output")?;
        let mut peer = Self { process, ready: String::new() };
        for line in BufReader::new(output).lines() {
            let line = line?;
            if line == "SERVING" {
                return Ok(peer);
            }
            if let Some(port) = line.strip_prefix("READY ") {
                peer.ready.push_str(&format!("{kind} {port}\n"));
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
