//! WSDL 1.1 and XML Schema in, Rust clients out.
//!
//! [`generate`] is a pure function: named texts in, named texts out. It reads no file, no clock and no
//! network. [`Builder`] does the same for a build script, and the program `wsdl-codegen` for the
//! command line; both keep files in [`files`].
//!
//! The stages, each with a model of its own: documents as written, the resolved contract ([`contract`]), names and
//! places in Rust ([`rust`]), and text ([`render`]).

mod builder;
pub mod config;
pub mod contract;
pub mod diagnostic;
pub mod document;
pub mod files;
pub mod inspect;
pub mod name;
mod output;
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
