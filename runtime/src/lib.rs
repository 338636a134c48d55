//! What generated SOAP clients call: envelopes, faults, values and transport.
//!
//! This crate knows SOAP and the WS-* specifications, and no service. Its users are the crates that `wsdl-codegen`
//! writes: they hold descriptors, plain structs and methods of one line; everything that happens in a call happens here.
//!
//! A call reads top to bottom in [`Connection`] → client → transport → reply or [`Error`]:
//!
//! 1. the request is written by its descriptor, credentials in their slots ([`Credentials`]);
//! 2. the [`transport`] sends it, within the limits and time-outs of the connection;
//! 3. the answer is read by its descriptor: strictly where a reply would be guessed at, leniently where services evolve.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod address;
mod blocking;
mod client;
mod clock;
mod credentials;
mod error;
mod fault;
#[doc(hidden)]
pub mod generated;
mod guid;
mod limits;
mod message;
mod mtom;
mod name;
mod random;
mod schema;
mod secret;
mod security;
mod soap;
#[cfg(feature = "test-util")]
pub mod testing;
pub mod transport;
mod value;
mod xml;

pub use address::BaseUrl;
pub use client::auth::circuit::AUTHENTICATION_PAUSE;
pub use client::builder::ConnectionBuilder;
pub use client::connection::Connection;
pub use client::retry::{BUSY_TIME, BUSY_TRIES};
pub use client::stream::{Download, Items, Upload};
pub use clock::{Clock, SystemClock};
pub use credentials::Credentials;
pub use error::{Delivery, Error, ErrorKind};
pub use fault::{Fault, FaultCode};
pub use limits::{CONNECT_TIMEOUT, IDLE_TIMEOUT, Limits, MtomLimits, POOL_IDLE_TIMEOUT, POOL_SIZE, XmlLimits};
pub use message::fault::FaultDetail;
pub use random::{Random, SystemRandom};
pub use secret::Secret;
#[cfg(feature = "secure-conversation")]
pub use security::certificate::Certificate;
pub use security::options::SecurityOptions;
pub use security::timestamp::{CLOCK_SKEW, REPLAY_WINDOW, TIMESTAMP_TTL};
#[cfg(feature = "secure-conversation")]
pub use security::verify;
pub use value::{
    AnyAttributes, Binary, Date, DateTime, Decimal, Duration, Fragment, Guid, HexBinary, Integer, InvalidValue,
    Nillable, Offset, QName, Time,
};
