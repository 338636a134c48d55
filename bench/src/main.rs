//! Speed, as ratios of medians within one run: `cargo run --release -p altinn-soap-bench -- <xml | codegen | check | streams [MiB]>`.

mod check;
mod codegen;
mod ratio;
mod streams;
mod xml;

use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("xml") => xml::run(),
        Some("codegen") => codegen::run(),
        Some("check") => check::run(),
        Some("streams") => streams::run(),
        _ => {
            eprintln!("usage: altinn-soap-bench <xml | codegen | check | streams [MiB]>");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
