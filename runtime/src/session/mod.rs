//! Who is calling, kept over many calls: circuits for every secured port, tokens for WS-SecureConversation.

pub(crate) mod access;
pub(crate) mod circuit;
pub(crate) mod registry;

#[cfg(feature = "ec2")]
mod jar;
#[cfg(feature = "ec2")]
pub(crate) mod request;
#[cfg(feature = "ec2")]
pub(crate) mod response;
#[cfg(feature = "ec2")]
pub(crate) mod state;
#[cfg(feature = "ec2")]
pub(crate) mod token;
#[cfg(feature = "ec2")]
mod trust;
#[cfg(feature = "ec2")]
pub(crate) mod version;
