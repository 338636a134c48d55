//! Messages that pass between us and programs that check and write security headers, without a network.
//!
//! A test of ours writes some of every secured operation, xmlsec1 and WSS4J check them and sign messages themselves, and
//! a second test of ours checks those. In between they lie in a folder that is gone afterwards.

use std::fs;
use std::path::PathBuf;

use super::ignored::Tests;
use super::{wss4j, xmlsec1};
use crate::Result;

/// Certificate and key that both sides sign with.
pub(super) const VECTORS: &str = "tests/fixtures/security/vectors";

/// Where the tests find the folder.
const VARIABLE: &str = "INTEROP_SIGNATURES";

/// A message of ours.
pub(super) struct Ours {
    pub(super) file: String,
    /// `username`, `certificate`, `context` or `derived`.
    pub(super) kind: String,
    /// Hexadecimal.
    pub(super) hmac_key: String,
}

/// A message of another stack.
pub(super) struct Theirs {
    pub(super) file: String,
    /// The key of its session, hexadecimal.
    pub(super) key: String,
    /// Signatures and parts that are to be found, or `refused`.
    pub(super) expected: String,
}

impl Theirs {
    pub(super) fn parse(line: &str) -> Result<Self> {
        let [file, key, expected] = columns(line)?;
        Ok(Self { file, key, expected })
    }
}

fn columns<const N: usize>(line: &str) -> Result<[String; N]> {
    let columns: Vec<String> = line.split('\t').map(str::to_owned).collect();
    columns.try_into().map_err(|_| "a list of messages is damaged".into())
}

pub(super) fn exchange(tests: &mut Tests) -> Result {
    xmlsec1::install()?;
    let folder = Folder::new()?;
    tests.run(&["interop_signatures::messages_for_other_stacks"], VARIABLE, &folder.0)?;
    let ours = fs::read_to_string(folder.0.join("ours.tsv"))?;
    let ours = ours.lines().map(|line| {
        let [file, kind, _password, hmac_key, _entropies] = columns(line)?;
        Ok(Ours { file, kind, hmac_key })
    });
    let ours: Vec<Ours> = ours.collect::<Result<_>>()?;

    xmlsec1::check(&folder.0, &ours)?;
    let mut theirs = xmlsec1::sign(&folder.0)?;
    theirs.extend(wss4j::check_and_sign(&folder.0)?);
    let list = theirs.iter().map(|message| format!("{}\t{}\t{}\n", message.file, message.key, message.expected));
    fs::write(folder.0.join("theirs.tsv"), list.collect::<String>())?;
    tests.run(&["interop_signatures::messages_of_other_stacks"], VARIABLE, &folder.0)
}

/// A folder that goes with its owner.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("altinn-soap-messages-{}", std::process::id()));
        fs::create_dir(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nothing depends on it: at worst a folder is left.
        let _ = fs::remove_dir_all(&self.0);
    }
}
