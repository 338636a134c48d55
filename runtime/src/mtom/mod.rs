//! Packages: a SOAP envelope and, as further parts of a `multipart/related` message, the binary content that it includes
//! (MTOM, XOP) or attachments (SOAP with Attachments).
//!
//! It awaits only the pieces of a given body, and the disk if parts are spilled there. It writes the form that WCF
//! writes, because WCF refuses most others, and reads what WCF, CXF, Metro, gSOAP and node-soap write.
//!
//! - [`media_type`]: `Content-Type` and its parameters.
//! - [`delimiter`]: finds the boundary in a sequence of pieces, whatever their sizes, without copying them.
//! - [`multipart`]: the parts of a package, as they come.
//! - [`package`]: which of them is the envelope, and where the others are kept.
//! - [`parts`]: the parts beside an envelope, in both directions.
//! - [`includes`]: where a document includes parts.
//! - [`inline`]: the parts put into the envelope, for code that needs its octets.
//! - [`write`]: a package as it is sent.

#[cfg(feature = "test-util")]
pub(crate) mod beside;
pub(crate) mod content_id;
mod delimiter;
pub(crate) mod extract;
pub(crate) mod includes;
pub(crate) mod inline;
mod layout;
pub(crate) mod media_type;
mod multipart;
pub(crate) mod package;
mod part_head;
pub(crate) mod parts;
#[cfg(test)]
mod tests;
pub(crate) mod write;
