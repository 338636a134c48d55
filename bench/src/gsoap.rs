//! gSOAP's MTOM client, a program of its own: `make -C interop/gsoap bench` builds it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The program, if it has been built and takes that many bytes.
pub(crate) fn client(bytes: u64) -> Option<PathBuf> {
    if i32::try_from(bytes).is_err() {
        println!("gSOAP is left out: it uploads less than 2 GiB");
        return None;
    }
    let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("../interop/gsoap/target/bench/client");
    if client.exists() {
        return Some(client);
    }
    println!("gSOAP is left out: `make -C interop/gsoap bench` builds its client");
    None
}

/// One call: seconds by the clock and on the processor, and the most memory in KiB.
pub(crate) fn call(client: &Path, url: &str, direction: &str, bytes: u64, root: Option<&[u8]>) -> (f64, f64, u64) {
    let mut command = Command::new(client);
    command.args([url, direction, &bytes.to_string(), "1"]);
    let file = std::env::temp_dir().join(format!("altinn-soap-bench-{}.pem", std::process::id()));
    if let Some(root) = root {
        fs::write(&file, root).expect("a file");
        command.env("CA_FILE", &file);
    }
    let output = command.output().expect("gSOAP's client");
    // It is only there for https.
    let _ = fs::remove_file(file);
    assert!(output.status.success(), "gSOAP's client: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("a text");
    let mut words = text.split_whitespace().map(|word| word.parse::<f64>().expect("a number"));
    let mut next = || words.next().expect("three numbers");
    (next(), next(), next() as u64)
}
