//! Clients of other stacks, which call ports that are served here by the contracts that these publish.

use std::fs;
use std::path::Path;

use super::ignored::Tests;
use super::peer::{self, Peer};
use super::{gsoap, node_soap, zeep};
use crate::Result;
use crate::process::{command, run};

/// Each client ends with an error if an answer is not what it should be.
pub(super) fn call(_: &mut Tests) -> Result {
    let python = zeep::install()?;
    node_soap::install()?;
    gsoap::install()?;
    run(&mut command("cargo build --quiet --package altinn-soap-interop --bin serve"))?;
    let server = Peer::start("", &mut command("cargo run --quiet --package altinn-soap-interop --bin serve"))?;
    peer::call(vec![server], |list| {
        run(command(&python.to_string_lossy()).arg("interop/zeep/call.py").arg(list))?;
        run(command("node interop/node-soap/call.js").arg(list))?;
        let url = |port| url(list, port);
        let (basic, ws) = (url("BasicHttpBinding_IReceiptExternalBasic")?, url("CustomBinding_IReceiptExternal")?);
        run(&mut command(&format!("make -s -C interop/gsoap call BASIC={basic} WS={ws}")))
    })
}

/// Where a port is served.
fn url(list: &Path, port: &str) -> Result<String> {
    let list = fs::read_to_string(list)?;
    let url = list.lines().find_map(|line| line.strip_prefix(port)?.strip_prefix(' '));
    Ok(url.ok_or_else(|| format!("{port} is not served"))?.to_owned())
}
