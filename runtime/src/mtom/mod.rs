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
//! - [`inline`]: the parts put into the envelope, for what needs it whole.
//! - [`write`]: a package as it is sent.

pub(crate) mod content_id;
mod delimiter;
pub(crate) mod inline;
pub(crate) mod media_type;
mod multipart;
pub(crate) mod package;
mod part_head;
pub(crate) mod parts;
#[cfg(test)]
mod tests;
pub(crate) mod write;

use crate::descriptor::Name;

/// The namespace of `Include`.
pub(crate) const XOP: &str = "http://www.w3.org/2004/08/xop/include";

/// The element that stands in the place of a part's content.
pub(crate) const INCLUDE: Name = Name::new(XOP, "Include");

/// What a `multipart/related` answer may cost, whoever sent it.
///
/// The parts that are held in memory count together against [`Limits::reply_bytes`](crate::Limits::reply_bytes), those on
/// disk against [`spilled_bytes`](Self::spilled_bytes); a part that is handed over as a stream is not limited.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MtomLimits {
    /// Parts in a package. Default 1000, as WCF has it.
    pub parts: usize,
    /// Bytes of the header lines of one part. Default 8 KiB.
    pub part_header_bytes: usize,
    /// Bytes before the first boundary, and bytes read after the last one. Default 64 KiB each.
    ///
    /// They mean nothing and are not kept.
    pub around_bytes: usize,
    /// Bytes of binary content from which on it is sent as a part, on a port with MTOM; below, it is sent as base64
    /// in the envelope. Default 768, as WCF has it. `usize::MAX` sends everything in the envelope but streams.
    pub part_threshold: usize,
    /// Bytes of the parts of one answer that go to disk, if the connection lets any
    /// ([`spill_parts`](crate::ConnectionBuilder::spill_parts)). Default 4 GiB.
    pub spilled_bytes: u64,
}

impl Default for MtomLimits {
    fn default() -> Self {
        Self {
            parts: 1000,
            part_header_bytes: 8 << 10,
            around_bytes: 64 << 10,
            part_threshold: 768,
            spilled_bytes: 4 << 30,
        }
    }
}
