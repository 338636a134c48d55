//! Writes a reply that is a list item by item.

use bytes::Bytes;

use crate::error::Error;
use crate::message::write::{END, write_front};
use crate::message::{Body, Direction, Heading};
use crate::schema::descriptor::{Operation, Reply};
use crate::schema::encode::{Encoder, Style};
use crate::schema::field::{Field, Items};
use crate::schema::slot::Slot;
use crate::schema::slots::Slots;
use crate::soap::SoapVersion;

/// Replies hold no credentials.
static NONE: Slots = Slots::none();

/// A reply whose list has been begun. Its octets are taken as they are written.
pub(crate) struct ListWriter {
    encoder: Encoder<'static>,
    /// The field of one item.
    item: Field,
    /// Elements to close.
    open: usize,
}

impl ListWriter {
    /// Writes a reply up to the first item.
    ///
    /// # Errors
    /// A reply that is no list.
    pub(crate) fn new(soap: SoapVersion, operation: &'static Operation, heading: &Heading<'_>) -> Result<Self, Error> {
        let mut encoder = Encoder::new(Style::Server, &NONE);
        write_front(&mut encoder, soap, heading, Body::Typed(Direction::Reply(operation), &()))?;
        let (wrapper, list) = match &operation.reply {
            Reply::Unwrapped(wrapper, child) => (Some(wrapper), child),
            Reply::Element(child) => (None, child),
            Reply::Empty | Reply::Void(_) | Reply::Bare => {
                return Err(Error::configuration("the operation's reply is no list"));
            }
        };
        wrapper.into_iter().for_each(|wrapper| encoder.start(wrapper.name));
        let name = list.items.map(|Items { name, .. }| name);
        name.iter().for_each(|_| encoder.start(list.name));
        let item = Field { name: name.unwrap_or(list.name), many: true, items: None, ..*list };
        Ok(Self { encoder, item, open: usize::from(wrapper.is_some()) + usize::from(name.is_some()) })
    }

    /// Writes an item, which is given as a list of one.
    ///
    /// # Errors
    /// A value that cannot be written.
    pub(crate) fn item(&mut self, item: &dyn Slot) -> Result<(), Error> {
        item.write(&self.item, &mut self.encoder)
    }

    /// Octets that have not been taken yet.
    pub(crate) fn len(&self) -> usize {
        self.encoder.len()
    }

    /// Takes them.
    pub(crate) fn take(&mut self) -> Bytes {
        self.encoder.take().into()
    }

    /// What has not been taken yet, and the end.
    pub(crate) fn end(mut self) -> Bytes {
        (0..self.open).for_each(|_| self.encoder.end());
        self.encoder.raw(END);
        self.encoder.seal().into()
    }
}
