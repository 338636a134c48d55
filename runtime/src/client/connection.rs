//! A connection: its settings, and the sessions and circuits that its clients share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;

use crate::client::auth::registry::Registry;
use crate::client::settings::Settings;
use crate::client::{request_headers, soap_headers};
use crate::error::Error;
use crate::limits::TRANSFER_TIME;
use crate::message::reply_headers::ReplyHeaders;
use crate::schema::descriptor::Operation;
use crate::secret::Secret;
use crate::value::Fragment;

#[cfg(feature = "blocking")]
use crate::client::blocking::Thread;
#[cfg(feature = "secure-conversation")]
use crate::{
    address, client::auth::secure_conversation::CANCEL_TIMEOUT, client::log::CallLog, client::post::Endpoint,
    message::addressing::Edition, schema::descriptor::Replies,
};

/// A host with its endpoints, and the pool of network connections to it.
///
/// Cheap to clone; clones share the pool. Make one per host and program, and the clients from it. Nothing
/// is sent before the first call, and calls run on a tokio runtime, or with the feature `blocking` on a thread of its own
/// (`wait`). Only https is spoken, unless
/// [`allow_http_to_loopback`](crate::ConnectionBuilder::allow_http_to_loopback) (for tests) or
/// [`allow_plain_http`](crate::ConnectionBuilder::allow_plain_http) says otherwise.
///
/// A proxy named by an environment variable is not used: the program decides where personal data travels
/// ([`ConnectionBuilder::proxy`](crate::ConnectionBuilder::proxy)).
#[derive(Clone)]
pub struct Connection {
    shared: Arc<Shared>,
    reply_timeout: Option<Duration>,
    http_headers: Arc<HeaderMap>,
    soap_headers: Arc<[Fragment]>,
    reply_headers: Option<ReplyHeaders>,
}

struct Shared {
    settings: Settings,
    registry: Registry,
    #[cfg(feature = "blocking")]
    thread: Thread,
}

impl Connection {
    pub(super) fn new(
        settings: Settings,
        reply_timeout: Option<Duration>,
        http_headers: HeaderMap,
        soap_headers: Vec<Fragment>,
    ) -> Self {
        let registry = Registry::new(Arc::clone(&settings.clock));
        let shared = Shared {
            settings,
            registry,
            #[cfg(feature = "blocking")]
            thread: Thread::default(),
        };
        Self {
            shared: Arc::new(shared),
            reply_timeout,
            http_headers: Arc::new(http_headers),
            soap_headers: soap_headers.into(),
            reply_headers: None,
        }
    }

    /// The same connection with another HTTP header in all requests of the clients that are made from it, besides those of
    /// [`ConnectionBuilder::http_header`](crate::ConnectionBuilder::http_header). One of the same name is replaced.
    ///
    /// Sessions, refused credentials and network connections stay shared. As that costs little, a client for a single call
    /// can have a header of its own.
    ///
    /// ```
    /// use soap_runtime::Connection;
    ///
    /// let connection = Connection::to("https://localhost")?;
    /// let traced = connection.with_http_header("x-correlation-id", "order-4711")?;
    /// // soap::orders::orders_port::Client::new(&traced, credentials).place_order(order).await?;
    /// # Ok::<(), soap_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    /// A name or a value that HTTP does not have, or a header that belongs to the protocol, such as `Content-Type`.
    pub fn with_http_header(&self, name: &str, value: impl Into<Secret>) -> Result<Self, Error> {
        let mut http_headers = HeaderMap::clone(&self.http_headers);
        request_headers::set(&mut http_headers, name, &value.into())?;
        Ok(Self { http_headers: Arc::new(http_headers), ..self.clone() })
    }

    /// The same connection with another SOAP header block in all requests of the clients that are made from it, besides those
    /// of [`ConnectionBuilder::soap_header`](crate::ConnectionBuilder::soap_header). One of the same name is replaced.
    ///
    /// The block may be a header part of an operation: it then stands for that part in all requests that do not have it
    /// themselves. Token exchanges are sent without it. Blocks that the runtime writes, of WS-Addressing and WS-Security, are
    /// errors of the call.
    ///
    /// ```
    /// use soap_runtime::{Connection, Fragment, Name};
    ///
    /// let ticket = Fragment::of(Name::new("urn:parcels", "Ticket"), &4711)?; // or a generated type
    /// let connection = Connection::to("https://localhost")?.with_soap_header(ticket);
    /// # Ok::<(), soap_runtime::Error>(())
    /// ```
    #[must_use]
    pub fn with_soap_header(&self, block: Fragment) -> Self {
        let mut blocks = self.soap_headers.to_vec();
        soap_headers::set(&mut blocks, block);
        Self { soap_headers: blocks.into(), ..self.clone() }
    }

