//! WSDL 1.1 and XML Schema in, Rust clients out.
//!
//! Everything here is a pure function of named texts: nothing is read from disk or network.

pub mod config;
pub mod diagnostic;
pub mod ir;
mod resolve;
pub mod source;
mod wsdl;
mod xml;
mod xsd;

pub use ir::{read, read_with_warnings};
