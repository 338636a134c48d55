//! The XML layer: a bounded pull reader and an escaping writer. Only this module uses the parser behind them.

mod cutter;
pub(crate) mod encoding;
pub(crate) mod escape;
mod reader;
pub(crate) mod scope;
pub(crate) mod steps;
#[cfg(feature = "secure-conversation")]
pub(crate) mod tree;
mod writer;

use crate::name::Name;

pub(crate) use cutter::{Cutter, Markup};
pub(crate) use reader::{CHILD, Edge, SimpleContent};
pub use reader::{Node, Reader};
pub use writer::Writer;

/// The namespace of `xml:lang` and similar attributes, whose prefix is never declared.
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// The namespace of `xmlns`, which nothing declares.
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// The namespace of `xsi:nil` and `xsi:type`.
pub(crate) const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The namespace of SOAP 1.1 encoding, which is also the style of that encoding.
pub(crate) const ENCODING: &str = "http://schemas.xmlsoap.org/soap/encoding/";

/// The same of SOAP 1.2.
pub(crate) const ENCODING_12: &str = "http://www.w3.org/2003/05/soap-encoding";

/// The namespace of `Include`.
pub(crate) const XOP: &str = "http://www.w3.org/2004/08/xop/include";

/// The element that refers to the content of a part.
pub(crate) const INCLUDE: Name = Name::new(XOP, "Include");
