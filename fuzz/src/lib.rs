//! Fuzz targets: functions from octets to a verdict, which panic where something does not hold that must.
//!
//! An input is no message but the decisions from which one is made: it begins as a right one, and is changed in none to
//! three places of its structure. So most inputs come far, and all of them are nearly right.

mod choices;
mod contract;
mod http;
mod keys;
mod message;
mod mutate;
mod network;
mod outcome;
mod package;
mod reply;
pub mod runner;
mod served;
mod service;
#[cfg(test)]
mod tests;
mod tree;

use std::fs;
use std::path::{Path, PathBuf};

pub use outcome::Verdict;

/// Content that no error may quote.
const PLANTED: &str = "QUOTED-01017012345";
/// The part of it that names of elements hold too.
const PLANTED_NUMBER: &str = "01017012345";

/// A fuzz target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, which is that of its program in `fuzz_targets/` too.
    pub name: &'static str,
    run: fn(&[u8]) -> Verdict,
}

/// All of them.
pub const TARGETS: [Target; 13] = [
    Target { name: "message", run: message::message },
    Target { name: "reply", run: reply::reply },
    Target { name: "fault", run: reply::fault },
    Target { name: "token", run: reply::token },
    Target { name: "request", run: reply::request },
    Target { name: "served", run: served::served },
    Target { name: "list", run: reply::list },
    Target { name: "head", run: http::head },
    Target { name: "package", run: package::package },
    Target { name: "download", run: package::download },
    Target { name: "pkcs12", run: keys::pkcs12 },
    Target { name: "pem", run: keys::pem },
    Target { name: "contract", run: contract::contract },
];

/// Octets of the longest input that is made by chance.
const LONGEST: usize = 256;

impl Target {
    /// The target of this name.
    pub fn named(name: &str) -> Option<Self> {
        TARGETS.into_iter().find(|target| target.name == name)
    }

    /// Tries an input.
    ///
    /// # Panics
    /// If something does not hold that must.
    pub fn run(&self, input: &[u8]) -> Verdict {
        (self.run)(input)
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures")
}

fn fixture(name: &str) -> Vec<u8> {
    let path = folder().join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files of this kind in the folders of a folder.
fn fixtures(name: &str, extension: &str) -> Vec<PathBuf> {
    let list = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect()
    };
    let folders = list(&folder().join(name)).into_iter().filter(|path| path.is_dir());
    let mut files: Vec<PathBuf> = folders.flat_map(|folder| list(&folder)).collect();
    files.retain(|path| path.extension().is_some_and(|found| found == extension));
    files.sort();
    files
}

/// A program for cargo-fuzz; without it, the program does nothing.
#[macro_export]
macro_rules! fuzz_program {
    ($name:literal) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|input: &[u8]| {
            let _ = $crate::Target::named($name).map(|target| target.run(input));
        });

        #[cfg(not(fuzzing))]
        fn main() {
            eprintln!("built without --cfg fuzzing: run `cargo xtask fuzz --target {}`", $name);
        }
    };
}
