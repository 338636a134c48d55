//! WS-Security: what says in a message who sent it and when.
//!
//! Over TLS that is little: a Timestamp, a token, and for sessions a signature over the Timestamp. The body is never
//! signed; TLS keeps it.

#[cfg(feature = "ec2")]
pub(crate) mod canonical;
#[cfg(feature = "ec2")]
pub(crate) mod certificate;
#[cfg(feature = "ec2")]
pub(crate) mod derived_key;
pub(crate) mod header;
pub(crate) mod instant;
pub(crate) mod names;
pub(crate) mod options;
#[cfg(feature = "ec2")]
pub(crate) mod signature;
pub(crate) mod timestamp;
pub(crate) mod username_token;
#[cfg(all(test, feature = "ec2"))]
mod vectors;
#[cfg(feature = "ec2")]
pub mod verify;
