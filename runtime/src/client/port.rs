//! A port of a connection, with the credentials of its caller.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

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
use crate::schema::descriptor::{Operation, PortDescriptor};
use crate::schema::slots::Slots;
use crate::secret::Secret;
#[cfg(feature = "secure-conversation")]
use crate::security::certificate::Certificate;

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
