//! Speed, as ratios of medians within one run: `cargo run --release -p altinn-soap-bench -- <xml | codegen [shape] | check | calls | streams [MiB] | server [MiB] | hostile>`.

mod calls;
mod check;
#[path = "../../xtask/src/corpus/closure.rs"]
mod closure;
mod codegen;
mod corpora;
mod cxf;
mod gsoap;
mod hostile;
mod measure;
mod ratio;
#[path = "../../xtask/src/corpus/scan.rs"]
mod scan;
mod served;
mod server;
#[path = "../../codegen/tests/linear/shapes.rs"]
mod shapes;
mod streams;
mod xml;

use std::process::ExitCode;

/// Of what looks for the files of a contract.
type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("xml") => xml::run(),
        Some("codegen") => return codegen::run(),
        Some("codegen-once") => codegen::once(),
        Some("check") => check::run(),
        Some("calls") => calls::run(),
        Some("streams") => streams::run(),
        Some("server") => served::run(),
        Some("hostile") => return hostile::run(),
        _ => {
            eprintln!(
                "usage: altinn-soap-bench <xml | codegen [shape] | check | calls | streams [MiB] | server [MiB] | hostile>"
            );
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
