//! What several tests need.

#[path = "../../support/environment.rs"]
pub(crate) mod environment;
pub(crate) mod infoset;
pub(crate) mod package;

use std::path::PathBuf;

use altinn_soap::generated::v1;
use altinn_soap::registry;
use wsdl_codegen::Config;
use wsdl_codegen::contract::model::Contract;
use wsdl_codegen::files;

/// The workspace.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The contract of the cache, as the configuration has it.
pub(crate) fn contract() -> Contract {
    let sources = files::read(&[root().join("wsdl-cache")]).unwrap();
    let config: Config = files::read_config(&root().join("generated/codegen.toml")).unwrap();
    wsdl_codegen::read(&sources, &config).unwrap()
}

/// The exchange of an operation of the port with this `wsdl:port` name.
pub(crate) fn exchange(port: &str, operation: &str) -> Option<&'static v1::Exchange> {
    registry::exchanges()
        .into_iter()
        .find(|exchange| exchange.port().name == port && exchange.operation().name == operation)
}
