//! gSOAP, a stack and a generator in C: services of two contracts of the cache, one for MTOM, one for UsernameToken, and of
//! contracts of strangers.
//!
//! On a Debian system it is installed. It is under the GPL: built and run here, linked into nothing of ours.

use std::path::Path;

use super::ignored::Tests;
use super::packages;
use super::peer::{self, Peer};
use crate::process::{command, has};
use crate::{Result, root};

const PEERS: [&str; 2] = ["mtom", "username"];

pub(super) fn call(tests: &mut Tests) -> Result {
    peer::call(start(&PEERS)?, |list| tests.run(&["interop_gsoap::"], "INTEROP_GSOAP", list))
}

/// Servers that were built from a contract each.
pub(super) fn start(names: &[&str]) -> Result<Vec<Peer>> {
    install()?;
    let program = |name: &str| root().join("interop/gsoap/target").join(name).join("peer");
    let start = |name: &&str| Peer::start("", &mut command(&program(name).to_string_lossy()));
    names.iter().map(start).collect()
}

pub(super) fn install() -> Result {
    let headers = ["/usr/include/stdsoap2.h", "/usr/include/openssl/evp.h", "/usr/include/zlib.h"];
    let there = has("soapcpp2", "-V") && has("cc", "--version") && has("make", "--version");
    if !there || !headers.into_iter().all(|header| Path::new(header).exists()) {
        packages("gsoap libgsoap-dev libssl-dev zlib1g-dev gcc libc6-dev make")?;
    }
    let built = command("make -s -C interop/gsoap all bench").output()?;
    if built.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&built.stderr).into()) }
}
