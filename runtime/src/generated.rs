//! The interface for generated code. It is not meant to be used by hand.

#[doc(hidden)]
pub mod v1 {
    //! Version 1 of the interface for generated code. Items are added, and never changed or removed.

    pub use crate::address::BaseUrl;
    pub use crate::client::auth::bearer::BearerTokens;
    pub use crate::client::connection::Connection;
    pub use crate::client::port::Port;
    pub use crate::client::request::RequestBuilder;
    pub use crate::credentials::Credentials;
    pub use crate::error::Error;
    pub use crate::limits::XmlLimits;
    pub use crate::message::fault::{DetailReader, DetailWriter, read_detail, write_detail};
    pub use crate::message::reply_headers::WithHeaders;
    pub use crate::message::{Direction, read as read_message, read_any as read_any_message, write as write_message};
    pub use crate::name::Name;
    pub use crate::schema::account::{Account, Accounts, Refusal, RefusalDetail};
    pub use crate::schema::array::{ARRAY, read_array, write_array};
    pub use crate::schema::decode::Decoder;
    pub use crate::schema::descriptor::{
        AuthenticationScope, Operation, PortDescriptor, REPLY_TIMEOUT, Replies, Reply, Security, SecurityScheme,
        SoapAction,
    };
    pub use crate::schema::document::{RootElement, read_document, write_document};
    pub use crate::schema::encode::{Encoder, Style};
    pub use crate::schema::enumeration::{
        is_named, read_enumeration, read_known, type_at_hand, unknown_type, unless_declared,
    };
    pub use crate::schema::facet::Facet;
    pub use crate::schema::field::{Field, Shape};
    pub use crate::schema::group::{Choice, debug_choice, read_choice, read_choice_content, write_choice};
    pub use crate::schema::kinds::{Kind, Kinds, classified, shown};
    pub use crate::schema::message_type::{MessageType, message_type};
    pub use crate::schema::partial::{Member, Partial, Partials, ReadInto, incomplete, partial, read_members};
    pub use crate::schema::record::{Members, Record, RecordType, debug, hash_members, named, same_members};
    pub use crate::schema::rule::TextRule;
    pub use crate::schema::slot::Slot;
    pub use crate::schema::slots::{Credential, Principal, Role, Slots};
    pub use crate::schema::union::{Union, UnionMember, Written, read_union};
    pub use crate::schema::value::Value;
    pub use crate::secret::Secret;
    pub use crate::soap::SoapVersion;
    pub use crate::stream::{Download, Items, Upload};
    pub use crate::value::{
        AnyAttributes, Attachment, Binary, Date, DateTime, Decimal, Document, Duration, Fragment, Guid, HexBinary,
        Integer, List, Mixed, MixedNode, Nillable, QName, Time,
    };
    pub use crate::xml::{Node, Reader, Writer};
    pub use crate::{
        accessor, array, choice, classification, client, constructor, enumeration, equality, fault_detail, fault_enum,
        kinds, polymorphic, principal, record, registry, root_element, sequence, single_member, union,
    };

    #[cfg(feature = "secure-conversation")]
    pub use crate::security::certificate::Certificate;

    #[cfg(feature = "server")]
    pub use crate::server::{Context, Contract, ContractDocument, Listing, Service, ServiceFault, Serving, unserved};

    #[cfg(feature = "server")]
    pub use std::{
        future::{Future, ready},
        marker::{Send, Sync},
    };

    #[cfg(feature = "serde")]
    pub use crate::enumeration_serde;
    #[cfg(feature = "serde")]
    pub use crate::value::serde::stored_text;
    #[cfg(feature = "serde")]
    pub use serde;

    #[cfg(feature = "test-util")]
    pub use crate::mtom::beside::Beside;
    #[cfg(feature = "test-util")]
    pub use crate::schema::array::sample_array;
    #[cfg(feature = "test-util")]
    pub use crate::schema::enumeration::{sample_enumeration, sample_one_of};
    #[cfg(feature = "test-util")]
    pub use crate::schema::group::sample_choice;
    #[cfg(feature = "test-util")]
    #[cfg(feature = "test-util")]
    pub use crate::schema::sample::Sampler;
    #[cfg(feature = "test-util")]
    pub use crate::schema::union::sample_union;

    /// An operation with the types of its two messages, for tests and servers that iterate over all operations.
    #[derive(Debug)]
    pub struct Exchange {
        port: &'static PortDescriptor,
        operation: &'static Operation,
        request: MessageType,
        reply: MessageType,
    }

    impl Exchange {
        /// Creates the description.
        pub const fn new(
            port: &'static PortDescriptor,
            operation: &'static Operation,
            request: MessageType,
            reply: MessageType,
        ) -> Self {
            Self { port, operation, request, reply }
        }

        /// The port it belongs to.
        pub const fn port(&self) -> &'static PortDescriptor {
            self.port
        }

        /// The operation.
        pub const fn operation(&self) -> &'static Operation {
            self.operation
        }

        /// The type of a request.
        pub const fn request(&self) -> MessageType {
            self.request
        }

        /// The type of a reply.
        pub const fn reply(&self) -> MessageType {
            self.reply
        }
    }
}
