//! The runtime of SOAP clients that `wsdl-codegen` generates: envelopes, WS-* headers, MTOM, values and transport.
//!
//! This crate knows SOAP and the WS-* specifications, and no particular service. Generated code holds structs, descriptions
//! of them and methods of one line; everything that happens in a call happens here.
//!
//! A program makes one [`Connection`] per host, and generated clients from it:
//!
//! ```
//! use std::time::Duration;
//! use soap_runtime::{Connection, Limits};
//!
//! let mut limits = Limits::default();
//! limits.reply_bytes = 4 << 20;
//! let connection = Connection::builder("https://soap.example").limits(limits).reply_timeout(Duration::from_secs(30)).build()?;
//! // let client = soap::weather_service::weather_port::Client::new(&connection);
//! // let readings = client.get_readings("Oslo".to_owned()).await?;
//! # Ok::<(), soap_runtime::Error>(())
//! ```
//!
//! - What a client authenticates with: [`Credentials`], [`BearerTokens`], a [`TlsCertificate`] in TLS, and a `Certificate` with
//!   the feature `secure-conversation`.
//! - What can go wrong: [`Error`] with its [kind](ErrorKind), its [`Fault`] if the service sent one, and its [`Delivery`].
//! - Large content: [`Upload`], [`Download`], [`Items`], and [`Binary`] values that can be kept on disk.
//! - The network: [`transport`], which can be wrapped or replaced, and `testing` with the feature `test-util`.
//! - Bounds: [`Limits`], [`XmlLimits`], [`MtomLimits`]; every one has a documented default.
//!
//! Calls run on a tokio runtime.

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
mod printed;
mod random;
mod schema;
mod secret;
mod security;
#[cfg(feature = "server")]
pub mod server;
mod soap;
mod stream;
#[cfg(feature = "test-util")]
pub mod testing;
pub mod transport;
mod value;
mod wiped;
mod xml;

/// The examples of the documents are compiled.
#[cfg(doctest)]
#[doc = include_str!("../../docs/calling.md")]
mod calling {}
#[cfg(all(doctest, feature = "server"))]
#[doc = include_str!("../../docs/serving.md")]
mod serving {}

pub use address::BaseUrl;
pub use client::auth::bearer::BearerTokens;
pub use client::auth::circuit::AUTHENTICATION_PAUSE;
pub use client::builder::ConnectionBuilder;
pub use client::connection::Connection;
pub use client::hook::{Hook, HookError, IncomingMessage, OutgoingMessage};
pub use client::log::bundle::SupportBundle;
pub use client::log::wire::WireLog;
pub use client::retry::{BUSY_TIME, BUSY_TRIES};
pub use clock::{Clock, SystemClock};
pub use credentials::Credentials;
pub use error::{Delivery, Error, ErrorKind};
pub use fault::{Fault, FaultCode};
pub use limits::{
    CONNECT_TIMEOUT, DECLARATION_BYTES, IDLE_TIMEOUT, Limits, MEDIA_TYPE_PARAMETERS, MINIMUM_RATE, MtomLimits,
    POOL_IDLE_TIMEOUT, POOL_SIZE, TRANSFER_TIME, XmlLimits,
};
pub use message::advice::Advice;
pub use message::fault::FaultDetail;
pub use message::reply_headers::{ReplyHeaders, WithHeaders};
pub use name::Name;
pub use random::{Random, SystemRandom};
pub use schema::descriptor::{AuthenticationScope, Replies};
pub use schema::document::RootElement;
pub use secret::Secret;
#[cfg(feature = "secure-conversation")]
pub use security::certificate::Certificate;
pub use security::options::SecurityOptions;
pub use security::timestamp::{CLOCK_SKEW, REPLAY_WINDOW, TIMESTAMP_TTL};
pub use security::tls_certificate::TlsCertificate;
#[cfg(feature = "secure-conversation")]
pub use security::verify;
pub use stream::{Download, Items, Upload};
pub use value::{
    AnyAttributes, Attachment, Binary, Date, DateTime, Decimal, Document, Duration, Fragment, Guid, HexBinary, Integer,
    InvalidValue, List, Mixed, MixedNode, Nillable, Offset, QName, Time,
};
