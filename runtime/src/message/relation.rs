//! RelatesTo of WS-Addressing, 1.0 and of August 2004: the message that a reply answers.

use crate::error::{Delivery, Error};
use crate::name::Name;
use crate::security::names::{ADDRESSING, ADDRESSING_2004};
use crate::xml::Reader;

/// The relationship of a reply, which is also the default. A message may have others to any number of messages.
const REPLY: &str = "http://www.w3.org/2005/08/addressing/reply";

/// The identifier in a fault whose sender could not read that of the request.
const UNSPECIFIED: [&str; 2] = [
    "http://www.w3.org/2005/08/addressing/unspecified",
    "http://schemas.xmlsoap.org/ws/2004/08/addressing/id/unspecified",
];

/// The headers of one message by which it says that it is a reply.
#[derive(Debug, Default)]
pub(crate) struct Relation {
    message_id: Option<String>,
    several: bool,
}

impl Relation {
    /// Whether the current header block says that its message is a reply.
    pub(crate) fn is_at(reader: &mut Reader<'_>) -> Result<bool, Error> {
        let is_2004 = reader.is(Name::new(ADDRESSING_2004, "RelatesTo"));
        if !is_2004 && !reader.is(Name::new(ADDRESSING, "RelatesTo")) {
            return Ok(false);
        }
        let relationship = reader.attribute("RelationshipType")?;
        Ok(relationship.is_none_or(|relationship| match is_2004 {
            // A qualified name there, whose prefix is the service's choice.
            true => relationship.trim().rsplit(':').next() == Some("Reply"),
            false => relationship.trim() == REPLY,
        }))
    }

    /// Takes in the content of such a header block.
    pub(crate) fn add(&mut self, message_id: &str) {
        self.several |= self.message_id.is_some();
        self.message_id.get_or_insert(message_id.trim().to_owned());
    }

    /// Whether the message says which one it answers.
    pub(crate) fn is_stated(&self) -> bool {
        self.message_id.as_deref().is_some_and(|id| !UNSPECIFIED.contains(&id))
    }

    /// Checks that the message does not answer another one than the request, of which it would say nothing.
    ///
    /// # Errors
    /// It does, or answers several.
    pub(crate) fn check(&self, request: Option<&str>) -> Result<(), Error> {
        let what = match (request, &self.message_id) {
            (Some(_), _) if self.several => "the answer relates to several messages (RelatesTo)",
            (Some(request), Some(found)) if self.is_stated() && found != request => {
                "the answer relates to another message (RelatesTo)"
            }
            _ => return Ok(()),
        };
        Err(Error::malformed(what).delivered(Delivery::Unknown))
    }
}
