//! Every chore of the project: `cargo xtask <verb>`.

mod ci;
mod contracts;
mod corpus;
mod derived;
#[cfg(test)]
mod door;
#[allow(dead_code, reason = "only tests use all of it")]
#[path = "../../tests/support/environment.rs"]
mod environment;
#[path = "../../build.rs"]
mod freshness;
mod fuzz;
mod interop;
mod manifest;
mod packages;
mod process;
mod readme;
mod regen;
#[cfg(test)]
mod rooms;
mod station;
#[cfg(test)]
mod tidy;
mod torture;
mod wsdl;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use environment::shared;

/// What can go wrong in a chore: said to a person, who reads it.
type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Parser)]
#[command(about = "The chores of altinn-soap")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Writes generated/ from wsdl-cache/ and generated/codegen.toml.
    Regen {
        /// Changes nothing: fails if a file is stale, missing or left over.
        #[arg(long)]
        check: bool,
    },
    /// Work on wsdl-cache/.
    Wsdl {
        #[command(subcommand)]
        verb: WsdlVerb,
    },
    /// Runs the tests that need servers of other stacks. Installs, starts and stops those.
    Interop {
        /// Only streams of gigabytes.
        #[arg(long)]
        large: bool,
        /// Only the stages whose name contains this.
        #[arg(long, conflicts_with = "large")]
        only: Option<String>,
    },
    /// The delivery experiment at length: calls of every variant to a server that fails in every way, and what each call
    /// said compared with what the server received.
    Torture {
        /// Calls of each variant.
        #[arg(long, default_value_t = 100_000)]
        submissions: u64,
        /// Makes a run again: it decides which trouble meets which call, and which calls are dropped. By default, a new one.
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Fuzzes: guided by coverage if cargo-fuzz or a C++ compiler is there, and else by chance.
    Fuzz(fuzz::Arguments),
    /// Runs the generator on all contracts in some folders, and prints what comes of them.
    Corpus(corpus::Arguments),
    /// Everything that .ci/run runs after the tests.
    Ci {
        /// Only the steps whose name contains this.
        #[arg(long)]
        only: Option<String>,
    },
}

#[derive(Subcommand)]
enum WsdlVerb {
    /// Checks digests, provenance, and the cache against the published contracts, if they are at hand.
    Verify {
        /// Writes the digests first.
        #[arg(long)]
        write: bool,
    },
}

fn main() -> ExitCode {
    let result = match Arguments::parse().verb {
        Verb::Regen { check } => regen::run(check),
        Verb::Wsdl { verb: WsdlVerb::Verify { write } } => wsdl::verify(write),
        Verb::Interop { large: false, only } => interop::run_all(only.as_deref()),
        Verb::Interop { large: true, .. } => interop::run_large(),
        Verb::Torture { submissions, seed } => torture::run_experiment(submissions, seed),
        Verb::Fuzz(arguments) => fuzz::fuzz(&arguments),
        Verb::Corpus(arguments) => corpus::run(&arguments),
        Verb::Ci { only } => ci::run_steps(only.as_deref()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace.
fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}
