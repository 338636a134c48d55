//! A server that Apache CXF makes of a contract: the one of `interop/cxf`, if `cargo xtask interop` has built it.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Ends when dropped.
pub(crate) struct Cxf {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Cxf {
    /// Serves a contract, without checks by its schema. `None` if it is not built, or there is no Java.
    pub(crate) fn start(contract: &str) -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut java = Command::new("java");
        java.current_dir(&root).args([
            "-cp",
            "interop/cxf/target/classes:interop/cxf/target/lib/*",
            "Peer",
            "--unchecked",
        ]);
        let mut process = java.arg(contract).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
        let lines = BufReader::new(process.stdout.take()?).lines();
        let ready = lines.map_while(Result::ok).find(|line| line.starts_with("READY "));
        let address = ready.and_then(|line| line.split('/').nth(2)?.parse().ok());
        let Some(address) = address else {
            let _ = process.kill();
            let _ = process.wait();
            return None;
        };
        Some(Self { process, address })
    }

    /// Seconds that its threads have run.
    pub(crate) fn on_processor(&self) -> f64 {
        // Of proc_pid_stat(5), in ticks of a hundredth of a second: what stands behind the name, which may hold blanks.
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap_or_default();
        let fields = text.rsplit_once(") ").map_or("", |(_, rest)| rest).split(' ');
        fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
    }
}

impl Drop for Cxf {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
