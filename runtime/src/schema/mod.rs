//! The codec between values and XML: descriptors, and the code that reads and writes by them.

pub(crate) mod account;
pub(crate) mod array;
pub(crate) mod attachment;
pub(crate) mod children;
pub(crate) mod decode;
pub(crate) mod descriptor;
pub(crate) mod document;
pub(crate) mod encode;
pub(crate) mod enumeration;
pub(crate) mod facet;
pub(crate) mod field;
mod fragment;
pub(crate) mod group;
pub(crate) mod kinds;
mod macros;
pub(crate) mod message_type;
pub(crate) mod partial;
pub(crate) mod pattern;
pub(crate) mod record;
pub(crate) mod rule;
#[cfg(feature = "test-util")]
pub(crate) mod sample;
pub(crate) mod shown;
pub(crate) mod slot;
pub(crate) mod slots;
pub(crate) mod union;
pub(crate) mod value;
