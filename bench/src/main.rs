//! Speed, as ratios of medians within one run: `cargo run --release -p altinn-soap-bench -- <xml | codegen [shape] | check | calls | streams [MiB] | hostile>`.

mod calls;
mod check;
mod codegen;
mod gsoap;
mod hostile;
mod measure;
mod ratio;
mod server;
#[path = "../../codegen/tests/linear/shapes.rs"]
mod shapes;
mod streams;
mod xml;

use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("xml") => xml::run(),
        Some("codegen") => return codegen::run(),
        Some("codegen-once") => codegen::once(),
        Some("check") => check::run(),
        Some("calls") => calls::run(),
        Some("streams") => streams::run(),
        Some("hostile") => return hostile::run(),
        _ => {
            eprintln!("usage: altinn-soap-bench <xml | codegen [shape] | check | calls | streams [MiB] | hostile>");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
