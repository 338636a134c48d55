//! The envelope around a message, of both SOAP versions: bytes to bytes.

pub(crate) mod addressing;
mod blocks;
pub(crate) mod fault_table;
pub(crate) mod list;
mod read;
#[cfg(feature = "test-util")]
pub(crate) mod service;
mod write;

use crate::schema::descriptor::Operation;

pub(crate) use blocks::{Blocks, Expected, Freshness};
pub use read::read;
pub(crate) use read::read_reply;
#[cfg(feature = "secure-conversation")]
pub(crate) use read::{Visitor, visit};
pub use write::write;
#[cfg(feature = "secure-conversation")]
pub(crate) use write::write_with;
pub(crate) use write::{Body, Heading, write_into};

/// One direction of an operation: what its body holds.
#[derive(Clone, Copy, Debug)]
pub enum Content {
    /// What the client sends.
    Request(&'static Operation),
    /// What the service answers.
    Reply(&'static Operation),
}
