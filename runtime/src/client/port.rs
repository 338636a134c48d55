//! A port of a connection, with the credentials of its caller.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;

use crate::address;
use crate::client::auth::admission::Admission;
use crate::client::auth::bearer::BearerTokens;
use crate::client::auth::scheme::Scheme;
use crate::client::auth::{self, Authentication, CallerCredentials};
use crate::client::connection::Connection;
use crate::client::post::Endpoint;
use crate::credentials::Credentials;
use crate::error::Error;
use crate::message::addressing::Edition;
use crate::message::reply_headers::ReplyHeaders;
use crate::schema::descriptor::{Operation, PortDescriptor};
use crate::schema::slots::Slots;
use crate::secret::Secret;
#[cfg(feature = "secure-conversation")]
use crate::security::certificate::Certificate;
use crate::value::Fragment;

/// A port that can be called. Generated clients wrap one. Cheap to clone.
///
/// Creating a client never fails. An address that may not be called, a missing credential, or one that the port does
/// not take is the error of each call instead.
#[derive(Clone)]
pub struct Port {
    pub(super) connection: Connection,
    pub(super) descriptor: &'static PortDescriptor,
    given: CallerCredentials,
    pub(super) url: Result<Uri, Cow<'static, str>>,
    /// The URL as `wsa:To` names it.
    to: Arc<str>,
    authentication: Result<Authentication, Cow<'static, str>>,
}

impl fmt::Debug for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Port")
            .field("descriptor", self.descriptor)
            .field("to", &self.to)
            .field("given", &self.given)
            .field("scheme", &self.authentication.as_ref().map(|found| &found.scheme))
            .field("connection", &self.connection)
            .finish()
    }
}

impl Port {
    /// A port without credentials.
    pub fn new(connection: &Connection, descriptor: &'static PortDescriptor) -> Self {
        let url = connection.settings().url(descriptor);
        let to = url.as_ref().map(address::without_query).unwrap_or_default().into();
        let port = Self {
            connection: connection.clone(),
            descriptor,
            given: CallerCredentials::default(),
            url,
            to,
            authentication: Err("".into()),
        };
        port.with_authentication()
    }

