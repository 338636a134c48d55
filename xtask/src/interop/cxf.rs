//! Apache CXF, which makes servers of the same contracts with a stack and a generator of its own.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::ignored::Tests;
use super::maven;
use super::messages::VECTORS;
use super::peer::{self, Peer};
use crate::process::command;
use crate::{Result, root, shared};

/// Where the tests find what is served.
const LIST: &str = "INTEROP_PEERS";

/// Every operation of every port, against the cache's contracts and the published ones.
pub(super) fn every_port(tests: &mut Tests) -> Result {
    maven("interop/cxf")?;
    let mut starting = vec![start("cache ", &contracts(root().join("wsdl-cache/wsdl"))?)?];
    match shared("altinn-wsdl") {
        Some(folder) => starting.push(start("published ", &published(folder)?)?),
        None => println!("only the cache's contracts are served"),
    }
    peer::call(starting, |list| tests.run(&["interop::", "interop_secured::", "interop_streams::"], LIST, list))
}

/// Streams of gigabytes.
pub(super) fn huge_streams(tests: &mut Tests) -> Result {
    maven("interop/cxf")?;
    let mut streamed = contracts(root().join("wsdl-cache/wsdl"))?;
    streamed.retain(|path| path.to_string_lossy().contains("broker_streamed"));
    let peers = vec![start("cache ", &streamed)?];
    peer::call(peers, |list| tests.run(&["interop_streams::"], LIST, list))
}

fn published(folder: PathBuf) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
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

/// A server of these contracts. `kind` says whose they are.
fn start(kind: &'static str, contracts: &[PathBuf]) -> Result<Peer> {
    Peer::start(kind, server().arg(format!("{VECTORS}/test-cert.pem")).args(contracts))
}

/// A server of these contracts that sends back what it understood.
pub(super) fn echo(contracts: &[&str]) -> Result<Peer> {
    maven("interop/cxf")?;
    Peer::start("", server().arg("--echo").args(contracts))
}

/// A server of a contract that asks who calls, at each of its ports in another way, and sends back what it saw.
pub(super) fn depot(contract: &str) -> Result<Peer> {
    maven("interop/cxf")?;
    let doors = ["BasicPort=basic", "DigestPort=digest", "CertificatePort=certificate"];
    let trusted = format!("{VECTORS}/test-cert.pem");
    Peer::start("", server().args(["--seen", &trusted]).args(doors).arg(contract))
}

fn server() -> Command {
    java("Peer")
}

/// A client, which is told what to call.
pub(super) fn caller() -> Command {
    java("Caller")
}

fn java(class: &str) -> Command {
    let mut command = command("java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
    command.args(["-cp", "interop/cxf/target/classes:interop/cxf/target/lib/*", class]);
    command
}
