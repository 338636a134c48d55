//! node-soap, a stack in JavaScript that reads contracts when it starts.

use std::fs;

use super::packages;
use super::peer::Peer;
use crate::process::{command, has, run};
use crate::{Result, root};

const FOLDER: &str = "interop/node-soap";

/// A server of these contracts.
pub(super) fn start(contracts: &[&str]) -> Result<Peer> {
    install()?;
    Peer::start("", command(&format!("node {FOLDER}/peer.js")).args(contracts))
}

/// From the local cache, if everything is in it. On a Debian system Node.js is installed.
pub(super) fn install() -> Result {
    if !has("npm", "--version") || !has("node", "--version") {
        packages("nodejs npm")?;
    }
    let (from, target) = (root().join(FOLDER), root().join(FOLDER).join("target"));
    let files = ["package.json", "package-lock.json", ".npmrc"];
    // npm writes beside its files, and what is not source lies in target.
    let is_there = target.join("node_modules/soap").exists()
        && files.iter().all(|file| fs::read(from.join(file)).ok() == fs::read(target.join(file)).ok());
    if is_there {
        return Ok(());
    }
    fs::create_dir_all(&target)?;
    for file in files {
        fs::copy(from.join(file), target.join(file))?;
    }
    run(command("npm ci --prefer-offline --ignore-scripts --loglevel error").current_dir(&target))
}
