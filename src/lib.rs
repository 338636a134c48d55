#![doc = include_str!("../README.md")]

// Services: written by regen
#[cfg(feature = "broker")]
pub use altinn_soap_generated::broker;
#[cfg(feature = "broker_streamed")]
pub use altinn_soap_generated::broker_streamed;
#[cfg(feature = "case")]
pub use altinn_soap_generated::case;
#[cfg(feature = "correspondence")]
pub use altinn_soap_generated::correspondence;
#[cfg(feature = "intermediary_inbound")]
pub use altinn_soap_generated::intermediary_inbound;
#[cfg(feature = "intermediary_inbound_streamed")]
pub use altinn_soap_generated::intermediary_inbound_streamed;
#[cfg(feature = "key_management")]
pub use altinn_soap_generated::key_management;
#[cfg(feature = "lookup")]
pub use altinn_soap_generated::lookup;
#[cfg(feature = "prefill")]
pub use altinn_soap_generated::prefill;
#[cfg(feature = "receipt")]
pub use altinn_soap_generated::receipt;
#[cfg(feature = "reportee_archive")]
pub use altinn_soap_generated::reportee_archive;
#[cfg(feature = "reportee_archive_streamed")]
pub use altinn_soap_generated::reportee_archive_streamed;
#[cfg(feature = "reportee_element_list")]
pub use altinn_soap_generated::reportee_element_list;
#[cfg(feature = "service_metadata")]
pub use altinn_soap_generated::service_metadata;
#[cfg(feature = "system_authentication")]
pub use altinn_soap_generated::system_authentication;
#[cfg(feature = "workflow")]
pub use altinn_soap_generated::workflow;
// to here.

pub use altinn_soap_generated::credentials::EndUser;
pub use altinn_soap_generated::environment::Environment;
pub use altinn_soap_generated::kinds::AltinnFaultKind;
#[cfg(feature = "ec2")]
pub use soap_runtime::Certificate;
pub use soap_runtime::{
    Advice, BaseUrl, Binary, Connection, ConnectionBuilder, Credentials, Date, DateTime, Delivery, Document, Download,
    Duration, Error, ErrorKind, Fault, FaultCode, Fragment, Guid, Hook, HookError, IncomingMessage, InvalidValue,
    Items, Limits, MtomLimits, Name, Offset, OutgoingMessage, Replies, ReplyHeaders, Secret, SecurityOptions,
    SupportBundle, Time, TlsCertificate, Upload, WireLog, WithHeaders, XmlLimits, transport,
};

#[cfg(feature = "server")]
pub use soap_runtime::server;
#[cfg(feature = "test-util")]
pub use soap_runtime::testing;

/// Lists of everything generated, for the tests of this package.
#[cfg(feature = "test-util")]
#[doc(hidden)]
pub use altinn_soap_generated::registry;
#[doc(hidden)]
pub use soap_runtime::generated;
