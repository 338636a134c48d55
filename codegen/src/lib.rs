//! Generates Rust clients from WSDL 1.1 and XML Schema. They call the crate `soap-runtime`.
//!
//! [`Builder`] generates while a crate is built, and the program `wsdl-codegen` on the command line. Both call [`generate`],
//! which is a pure function from texts to texts: it reads no file, no clock and no network.
//!
//! ```
//! use wsdl_codegen::{Config, SourceSet, generate_inline};
//!
//! let mut sources = SourceSet::new();
//! sources.insert("empty.wsdl", r#"<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="urn:a"/>"#);
//! let diagnostics = generate_inline(&sources, &Config::default()).expect_err("there is no service in it");
//! assert!(diagnostics.to_string().contains("there is no port with a SOAP binding over HTTP"));
//! ```
//!
//! The stages, each with a model of its own: the documents as written ([`document`]), what they mean ([`contract`]), what
//! that becomes in Rust ([`rust`]), and its text ([`render`]). [`inspect`] prints a contract for people and for programs, and
//! [`diff`] what changed between two of them.

mod builder;
pub mod config;
pub mod contract;
pub mod diagnostic;
pub mod diff;
pub mod document;
pub mod files;
pub mod inspect;
pub mod name;
mod output;
mod plain;
pub mod render;
pub mod rust;

pub use builder::Builder;
pub use config::Config;
pub use contract::{read, read_with_warnings};
pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use document::source::SourceSet;
pub use files::Failure;
pub use output::{Generated, generate, generate_inline, write};
pub use render::GeneratedFile;
pub use rust::Target;
pub use rust::summary::Summary;
