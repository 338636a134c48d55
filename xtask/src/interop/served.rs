//! Clients of other stacks, which call ports that are served here by the contracts that these publish.

use std::fs;
use std::path::Path;

use super::ignored::Tests;
use super::messages::VECTORS;
use super::peer::{self, Peer};
use super::{gsoap, node_soap, zeep};
use crate::Result;
use crate::process::{command, run};
use crate::station::Station;

/// Each client ends with an error if an answer is not what it should be.
pub(super) fn call(_: &mut Tests) -> Result {
    let python = zeep::install()?;
    node_soap::install()?;
    gsoap::install()?;
    let station = Station::start()?;
    run(command(&python.to_string_lossy()).arg("interop/zeep/station.py").arg(&station.contract))?;
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

/// A client of CXF, in sessions over TLS: tokens, calls, faults, and streams in both directions.
pub(super) fn sessions(_: &mut Tests) -> Result {
    super::maven("interop/cxf")?;
    run(&mut command("cargo build --quiet --package altinn-soap-interop --bin serve_tls"))?;
    let folder = std::env::temp_dir().join(format!("altinn-soap-sessions-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let mut server = command("cargo run --quiet --package altinn-soap-interop --bin serve_tls --");
    let server = Peer::start("", server.arg(&folder))?;
    let outcome = peer::call(vec![server], |list| {
        for (port, contract, operations, expected) in SESSIONS {
            let place = url(list, port)?;
            let (url, root) = place.split_once(' ').ok_or("a port without its root certificate")?;
            let mut caller = super::cxf::caller();
            caller
                .args([contract, url, root])
                .args(["test-cert.pem", "test-key.pem"].map(|file| format!("{VECTORS}/{file}")));
            let output = caller.args(operations).output()?;
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            if !output.status.success() || text != expected {
                return Err(format!("{port}: {text}{}", String::from_utf8_lossy(&output.stderr)).into());
            }
        }
        Ok(())
    });
    let _ = fs::remove_dir_all(folder);
    outcome
}

/// Ports, their contracts, what is called, and what comes of it.
const SESSIONS: [(&str, &str, &[&str], &str); 2] = [
    (
        "CustomBinding_IReceiptExternalEC2",
        "wsdl-cache/wsdl/receipt.ec2.wsdl",
        &["getReceiptECV2", "getReceiptECV2", "test"],
        "getReceiptECV2: GetReceiptECV2Result=ReceiptId=42 ReceiptText=served: <&> æøå, certificate of 742 bytes\n\
         getReceiptECV2: GetReceiptECV2Result=ReceiptId=42 ReceiptText=served: <&> æøå, certificate of 742 bytes\n\
         test: fault Sender The message cannot be processed: no operation of this endpoint has its action and the element in \
         its body.\n",
    ),
    (
        "CustomBinding_IBrokerServiceExternalEC2Streamed",
        "wsdl-cache/wsdl/broker_streamed.ec2.wsdl",
        &["uploadFileStreamedEC", "downloadFileStreamedEC"],
        "uploadFileStreamedEC: ReceiptText=<&> æ 3000000\n\
         downloadFileStreamedEC: DownloadFileStreamedECResult=2000000 \
         13aea96040f2133033d103008d5d96cfe98b3361f7202d77bea97b2424a7a6cd\n",
    ),
];

/// Where a port is served: what stands behind its name.
fn url(list: &Path, port: &str) -> Result<String> {
    let list = fs::read_to_string(list)?;
    let url = list.lines().find_map(|line| line.strip_prefix(port)?.strip_prefix(' '));
    Ok(url.ok_or_else(|| format!("{port} is not served"))?.to_owned())
}
