//! The header lines of a part.

use crate::error::Error;
use crate::mtom::content_id;
use crate::mtom::media_type::MediaType;
use crate::xml::steps;

/// The headers of a part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PartHead {
    /// `Content-ID` without brackets.
    pub(crate) content_id: Option<String>,
    /// `Content-Type`, as written.
    pub(crate) content_type: Option<String>,
    /// The same, taken apart.
    pub(crate) media_type: Option<MediaType>,
    /// All lines, unfolded, names in lower case.
    #[cfg(test)]
    pub(crate) lines: Vec<(String, String)>,
}

impl PartHead {
    /// Reads the lines before the blank one. Lines that are no headers are skipped.
    pub(super) fn parse(lines: &[u8]) -> Result<Self, Error> {
        steps::count(lines.len());
        let text = String::from_utf8_lossy(lines).replace("\r\n", "\n");
        // A line that begins with white space continues the one before.
        let text = text.replace("\n ", " ").replace("\n\t", " ");
        let mut head = Self::default();
        for line in text.lines() {
            let Some((name, value)) = line.split_once(':') else { continue };
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
            match &*name {
                "content-id" => head.content_id = Some(content_id::bare(value).to_owned()).filter(|id| !id.is_empty()),
                "content-type" => {
                    head.media_type = Some(MediaType::parse(value.as_bytes())?);
                    head.content_type = Some(value.to_owned());
                }
                "content-transfer-encoding" => plain(value)?,
                _ => {}
            }
            #[cfg(test)]
            head.lines.push((name, value.to_owned()));
        }
        Ok(head)
    }
}

/// Parts are octets as they are; the names for that differ in what the octets may be.
fn plain(encoding: &str) -> Result<(), Error> {
    if ["binary", "8bit", "7bit"].iter().any(|name| encoding.eq_ignore_ascii_case(name)) {
        Ok(())
    } else {
        Err(Error::malformed("a part in a transfer encoding that is not read: binary, 8bit and 7bit are"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_every_kind() {
        let head = PartHead::parse(
            b"content-ID: <1@x>\r\nContent-Type: text/xml;\r\n\tcharset=utf-8\nnonsense\r\nContent-Transfer-Encoding: BINARY\r\n",
        );
        let head = head.unwrap();
        assert_eq!(head.content_id.as_deref(), Some("1@x"));
        assert_eq!(head.media_type.unwrap().parameter("charset"), Some("utf-8"));
        assert_eq!(PartHead::parse(b"").unwrap(), PartHead::default());
        assert!(PartHead::parse(b"\xFF\xFE: x\r\n: \r\n:").is_ok());
    }

    #[test]
    fn encodings_that_would_have_to_be_undone() {
        for encoding in ["base64", "quoted-printable", ""] {
            assert!(PartHead::parse(format!("Content-Transfer-Encoding: {encoding}").as_bytes()).is_err());
        }
    }
}
