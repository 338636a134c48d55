//! The codec between values and XML: descriptors, and what reads and writes by them.

pub(crate) mod descriptor;
pub(crate) mod enumeration;
mod macros;
pub(crate) mod record;
pub(crate) mod rule;
#[cfg(feature = "test-util")]
pub(crate) mod sample;
pub(crate) mod slot;
pub(crate) mod slots;
