//! The client side. From the bottom up: settings of a connection (`settings`), one HTTP exchange (`post`),
//! authentication (`auth`), connections, and calls.

pub(crate) mod answer;
pub(crate) mod auth;
#[cfg(feature = "blocking")]
mod blocking;
pub(crate) mod builder;
mod call;
pub(crate) mod connection;
mod history;
pub(crate) mod hook;
pub(crate) mod log;
mod outgoing;
pub(crate) mod port;
mod post;
mod receive;
pub(crate) mod request;
mod request_headers;
pub(crate) mod retry;
mod settings;
mod soap_headers;
mod tally;
