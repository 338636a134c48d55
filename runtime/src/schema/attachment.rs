//! Attachments: fields of a message whose values are parts of its package, beside the envelope.

use crate::error::Error;
use crate::schema::decode::Decoder;
use crate::schema::encode::Encoder;
use crate::schema::field::{Field, Kind};
use crate::schema::partial::Partials;
use crate::schema::record::{Members, read_field};
use crate::schema::value::Value;
use crate::value::Attachment;

/// The media type where neither the caller nor the contract names one.
const UNKNOWN_TYPE: &str = "application/octet-stream";

/// A part that is sent: the name of the field, and the media type where the caller names none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outgoing {
    name: &'static str,
    media_type: &'static str,
}

/// The attachments among these fields, with their indices.
fn attached(fields: &'static [Field]) -> impl Iterator<Item = (usize, &'static Field)> {
    fields.iter().enumerate().filter(|(_, field)| field.kind == Kind::Attachment)
}

/// Whether a message of these fields has attachments.
pub(crate) fn has_attachments(fields: &'static [Field]) -> bool {
    attached(fields).next().is_some()
}

/// Reads the attachments of a message, once its envelope has been read.
pub(crate) fn read_attachments(
    fields: &'static [Field],
    members: Partials<'_, '_>,
    decoder: &mut Decoder<'_>,
) -> Result<(), Error> {
    let wanted: Vec<_> = attached(fields).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = wanted.iter().map(|(_, field)| field.name.local).collect();
    for ((at, field), found) in wanted.into_iter().zip(decoder.attachments(&names)?) {
        match found {
            Some(attachment) => {
                decoder.at_attachment(attachment);
                read_field(field, at, members, decoder)?;
            }
            None if field.required => {
                return Err(decoder.error("a required attachment is missing").in_element(field.name.local));
            }
            None => {}
        }
    }
    Ok(())
}

/// Gives the attachments of a message to its package. Where there is none, they go nowhere.
pub(crate) fn write_attachments(source: &dyn Members, encoder: &mut Encoder<'_>) -> Result<(), Error> {
    if !encoder.has_package() {
        return Ok(());
    }
    for (at, field) in attached(source.fields()) {
        let Some(member) = source.member(at) else { continue };
        encoder.at_attachment(Outgoing { name: field.name.local, media_type: field.default.unwrap_or_default() });
        member.write(field, encoder).map_err(|error| error.in_element(field.name.local))?;
    }
    Ok(())
}

impl Value for Attachment {
    fn read_value(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        decoder.take_attachment().ok_or_else(|| decoder.error("an attachment that is not beside the envelope"))
    }

    /// Content on disk is read into memory.
    fn write_value(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let Some(Outgoing { name, media_type }) = encoder.take_attachment() else {
            return Err(Error::malformed("an attachment that is not beside the envelope"));
        };
        let media_type = match self.media_type.as_deref() {
            None if media_type.is_empty() => UNKNOWN_TYPE,
            None => media_type,
            Some(stated) if is_media_type(stated) => stated,
            Some(_) => {
                return Err(Error::malformed("an attachment whose media type is none (`type/subtype`, in ASCII)"));
            }
        };
        encoder.attach(name, media_type, self.content.bytes()?);
        Ok(())
    }

    #[cfg(feature = "test-util")]
    fn sample(sampler: &mut crate::schema::sample::Sampler) -> Self {
        Self::new(sampler.text().into_bytes()).of_type("text/plain; charset=utf-8")
    }
}

/// Whether a text can stand in the head of a part as it is.
fn is_media_type(text: &str) -> bool {
    text.contains('/') && text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}
