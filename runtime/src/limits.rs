//! Limits on the size, nesting and duration of calls.

use std::time::Duration;

/// Time to reach the endpoint: name look-up, TCP, proxy and TLS together.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest pause between two pieces of a body, in either direction.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// What a whole reply may take longer than its beginning: the default of
/// [`ConnectionBuilder::transfer_timeout`](crate::ConnectionBuilder::transfer_timeout) is this and the operation's reply
/// time-out.
pub const TRANSFER_TIME: Duration = Duration::from_secs(600);

/// Octets that a stream and a request have to move in each minute in which the network is waited for: 240 a second, which
/// web servers demand as well.
pub const MINIMUM_RATE: u64 = 240 * 60;

/// How long an unused connection is kept for the next call.
///
/// Half of the 120 s after which IIS closes one, so that the client is the one to close it: a call sent
/// at the moment the server closes would fail with its delivery unknown.
pub const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// Unused connections kept per host.
pub const POOL_SIZE: usize = 32;

/// Parameters of a media type (`Content-Type`), of a message or of one of its parts. WCF and CXF write five.
pub const MEDIA_TYPE_PARAMETERS: usize = 100;

/// Bytes of the prefixes and namespaces that are declared at one place of a document, 64 KiB. XML that is kept as a
/// document of its own carries all of them.
pub const DECLARATION_BYTES: usize = 64 << 10;

/// Limits on a reply.
///
/// ```
/// use soap_runtime::{Connection, Limits};
///
/// let mut limits = Limits::default();
/// limits.reply_bytes = 4 << 20;
/// let connection = Connection::builder("https://localhost").limits(limits).build()?;
/// # Ok::<(), soap_runtime::Error>(())
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a reply that is held in memory. Default 64 MiB. Reading it takes up to 2.5 times as many.
    pub reply_bytes: usize,
    /// Bytes of one item of a list that is read item by item. Default 16 MiB; up to 1 MiB more may be accepted.
    pub item_bytes: usize,
    /// Bytes read of an answer that is not SOAP, before the connection is given up. Default 16 KiB.
    ///
    /// The content is discarded. It is read to its end so that the connection can be reused.
    pub error_page_bytes: usize,
    /// Header lines of an answer. Default 100. All of them together never exceed about 400 KiB.
    pub reply_headers: usize,
    /// Nesting, and memory for values.
    pub xml: XmlLimits,
    /// Parts of MTOM messages.
    pub mtom: MtomLimits,
}

/// The default of [`Limits::reply_headers`].
pub(crate) const REPLY_HEADERS: usize = 100;

impl Default for Limits {
    fn default() -> Self {
        Self {
            reply_bytes: 64 << 20,
            item_bytes: 16 << 20,
            error_page_bytes: 16 << 10,
            reply_headers: REPLY_HEADERS,
            xml: XmlLimits::default(),
            mtom: MtomLimits::default(),
        }
    }
}

/// Limits on an XML document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XmlLimits {
    /// Depth of nested elements. Default 128.
    pub depth: u32,
    /// Namespace declarations in scope at one place. Default 256. They may have [`DECLARATION_BYTES`].
    pub declarations: usize,
    /// Attributes of one element, namespace declarations included. Default 512.
    pub attributes: usize,
    /// Bytes of memory that the values read from one document may take, estimated. Default 512 MiB.
    ///
    /// A small element can become a large value, so a limit on the size of the document is not enough.
    pub memory: usize,
}

impl Default for XmlLimits {
    fn default() -> Self {
        Self { depth: 128, declarations: 256, attributes: 512, memory: 512 << 20 }
    }
}

/// Limits on an MTOM message (`multipart/related`), and the size from which content is sent as a part.
///
/// The parts that are held in memory count together against [`Limits::reply_bytes`](crate::Limits::reply_bytes), those on
/// disk against [`spilled_bytes`](Self::spilled_bytes); a part that is handed over as a stream is not limited.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MtomLimits {
    /// Parts in a package, and so heads of parts. Default 1000, as in WCF.
    pub parts: usize,
    /// Bytes of the header lines of one part. Default 8 KiB.
    pub part_header_bytes: usize,
    /// Bytes before the first boundary, and bytes read after the last one. Default 64 KiB each.
    ///
    /// They carry no meaning and are discarded.
    pub around_bytes: usize,
    /// On a port with MTOM, binary content of at least this many bytes is sent as a part; smaller content is sent as
    /// base64 in the envelope. Default 768, as in WCF. With `usize::MAX` only streams are sent as parts.
    pub part_threshold: usize,
    /// Bytes of the parts and of the base64 of one reply that may be kept on disk, if the connection allows it
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::Reader;

    /// What real documents need, with room to spare.
    #[test]
    fn no_default_is_small() {
        let Limits { xml, mtom, .. } = Limits::default();
        assert!(xml.declarations >= 256 && xml.attributes >= 256);
        const { assert!(MEDIA_TYPE_PARAMETERS >= 64) };
        assert!(mtom.parts >= 1000);
    }

    #[test]
    fn declarations_count_by_number_and_by_length() {
        let limits = XmlLimits { declarations: 3, ..XmlLimits::default() };
        let read = |declarations: &str| {
            let document = format!("<a xmlns:p='urn:1'><b xmlns:q='urn:2'/><c {declarations}/></a>");
            let mut reader = Reader::new(document.as_bytes(), &limits);
            let read =
                reader.next().and_then(|_| reader.next()).and_then(|_| reader.skip()).and_then(|()| reader.next());
            read.map_err(|error| error.to_string()).err().unwrap_or_default()
        };
        assert_eq!(read("xmlns:r='urn:3' xmlns:s='urn:4'"), "");
        assert!(read("xmlns:r='' xmlns:s='' xmlns:t=''").contains("XmlLimits::declarations)"));
        assert_eq!(read(&format!("xmlns:r='{}'", "x".repeat(DECLARATION_BYTES - 8))), "");
        assert!(read(&format!("xmlns:r='{}'", "x".repeat(DECLARATION_BYTES))).contains("DECLARATION_BYTES)"));
    }
}
