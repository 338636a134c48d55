//! Calling: connections, the way of a call, and how a caller proves who it is.

pub(crate) mod address;
pub(crate) mod answer;
pub(crate) mod auth;
pub(crate) mod builder;
pub(crate) mod call;
pub(crate) mod connection;
mod outgoing;
pub(crate) mod post;
mod receive;
pub(crate) mod retry;
pub(crate) mod stream;
mod streams;
mod text;
