//! wsdl-cache/MANIFEST.toml: what the cache holds and where it comes from.

use std::fs;

use serde::Deserialize;

use crate::{Result, root};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) file: Vec<File>,
    pub(crate) operation: Vec<Operation>,
    pub(crate) difference: Vec<Difference>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) sha256: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Operation {
    /// `module.variant`.
    pub(crate) port: String,
    pub(crate) name: String,
    pub(crate) provenance: Provenance,
    /// The published contract that holds it.
    pub(crate) source: Option<String>,
    /// How it was derived.
    pub(crate) rule: Option<String>,
    pub(crate) reason: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Provenance {
    Verified,
    Inferred,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Difference {
    pub(crate) contract: String,
    pub(crate) kind: DifferenceKind,
    #[serde(rename = "where")]
    pub(crate) place: String,
    pub(crate) what: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DifferenceKind {
    Addition,
    Variant,
}

pub(crate) const PATH: &str = "wsdl-cache/MANIFEST.toml";

pub(crate) fn read() -> Result<Manifest> {
    let text = fs::read_to_string(root().join(PATH))?;
    Ok(toml::from_str(&text).map_err(|error| format!("{PATH}: {error}"))?)
}
