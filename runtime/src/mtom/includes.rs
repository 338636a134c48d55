//! Finds the places where a document includes parts.

use std::ops::Range;

use crate::error::Error;
use crate::limits::XmlLimits;
use crate::xml::{INCLUDE, Reader};

/// An `xop:Include`: its byte range, and the id it refers to.
pub(crate) struct Inclusion {
    pub(crate) place: Range<usize>,
    pub(crate) href: String,
}

/// All of them, in document order. The limits are those of reading.
pub(crate) fn inclusions(document: &[u8], limits: &XmlLimits) -> Result<Vec<Inclusion>, Error> {
    let mut reader = Reader::new(document, limits);
    let mut found = Vec::new();
    while let Some(start) = reader.next_element()? {
        if reader.is(INCLUDE) {
            let href = reader.attribute("href")?.ok_or_else(|| reader.error("an xop:Include without href"))?;
            reader.skip()?;
            found.push(Inclusion { place: start..reader.position(), href });
        }
    }
    Ok(found)
}
