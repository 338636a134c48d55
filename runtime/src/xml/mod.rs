//! The XML layer: a bounded pull reader and an escaping writer. Nothing else names the parser behind them.

mod cutter;
pub(crate) mod escape;
mod includes;
mod reader;
mod scope;
#[cfg(feature = "ec2")]
pub(crate) mod tree;
mod writer;

pub(crate) use cutter::{Cutter, Markup};
pub(crate) use includes::inclusions;
pub use reader::{Node, Reader};
pub use writer::{Style, Writer};

/// The namespace of `xsi:nil` and `xsi:type`.
pub(crate) const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// What a document may cost, whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XmlLimits {
    /// Elements inside each other. Default 128.
    pub depth: u32,
    /// Bytes of memory that the values read from one document may take, estimated. Default 512 MiB.
    ///
    /// A small element can stand for a large value, so the size of the document alone bounds nothing.
    pub memory: usize,
}

impl Default for XmlLimits {
    fn default() -> Self {
        Self { depth: 128, memory: 512 << 20 }
    }
}
