//! How a caller proves who it is: a scheme a file.

pub(crate) mod access;
pub(crate) mod circuit;
#[cfg(feature = "secure-conversation")]
mod cookies;
#[cfg(feature = "secure-conversation")]
mod exchange;
pub(crate) mod registry;
#[cfg(feature = "secure-conversation")]
pub(crate) mod session;
#[cfg(feature = "secure-conversation")]
pub(crate) mod token;
