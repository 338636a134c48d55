//! What the generator writes for each construct of XML Schema that messages use.

use soap_runtime::generated::v1;

/// A contract of one construct.
#[derive(Debug)]
pub struct Case {
    /// Name of the folder and of the module.
    pub name: &'static str,
    /// Its operation.
    pub exchange: &'static v1::Exchange,
    /// The module; of a schema of chance, the schema.
    pub text: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/cases.rs"));
