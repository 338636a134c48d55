//! The envelope around a message, of both SOAP versions: bytes to bytes.

pub(crate) mod addressing;
pub(crate) mod advice;
pub(crate) mod blocks;
pub(crate) mod fault;
pub(crate) mod fault_table;
#[cfg(feature = "server")]
pub(crate) mod fault_write;
pub(crate) mod insert;
pub(crate) mod list;
#[cfg(feature = "server")]
pub(crate) mod listed;
mod read;
mod references;
pub(crate) mod refusal;
mod relation;
pub(crate) mod reply_headers;
#[cfg(feature = "server")]
pub(crate) mod request;
#[cfg(feature = "test-util")]
pub(crate) mod service;
mod write;

use crate::error::Error;
use crate::schema::descriptor::{Operation, Reply};
use crate::schema::field::Field;
use crate::schema::message_type::read_message;
use crate::schema::partial::ReadInto;
use crate::schema::slot::Slot;
#[cfg(feature = "test-util")]
use crate::schema::{message_type::MessageType, sample::Sampler};

pub(crate) use blocks::{Expected, Freshness, Required};
pub(crate) use read::{Answered, passes_checks, read_any_reply, read_reply, read_reply_with_headers};
#[cfg(feature = "secure-conversation")]
pub(crate) use read::{Visitor, explain, visit};
pub use read::{read, read_any};
pub use write::write;
#[cfg(feature = "secure-conversation")]
pub(crate) use write::write_with;
pub(crate) use write::{Body, Heading, write_into};

/// One direction of an operation: what its body holds.
#[derive(Clone, Copy, Debug)]
pub enum Direction {
    /// What the client sends.
    Request(&'static Operation),
    /// What the service answers.
    Reply(&'static Operation),
}

impl Direction {
    /// The operation.
    fn operation(self) -> &'static Operation {
        match self {
            Self::Request(operation) | Self::Reply(operation) => operation,
        }
    }

    /// The element in the body.
    fn element(self) -> Option<&'static Field> {
        match self {
            Self::Request(operation) => operation.request.as_ref(),
            Self::Reply(Operation { reply: Reply::Empty | Reply::Bare, .. }) => None,
            Self::Reply(Operation {
                reply: Reply::Void(element) | Reply::Unwrapped(element, _) | Reply::Element(element),
                ..
            }) => Some(element),
        }
    }

    /// Whether the fields of the message stand in the body, without an element around them.
    fn is_bare(self) -> bool {
        match self {
            Self::Request(operation) => operation.bare,
            Self::Reply(operation) => matches!(operation.reply, Reply::Bare),
        }
    }

    /// The only child of that element, where the child is the message.
    fn only_child(self) -> Option<&'static Field> {
        match self {
            Self::Reply(Operation { reply: Reply::Unwrapped(_, child), .. }) => Some(child),
            _ => None,
        }
    }

    /// Reads a message.
    fn message<M: Slot>(self, read: &mut ReadInto<'_>) -> Result<M, Error> {
        read_message(self.only_child().is_some(), read)
    }

    /// A message of random values.
    #[cfg(feature = "test-util")]
    pub fn sample(self, of: MessageType, sampler: &mut Sampler) -> Box<dyn Slot> {
        // A record does not look at the field.
        const BODY: &Field = &Field::required("", "Body");
        match self.only_child().or(self.element()).or(self.is_bare().then_some(BODY)) {
            Some(field) => of.sample(field, sampler),
            None => Box::new(()),
        }
    }
}