    /// The SOAP header blocks of each request.
    pub(super) fn soap_headers(&self) -> &[Fragment] {
        &self.soap_headers
    }

    /// The same connection, whose clients collect the header blocks of their replies that nobody else reads.
    ///
    /// See [`ReplyHeaders`] for an example.
    #[must_use]
    pub fn with_reply_headers(&self, headers: &ReplyHeaders) -> Self {
        Self { reply_headers: Some(headers.clone()), ..self.clone() }
    }

    pub(super) fn reply_headers(&self) -> Option<&ReplyHeaders> {
        self.reply_headers.as_ref()
    }

    /// What is added to the HTTP head of each request.
    pub(super) fn http_headers(&self) -> &HeaderMap {
        &self.http_headers
    }

    /// The same connection with another time-out for replies, for the clients that are made from it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use soap_runtime::Connection;
    ///
    /// let connection = Connection::to("https://localhost")?;
    /// let for_reports = connection.with_reply_timeout(Duration::from_secs(20 * 60));
    /// # Ok::<(), soap_runtime::Error>(())
    /// ```
    #[must_use]
    pub fn with_reply_timeout(&self, timeout: Duration) -> Self {
        Self { reply_timeout: Some(timeout), ..self.clone() }
    }

    /// Ends the pause after refused credentials, for all of them, so that calls with them are sent again.
    ///
    /// After a service has refused a user name and password or a certificate, calls with it are refused without being
    /// sent, because each further failure counts towards a lock of the account. The pause is 5 min
    /// ([`AUTHENTICATION_PAUSE`](crate::AUTHENTICATION_PAUSE)) unless the `codegen.toml` of the client or
    /// [`ConnectionBuilder::authentication_pause`](crate::ConnectionBuilder::authentication_pause) sets another one. Call
    /// this when the cause has been removed.
    ///
    /// A password that the service has accepted here is not shut out by the refusal of another one. Any other password of
    /// the user is, a new one too, because the service counts by user.
    ///
    /// A credential that has not been accepted yet is sent by one call alone, here and after a pause or a reset. The others
    /// wait for its outcome, for no longer than they would wait for their reply, and are then not sent.
    pub fn reset_authentication(&self) {
        self.shared.registry.reset();
    }

    /// Ends the pause after refused credentials for one user, whatever the user's role: after a new password was set. See
    /// [`reset_authentication`](Self::reset_authentication).
    ///
    /// ```
    /// use soap_runtime::Connection;
    ///
    /// let connection = Connection::to("https://localhost")?;
    /// // … a call said that its credentials were refused, and somebody has entered another password:
    /// connection.reset_authentication_of("user-name");
    /// // let client = Client::new(&connection, Credentials::new("user-name", password));
    /// # Ok::<(), soap_runtime::Error>(())
    /// ```
    pub fn reset_authentication_of(&self, user_name: impl Into<Secret>) {
        self.shared.registry.reset_user(user_name.into());
    }

    /// Ends all security sessions, and sends Cancel to those servers that hold them in memory. A later call starts
    /// another one.
    ///
    /// Services that keep the session in a cookie need no Cancel. A server that cannot be reached forgets its session by
    /// itself, after minutes: no error is given for it.
    #[cfg(feature = "secure-conversation")]
    pub async fn close(&self) {
        let log = CallLog::begin(self.settings());
        for open in self.shared.registry.sessions() {
            let to = address::without_query(&open.url);
            let endpoint = Endpoint {
                settings: self.settings(),
                url: &open.url,
                to: &to,
                soap: open.soap,
                addressing: Some(Edition::V1),
                soap_action: None,
                replies: Replies::Wcf,
                http_headers: self.http_headers(),
                log: log.as_ref(),
                reply_timeout: CANCEL_TIMEOUT,
                transfer_timeout: CANCEL_TIMEOUT,
            };
            open.session.close(&endpoint).await;
        }
    }

    #[cfg(feature = "blocking")]
    pub(super) fn thread(&self) -> &Thread {
        &self.shared.thread
    }

    pub(in crate::client) fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    pub(super) fn registry(&self) -> &Registry {
        &self.shared.registry
    }

    /// Time to wait for the reply of an operation.
    pub(super) fn reply_timeout(&self, operation: &Operation) -> Duration {
        self.reply_timeout.unwrap_or(Duration::from_secs(operation.reply_timeout.into()))
    }

    /// Time for a whole reply whose beginning has this time.
    pub(super) fn transfer_timeout(&self, reply_timeout: Duration) -> Duration {
        self.settings().transfer_timeout.unwrap_or(reply_timeout.saturating_add(TRANSFER_TIME))
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Connection");
        match &self.settings().base {
            Some(base) => debug.field("to", &format_args!("{base}")),
            None => debug.field("to", &"as published"),
        };
        debug.field("transport", &self.settings().transport).finish_non_exhaustive()
    }
}
