//! Content that travels beside a message.

use crate::value::Binary;

/// An attachment: content that travels beside the envelope, as a part of the same package (SOAP with Attachments).
///
/// It is held in memory, or on disk where a reply's large parts go there; it counts against the same limits as the parts
/// of MTOM messages. Several requests may share its content, which is cheap to clone.
///
/// ```
/// use soap_runtime::Attachment;
///
/// let photo = Attachment::from(&b"\xFF\xD8\xFF"[..]);
/// assert_eq!(photo.media_type, None);
/// let note = Attachment::new(&b"Dear Ada"[..]).of_type("text/plain; charset=utf-8");
/// assert_eq!(note.content.len(), 8);
/// ```
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default))]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attachment {
    /// The octets, as they are.
    pub content: Binary,
    /// `Content-Type`. In a request, `None` stands for the first type that the contract names, or else for
    /// `application/octet-stream`; in a reply, it is what the service has said, and nothing checks it.
    pub media_type: Option<String>,
}

impl Attachment {
    /// Content of the type that the contract names.
    pub fn new(content: impl Into<Binary>) -> Self {
        Self { content: content.into(), media_type: None }
    }

    /// The same content, of this media type.
    #[must_use]
    pub fn of_type(self, media_type: impl Into<String>) -> Self {
        Self { media_type: Some(media_type.into()), ..self }
    }
}

impl<T: Into<Binary>> From<T> for Attachment {
    fn from(content: T) -> Self {
        Self::new(content)
    }
}
