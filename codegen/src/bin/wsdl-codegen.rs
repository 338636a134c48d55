//! `wsdl-codegen`: Rust clients from WSDL, on the command line.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use wsdl_codegen::contract::model::Contract;
use wsdl_codegen::files::{self, Failure, Links};
use wsdl_codegen::render::manifest::{self, Runtime};
use wsdl_codegen::{Config, GeneratedFile, SourceSet};

/// Rust clients from WSDL 1.1. Reads the given files only; never the network.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Writes a crate with a client for each port.
    Generate {
        #[command(flatten)]
        contracts: Contracts,
        /// Folder of the crate; made if it is not there.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Folder of the runtime crate, instead of its published version.
        #[arg(long, value_name = "DIR")]
        runtime_path: Option<PathBuf>,
    },
    /// Prints what the contracts say.
    Inspect {
        #[command(flatten)]
        contracts: Contracts,
        /// For people or for programs.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Reads the contracts and resolves every name in them; writes nothing.
    Check {
        #[command(flatten)]
        contracts: Contracts,
    },
}

/// What is read.
#[derive(Debug, Args)]
struct Contracts {
    /// WSDL and XSD files, or folders of them.
    #[arg(required = true, value_name = "WSDL|DIR")]
    sources: Vec<PathBuf>,
    /// Configuration (`codegen.toml`).
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Symbolic links in folders may lead out of them.
    #[arg(long)]
    follow_links: bool,
    /// Leave out operations that cannot be generated, and say which.
    #[arg(long)]
    allow_partial: bool,
}

impl Contracts {
    fn read(&self) -> Result<(SourceSet, Config), Failure> {
        let links = if self.follow_links { Links::Anywhere } else { Links::Inside };
        let mut config = self.config.as_deref().map_or_else(|| Ok(Config::default()), files::read_config)?;
        config.allow_partial |= self.allow_partial;
        Ok((files::read_following(&self.sources, links)?, config))
    }

    /// Reads the contracts, and prints the warnings.
    fn resolve(&self) -> Result<Contract, Failure> {
        let (sources, config) = self.read()?;
        let (contract, warnings) = wsdl_codegen::read_with_warnings(&sources, &config)?;
        for warning in &warnings {
            eprintln!("{warning}");
        }
        Ok(contract)
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Json,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Generate { contracts, out, runtime_path } => generate(&contracts, &out, runtime_path.as_deref()),
        Command::Inspect { contracts, format } => inspect(&contracts, format),
        Command::Check { contracts } => check(&contracts),
    };
    match outcome {
        Ok(text) => {
            println!("{}", text.trim_end());
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn generate(contracts: &Contracts, out: &Path, runtime: Option<&Path>) -> Result<String, Failure> {
    let (sources, config) = contracts.read()?;
    let generated = wsdl_codegen::generate(&sources, &config)?;
    for warning in &generated.warnings {
        eprintln!("{warning}");
    }
    let runtime = match runtime {
        Some(path) => Runtime::Path(
            files::relative(out, path)
                .map_err(|error| Failure::File { path: path.to_owned(), message: error.to_string() })?,
        ),
        None => Runtime::default(),
    };
    let needs_certificate = generated.summary.ports.iter().any(|port| port.needs_certificate);
    let manifest = manifest::text(&package_name(out), &generated.summary.services, &runtime, needs_certificate);
    let mut all = generated.files;
    all.push(GeneratedFile { path: "Cargo.toml".to_owned(), text: manifest });
    refuse_foreign(out)?;
    files::sync(out, &all)?;
    Ok(generated.summary.to_string())
}

/// A folder with something in it must be a generated crate.
fn refuse_foreign(out: &Path) -> Result<(), Failure> {
    let empty = std::fs::read_dir(out).map_or(true, |mut entries| entries.next().is_none());
    let manifest = out.join("Cargo.toml");
    let manifest =
        if manifest.is_file() { std::fs::read_to_string(manifest).unwrap_or_default() } else { String::new() };
    if empty || files::is_generated(&manifest) {
        return Ok(());
    }
    Err(Failure::File {
        path: out.to_owned(),
        message: "holds files that were not generated; choose an empty or a new folder".to_owned(),
    })
}

/// A package name from the name of the folder.
fn package_name(out: &Path) -> String {
    let folder =
        std::path::absolute(out).ok().and_then(|path| path.file_name().map(|name| name.to_string_lossy().into_owned()));
    let legal = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c.to_ascii_lowercase() } else { '-' };
    let name: String = folder.unwrap_or_default().chars().map(legal).collect();
    match name.chars().next() {
        Some(first) if first.is_ascii_alphabetic() => name,
        _ => format!("soap-{}", name.trim_start_matches(['-', '_'])),
    }
}

fn inspect(contracts: &Contracts, format: Format) -> Result<String, Failure> {
    let contract = contracts.resolve()?;
    Ok(match format {
        Format::Text => wsdl_codegen::inspect::text(&contract),
        Format::Json => wsdl_codegen::inspect::json(&contract),
    })
}

fn check(contracts: &Contracts) -> Result<String, Failure> {
    let contract = contracts.resolve()?;
    let ports = || contract.services.iter().flat_map(|service| &service.ports);
    let operations: usize = ports().map(|port| port.operations.len()).sum();
    let left_out: usize = ports().map(|port| port.left_out.len()).sum();
    Ok(format!(
        "{} ports, {operations} operations, {left_out} left out, {} types",
        ports().count(),
        contract.types.len()
    ))
}
