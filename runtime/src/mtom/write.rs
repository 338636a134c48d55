//! Writes packages: with MTOM byte for byte what WCF writes, except for boundary and ids; attachments alone as the WS-I
//! Attachments Profile has them.

use bytes::Bytes;

use crate::mtom::parts::{Attachments, OCTETS, Part};
use crate::soap::SoapVersion;
use crate::wiped::Wiped;

/// An envelope and its parts, in the order in which they are sent. Contents are not copied.
pub(crate) struct OutgoingPackage {
    /// The value of `Content-Type`.
    pub(crate) content_type: String,
    /// Up to where the stream begins, or else to the end.
    pub(crate) head: Vec<Bytes>,
    /// After the stream.
    pub(crate) tail: Option<Bytes>,
}

impl OutgoingPackage {
    /// Packs a finished envelope. It comes first, so that a receiver can check the caller before the content arrives.
    ///
    /// There is no `action` parameter: WCF checks it where present, and never requires it.
    pub(crate) fn new(soap: SoapVersion, envelope: &Wiped, attachments: Attachments) -> Self {
        let is_xop = attachments.is_xop();
        let (ids, parts, stream) = attachments.into_parts();
        let (boundary, root, media_type) = (ids.boundary(), ids.root(is_xop), soap.media_type());
        let (root_type, start_info, root_content) = match is_xop {
            true => (
                "application/xop+xml",
                format!(r#"; start-info="{media_type}""#),
                format!(r#"application/xop+xml;charset=utf-8;type="{media_type}""#),
            ),
            false => (media_type, String::new(), format!("{media_type}; charset=utf-8")),
        };
        let content_type =
            format!(r#"multipart/related; type="{root_type}"; start="<{root}>"; boundary="{boundary}"{start_info}"#);
        let root_head = format!(
            "\r\n--{boundary}\r\nContent-ID: <{root}>\r\nContent-Transfer-Encoding: 8bit\r\n\
             Content-Type: {root_content}\r\n\r\n"
        );
        let part_head = |id: &str, media_type: &str| {
            Bytes::from(format!(
                "\r\n--{boundary}\r\nContent-ID: <{id}>\r\nContent-Transfer-Encoding: binary\r\n\
                 Content-Type: {media_type}\r\n\r\n"
            ))
        };
        let end = Bytes::from(format!("\r\n--{boundary}--\r\n"));
        // Head and envelope are one piece, so that a small message is sent in one packet.
        let mut head = vec![Bytes::from(envelope.behind(root_head.as_bytes()))];
        for Part { id, media_type, content } in parts {
            head.extend([part_head(&id, &media_type), content]);
        }
        let tail = match stream {
            Some(id) => {
                head.push(part_head(&id, OCTETS));
                Some(end)
            }
            None => {
                head.push(end);
                None
            }
        };
        Self { content_type, head, tail }
    }

    /// Bytes of all but the stream.
    pub(crate) fn len(&self) -> u64 {
        self.head.iter().chain(&self.tail).map(|piece| piece.len() as u64).sum()
    }

    /// The whole package in one buffer, if it has no stream.
    #[cfg(test)]
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        assert!(self.tail.is_none());
        self.head.concat()
    }
}
