//! The XML layer: a bounded pull reader and an escaping writer. Nothing else names the parser behind them.

mod cutter;
pub(crate) mod encoding;
pub(crate) mod escape;
mod includes;
mod reader;
mod scope;
#[cfg(feature = "secure-conversation")]
pub(crate) mod tree;
mod writer;

pub(crate) use cutter::{Cutter, Markup};
pub(crate) use includes::inclusions;
pub use reader::{Node, Reader};
pub use writer::{Style, Writer};

/// The namespace of `xsi:nil` and `xsi:type`.
pub(crate) const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
