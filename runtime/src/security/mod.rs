//! WS-Security: the part of a message that states who sent it and when.
//!
//! Over TLS it is a Timestamp, a token, and for sessions a signature over the Timestamp. The body is never signed,
//! because TLS protects it.

#[cfg_attr(not(feature = "pkcs12"), expect(dead_code, reason = "PKCS#12 needs all of it, and keys a little"))]
mod ber;
#[cfg(feature = "secure-conversation")]
pub(crate) mod canonical;
#[cfg(feature = "secure-conversation")]
pub(crate) mod certificate;
#[cfg(feature = "secure-conversation")]
pub(crate) mod derived_key;
pub(crate) mod header;
pub(crate) mod instant;
pub(crate) mod names;
pub(crate) mod options;
#[cfg(feature = "pkcs12")]
mod pkcs12;
#[cfg(feature = "secure-conversation")]
pub(crate) mod signature;
pub(crate) mod timestamp;
pub(crate) mod tls_certificate;
#[cfg(feature = "secure-conversation")]
pub(crate) mod trust;
pub(crate) mod username_token;
#[cfg(all(test, feature = "secure-conversation"))]
mod vectors;
#[cfg(feature = "secure-conversation")]
pub mod verify;
