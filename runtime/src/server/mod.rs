//! The server side: serves what can be called.
//!
//! A generated crate has, for each port, a trait of handlers and a function that makes a [`Service`] of one. A service takes
//! HTTP requests and gives HTTP responses, so that it can be mounted wherever a `tower` service can.
//!
//! What happens in one call, in this order: the HTTP head says what kind of message it is (`incoming`), the headers are
//! read (`head`), the caller is checked as the port's policy asks for it (`auth`), the operation is found by action and
//! element (`service`), its request is read and its handler called (`operation`), and the reply is written (`outgoing`).

mod auth;
mod context;
mod contract;
mod fault;
mod in_memory;
mod incoming;
mod listener;
mod listing;
mod operation;
mod outgoing;
mod service;
mod serving;
mod settings;
mod setup;
#[cfg(test)]
mod tests;

#[cfg(all(feature = "secure-conversation", feature = "test-util"))]
pub use auth::secure_conversation::sessions::RecordedSession;
#[cfg(feature = "secure-conversation")]
pub use auth::secure_conversation::sessions::Sessions;
pub use auth::users::PasswordProof;
pub use context::{Context, PeerCertificate};
pub use contract::{Contract, ContractDocument};
pub use fault::ServiceFault;
pub use listener::{CONNECTIONS, GRACE, HANDSHAKE_TIMEOUT, HEAD_TIMEOUT, Listener, WRITE_TIMEOUT};
pub use listing::Listing;
#[cfg(feature = "test-util")]
pub use operation::AnyMessage;
#[cfg(feature = "test-util")]
pub(crate) use operation::{Answer, Call, Operate};
pub use service::Service;
#[cfg(feature = "test-util")]
pub(crate) use service::of_operations;
pub use serving::{Serving, unserved};
