//! MTOM: a SOAP envelope and the binary content it refers to, as the parts of a `multipart/related` package (XOP).
//!
//! Nothing here awaits anything but the pieces of a body that it is given, and the disk if parts are sent there. What is
//! written is what WCF writes, since WCF refuses most else; what is read is what WCF, CXF, Metro, gSOAP and node-soap
//! write.
//!
//! - [`media_type`]: `Content-Type` and its parameters.
//! - [`delimiter`]: finds the boundary in a sequence of pieces, whatever their sizes, without copying them.
//! - [`multipart`]: the parts of a package, as they come.
//! - [`package`]: which of them is the envelope, and what becomes of the others.
//! - [`parts`]: the parts that an envelope refers to, in both directions.
//! - [`includes`]: where a document includes parts.
//! - [`inline`]: the parts put into the envelope, for what needs it whole.
//! - [`write`]: a package as it is sent.

pub(crate) mod content_id;
mod delimiter;
mod includes;
pub(crate) mod inline;
pub(crate) mod media_type;
mod multipart;
pub(crate) mod package;
mod part_head;
pub(crate) mod parts;
#[cfg(test)]
mod tests;
pub(crate) mod write;