    /// Sets the user name and password, which authenticate the caller or fill fields of messages.
    #[must_use]
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.given.credentials = Some(Arc::new(credentials));
        self.with_authentication()
    }

    /// Sets where the bearer tokens come from that authenticate the caller.
    #[must_use]
    pub fn bearer_tokens(mut self, tokens: BearerTokens) -> Self {
        self.given.bearer = Some(tokens);
        self.with_authentication()
    }

    /// Sets the certificate that starts its sessions.
    ///
    /// Passing a user name and password instead does not compile:
    ///
    /// ```compile_fail,E0308
    /// use soap_runtime::generated::v1::{Connection, Credentials, Port, PortDescriptor};
    ///
    /// fn client(connection: &Connection, port: &'static PortDescriptor) -> Port {
    ///     Port::new(connection, port).certificate(Credentials::new("user", "password"))
    /// }
    /// ```
    #[cfg(feature = "secure-conversation")]
    #[must_use]
    pub fn certificate(mut self, certificate: Certificate) -> Self {
        self.given.certificate = Some(certificate);
        self.with_authentication()
    }

    /// The same port over a connection that differs in what it adds to requests.
    fn over(&self, connection: Connection) -> Self {
        Self { connection, ..self.clone() }
    }

    /// As [`Connection::with_http_header`].
    ///
    /// # Errors
    /// A name or a value that HTTP does not have, or a header that belongs to the protocol.
    pub fn with_http_header(&self, name: &str, value: impl Into<Secret>) -> Result<Self, Error> {
        self.connection.with_http_header(name, value).map(|connection| self.over(connection))
    }

    /// As [`Connection::with_soap_header`].
    #[must_use]
    pub fn with_soap_header(&self, block: Fragment) -> Self {
        self.over(self.connection.with_soap_header(block))
    }

    /// As [`Connection::with_reply_headers`].
    #[must_use]
    pub fn with_reply_headers(&self, headers: &ReplyHeaders) -> Self {
        self.over(self.connection.with_reply_headers(headers))
    }

    /// As [`Connection::with_reply_timeout`].
    #[must_use]
    pub fn with_reply_timeout(&self, timeout: Duration) -> Self {
        self.over(self.connection.with_reply_timeout(timeout))
    }

    fn with_authentication(mut self) -> Self {
        // An invalid URL is reported before anything else.
        if let Ok(url) = &self.url {
            let (registry, settings) = (self.connection.registry(), self.connection.settings());
            self.authentication = auth::choose(registry, settings, self.descriptor, url, &self.given);
        }
        self
    }

    /// Where the messages of an operation go, and how they authenticate.
    ///
    /// # Errors
    /// The client was created with a wrong address or wrong credentials.
    pub(super) fn endpoint(&self, operation: &Operation) -> Result<(Endpoint<'_>, &dyn Scheme), Error> {
        let reply_timeout = self.connection.reply_timeout(operation);
        let endpoint = Endpoint {
            settings: self.connection.settings(),
            url: self.url.as_ref().map_err(|wrong| Error::configuration(wrong.clone()))?,
            to: &self.to,
            soap: self.descriptor.soap,
            addressing: Edition::of(self.descriptor),
            soap_action: self.descriptor.soap_action,
            replies: self.connection.settings().security.replies.unwrap_or(self.descriptor.reply_checks()),
            http_headers: self.connection.http_headers(),
            log: None,
            reply_timeout,
            transfer_timeout: self.connection.transfer_timeout(reply_timeout),
        };
        Ok((endpoint, &*self.authentication()?.scheme))
    }

    /// Waits until a message with these credentials may be sent.
    ///
    /// # Errors
    /// The service has refused one of them, or another call tries it for longer than this one waits for its reply.
    pub(super) async fn admit(
        &self,
        operation: &Operation,
        slots: &Slots,
        token: Option<&Secret>,
    ) -> Result<Admission, Error> {
        let (registry, wait) = (self.connection.registry(), self.connection.reply_timeout(operation));
        self.authentication()?.presented.admit(registry, operation, (slots, token), wait).await
    }

    fn authentication(&self) -> Result<&Authentication, Error> {
        self.authentication.as_ref().map_err(|wrong| Error::configuration(wrong.clone()))
    }

    /// The slots that the client's own credentials fill.
    pub(super) fn slots(&self) -> Slots {
        self.given.slots()
    }
}

/// For the client of a port: what can be changed for the calls of a clone.
#[doc(hidden)]
#[macro_export]
macro_rules! client {
    ($client:ident) => {
        impl $client {
            /// The same client with another HTTP header in its requests. One of the same name is replaced. A clone for a single
            /// call costs little.
            ///
            /// # Errors
            /// A name or a value that HTTP does not have, or a header that belongs to the protocol.
            pub fn with_http_header(
                &self,
                name: &str,
                value: impl ::core::convert::Into<$crate::Secret>,
            ) -> ::core::result::Result<Self, $crate::Error> {
                let port = self.port.with_http_header(name, value)?;
                ::core::result::Result::Ok(Self { port })
            }

            /// The same client with another SOAP header block in its requests, in the place of one of the same name, and of the
            /// header part of that name in requests that do not have it.
            #[must_use]
            pub fn with_soap_header(&self, block: $crate::Fragment) -> Self {
                Self { port: self.port.with_soap_header(block) }
            }

            /// The same client, which collects the header blocks of its replies that the contract does not declare.
            #[must_use]
            pub fn with_reply_headers(&self, headers: &$crate::ReplyHeaders) -> Self {
                Self { port: self.port.with_reply_headers(headers) }
            }

            /// The same client with another time-out for replies.
            #[must_use]
            pub fn with_reply_timeout(&self, timeout: ::core::time::Duration) -> Self {
                Self { port: self.port.with_reply_timeout(timeout) }
            }
        }
    };
}
