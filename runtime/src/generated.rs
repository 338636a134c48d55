//! The door for generated code. Not for people: nothing here is documented as an interface.

#[doc(hidden)]
pub mod v1 {
    //! Version 1 of what generated code relies on. It only grows; code made for another version finds no such module.

    pub use crate::address::BaseUrl;
    pub use crate::client::connection::Connection;
    pub use crate::client::port::Port;
    pub use crate::client::request::RequestBuilder;
    pub use crate::client::stream::{Download, Items, Upload};
    pub use crate::credentials::Credentials;
    pub use crate::error::Error;
    pub use crate::limits::XmlLimits;
    pub use crate::message::{Content, read as read_message, write as write_message};
    pub use crate::name::Name;
    pub use crate::schema::descriptor::{
        AuthenticationScope, Field, Kind, Operation, PortDescriptor, REPLY_TIMEOUT, Reply, Security, SecurityScheme,
        Shape, Source,
    };
    pub use crate::schema::enumeration::{read_enumeration, type_at_hand, unknown_type};
    pub use crate::schema::record::{
        Members, Record, debug, read_record, read_record_into, write_member, write_record,
    };
    pub use crate::schema::rule::TextRule;
    pub use crate::schema::slot::{Slot, blank};
    pub use crate::schema::slots::{Principal, Role, Slots};
    pub use crate::soap::SoapVersion;
    pub use crate::value::{
        AnyAttributes, Binary, Date, DateTime, Decimal, Duration, Fragment, Guid, HexBinary, Integer, Nillable, QName,
        Time, Value,
    };
    pub use crate::xml::{Node, Reader, Style, Writer};
    pub use crate::{enumeration, fault_detail, members, polymorphic, principal, record, single_member};

    #[cfg(feature = "secure-conversation")]
    pub use crate::security::certificate::Certificate;

    #[cfg(feature = "test-util")]
    pub use crate::schema::enumeration::sample_enumeration;
    #[cfg(feature = "test-util")]
    pub use crate::schema::record::sample_record;
    #[cfg(feature = "test-util")]
    pub use crate::schema::sample::Sampler;

    /// An operation with the types of its two messages, for tests and servers that go through all of them.
    #[derive(Debug)]
    pub struct Exchange {
        /// The port it belongs to.
        pub port: &'static PortDescriptor,
        /// The operation.
        pub operation: &'static Operation,
        /// A blank request.
        pub request: fn() -> Box<dyn Slot>,
        /// A blank reply.
        pub reply: fn() -> Box<dyn Slot>,
    }

    /// A blank message of a type.
    pub fn message<T: Slot>() -> Box<dyn Slot> {
        Box::new(T::blank())
    }
}
