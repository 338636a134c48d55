//! WSDL 1.1 and XML Schema in, Rust clients out.
//!
//! [`generate`] is a pure function: named texts in, named texts out. It reads no file, no clock and no
//! network. [`Builder`] does the same for a build script, and the program `wsdl-codegen` for the
//! command line; both keep files in [`files`].
//!
//! The stages, each with a model of its own: documents as written, the resolved contract ([`ir`]), names and
//! places in Rust ([`naming`]), and text ([`render`]).

mod builder;
pub mod config;
pub mod diagnostic;
pub mod files;
pub mod inspect;
pub mod ir;
pub mod naming;
mod output;
pub mod render;
mod resolve;
pub mod source;
mod wsdl;
mod xml;
mod xsd;

pub use builder::Builder;
pub use config::Config;
pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use files::Failure;
pub use ir::{read, read_with_warnings};
pub use output::{Generated, generate, generate_inline, write};
pub use render::Target;
pub use render::summary::Summary;
pub use render::tree::GeneratedFile;
pub use source::SourceSet;
