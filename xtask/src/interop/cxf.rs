//! Apache CXF, which makes servers of the same contracts with a stack and a generator of its own.
//!
//! Needs a JDK and Maven; on a Debian system it installs them.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};

use crate::process::{command, has, run};
use crate::{Result, root, shared};

/// Published contracts that import others by URL, which CXF does not find beside them.
const LEFT_OUT: [&str; 2] = ["BrokerServiceExternal-ec2", "IntermediaryInbound-ec2"];

/// Every operation of every port, against the cache's contracts and the published ones.
pub(super) fn every_port() -> Result {
    build()?;
    let mut starting = vec![Peer::start("cache", &contracts(root().join("wsdl-cache/wsdl"))?)?];
    match shared("altinn-wsdl") {
        Some(folder) => starting.push(Peer::start("published", &published(folder)?)?),
        None => println!("the published contracts are not at hand: only the cache's are served"),
    }
    call(starting, "cargo test --package altinn-soap --test it interop_ -- --nocapture", None)
}

/// Streams of gigabytes.
pub(super) fn huge_streams() -> Result {
    build()?;
    let mut streamed = contracts(root().join("wsdl-cache/wsdl"))?;
    streamed.retain(|path| path.to_string_lossy().contains("broker_streamed"));
    let peers = vec![Peer::start("cache", &streamed)?];
    call(
        peers,
        "cargo test --release --package altinn-soap --test it interop_huge -- --nocapture",
        Some("INTEROP_HUGE"),
    )
}

/// Waits for the peers, runs the tests that call them, stops the peers.
fn call(starting: Vec<Peer>, tests: &str, switch: Option<&str>) -> Result {
    let peers = starting.into_iter().map(Peer::wait).collect::<Result<Vec<_>>>()?;
    let list = std::env::temp_dir().join(format!("altinn-soap-peers-{}", std::process::id()));
    fs::write(&list, peers.iter().map(|peer| peer.ready.as_str()).collect::<String>())?;
    let outcome = run(command(tests).env("INTEROP_PEERS", &list).envs(switch.map(|name| (name, "1"))));
    fs::remove_file(list)?;
    for peer in peers {
        peer.stop()?;
    }
    outcome
}

/// Offline, if everything is in the local repository.
fn build() -> Result {
    install()?;
    let maven = || command("mvn -B -q -Dstyle.color=never -f interop/cxf/pom.xml compile");
    if run(maven().arg("-o")).is_ok() { Ok(()) } else { run(&mut maven()) }
}

fn install() -> Result {
    if has("mvn", "-version") {
        return Ok(());
    }
    run(&mut command("apt-get update -q"))?;
    run(&mut command("apt-get install -qy --no-install-recommends openjdk-17-jdk-headless maven"))
}

fn published(folder: PathBuf) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if LEFT_OUT.iter().any(|name| path.ends_with(name)) {
            println!("left out, as it imports by URL: {}", path.file_name().unwrap_or_default().display());
        } else if path.is_dir() {
            found.extend(contracts(path)?);
        }
    }
    found.sort();
    Ok(found)
}

/// The contracts in a folder.
fn contracts(folder: PathBuf) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".wsdl") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// An Apache CXF server, which stops when its input ends.
struct Peer {
    kind: &'static str,
    process: Child,
    /// A line for each port: kind, name, address, and the root of its certificate if it has one.
    ready: String,
}

impl Peer {
    fn start(kind: &'static str, contracts: &[PathBuf]) -> Result<Self> {
        let process = command("java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
            .args(["-cp", "interop/cxf/target/classes:interop/cxf/target/lib/*", "Peer"])
            .arg("tests/fixtures/security/vectors/test-cert.pem")
            .args(contracts)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        Ok(Self { kind, process, ready: String::new() })
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
                self.ready.push_str(&format!("{} {port}\n", self.kind));
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
