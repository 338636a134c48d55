//! Replaces references to parts by their content.

use bytes::Bytes;

use crate::error::Error;
use crate::limits::XmlLimits;
use crate::mtom::includes::inclusions;
use crate::mtom::parts::Parts;
use crate::schema::decode::Includes;
use crate::value::base64_text;
use crate::xml::INCLUDE;

/// Puts the content of the parts as base64 where the envelope includes them.
///
/// For code that needs the octets of an envelope, such as tokens and signatures: a signature covers the inlined form.
/// The result is no longer than `limit`.
///
/// # Errors
/// A part that is missing or referred to twice, an envelope that is not well-formed, or more bytes than `limit`.
pub(crate) fn inline(envelope: Bytes, parts: &mut Parts, limits: &XmlLimits, limit: usize) -> Result<Bytes, Error> {
    // The namespace may be written with references; the name of an element may not.
    if memchr::memmem::find(&envelope, INCLUDE.local.as_bytes()).is_none() {
        return Ok(envelope);
    }
    let mut inlined = Vec::new();
    let mut from = 0;
    for inclusion in inclusions(&envelope, limits)? {
        let content = parts.take(&inclusion.href, false).map_err(Error::malformed)?.bytes()?;
        inlined.extend_from_slice(&envelope[from..inclusion.place.start]);
        from = inclusion.place.end;
        if content.len() / 3 * 4 > limit.saturating_sub(inlined.len()) {
            return Err(too_large());
        }
        inlined.extend_from_slice(parts.as_written(&inclusion.href, base64_text(&content)).as_bytes());
    }
    if from == 0 {
        return Ok(envelope);
    }
    inlined.extend_from_slice(&envelope[from..]);
    if inlined.len() > limit { Err(too_large()) } else { Ok(inlined.into()) }
}

fn too_large() -> Error {
    Error::malformed("the envelope with its parts is larger than the limit (Limits::reply_bytes)")
}
