//! The attachments of a message in memory, for tests that write an envelope and read it again.

use std::fmt;

use crate::error::Error;
use crate::mtom::part_head::PartHead;
use crate::mtom::parts::{Attachments, Ids, Part, Parts};
use crate::schema::attachment::write_attachments;
use crate::schema::decode::Decoder;
use crate::schema::encode::{Encoder, Style};
use crate::schema::slot::Slot;
use crate::schema::slots::Slots;

/// Attachments as they are received.
pub struct Beside(Parts);

impl Beside {
    /// Those of a message; none for a message of another kind.
    ///
    /// # Errors
    /// An attachment that can't be written.
    pub fn of(message: &dyn Slot) -> Result<Self, Error> {
        let mut attachments = Attachments::without_includes(Ids::default());
        if let Some(members) = message.members() {
            let slots = Slots::default();
            write_attachments(members, &mut Encoder::new(Style::Client, &slots).with_attachments(&mut attachments))?;
        }
        let mut parts = Parts::default();
        for Part { id, media_type, content } in attachments.into_parts().1 {
            let head =
                PartHead { content_id: Some(id), content_type: Some(media_type.into_owned()), ..PartHead::default() };
            parts.push(head, content.into());
        }
        Ok(Self(parts))
    }
}

impl<'x> Decoder<'x> {
    /// Reads these attachments beside the document.
    #[must_use]
    pub fn with_attachments(self, beside: &'x mut Beside) -> Self {
        self.with_parts(&mut beside.0)
    }
}

impl fmt::Debug for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Beside")
    }
}
