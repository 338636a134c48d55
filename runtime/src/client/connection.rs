//! Where calls go, and through what.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::Uri;

use crate::client::address::{self, BaseUrl};
use crate::client::auth::registry::Registry;
use crate::client::builder::ConnectionBuilder;
#[cfg(feature = "secure-conversation")]
use crate::client::post::Line;
use crate::clock::Clock;
use crate::error::Error;
use crate::limits::Limits;
use crate::message::Freshness;
use crate::random::Random;
use crate::schema::descriptor::{Operation, PortDescriptor};
use crate::security::options::SecurityOptions;
use crate::transport::Transport;
use crate::value::spill::Spill;

/// A set of endpoints at one host, and the pool of network connections to it.
///
/// Cheap to clone; clones share the pool. Make one per host and program, and the clients from it. Nothing
/// is sent before the first call, and calls run on a tokio runtime. Only https is spoken; see
/// [`allow_http_to_loopback`](ConnectionBuilder::allow_http_to_loopback) for tests.
///
/// A proxy named by an environment variable is not used: where personal data travels is for the program to
/// say ([`ConnectionBuilder::proxy`]).
#[derive(Clone)]
pub struct Connection {
    shared: Arc<Shared>,
    reply_timeout: Option<Duration>,
}

/// Time to wait for a server's word that a session has ended.
#[cfg(feature = "secure-conversation")]
const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);

pub(crate) struct Shared {
    pub(crate) base: Option<BaseUrl>,
    /// Endpoints with a URL of their own.
    pub(crate) addresses: Vec<(&'static PortDescriptor, Uri)>,
    pub(crate) loopback_http: bool,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) limits: Limits,
    pub(crate) spill: Option<Arc<Spill>>,
    pub(crate) idle_timeout: Duration,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) security: SecurityOptions,
    pub(crate) documented_rules: bool,
    pub(crate) registry: Registry,
}

impl Connection {
    /// A connection to a host with all the defaults.
    ///
    /// ```
    /// use soap_runtime::Connection;
    ///
    /// let connection = Connection::to("https://localhost:8443")?;
    /// # Ok::<(), soap_runtime::Error>(())
    /// ```
    pub fn to<B>(base: B) -> Result<Self, Error>
    where
        B: TryInto<BaseUrl>,
        Error: From<B::Error>,
    {
        Self::builder(base).build()
    }

    /// A connection to wherever each contract says that its endpoint is, with all the defaults.
    ///
    /// `http:` in a contract is taken as `https:`, except to a loopback address.
    pub fn as_published() -> Result<Self, Error> {
        ConnectionBuilder::as_published().build()
    }

    /// Sets up a connection to a host.
    pub fn builder<B>(base: B) -> ConnectionBuilder
    where
        B: TryInto<BaseUrl>,
        Error: From<B::Error>,
    {
        ConnectionBuilder::new(base)
    }

    pub(crate) fn new(shared: Shared, reply_timeout: Option<Duration>) -> Self {
        Self { shared: Arc::new(shared), reply_timeout }
    }

    /// The same connection with another time-out for replies, for the clients that are made from it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use soap_runtime::Connection;
    ///
    /// let connection = Connection::to("https://localhost")?;
    /// let patient = connection.with_reply_timeout(Duration::from_secs(20 * 60));
    /// # Ok::<(), soap_runtime::Error>(())
    /// ```
    #[must_use]
    pub fn with_reply_timeout(&self, timeout: Duration) -> Self {
        Self { shared: Arc::clone(&self.shared), reply_timeout: Some(timeout) }
    }

    /// The URL of a port. An error is told by the first call.
    pub(crate) fn endpoint(&self, port: &'static PortDescriptor) -> Result<Uri, Cow<'static, str>> {
        let own = self.shared.addresses.iter().find(|(other, _)| std::ptr::eq(*other, port));
        match own {
            Some((_, url)) => Ok(url.clone()),
            None => address::endpoint(self.shared.base.as_ref(), port.address, self.shared.loopback_http),
        }
    }

    /// Lets calls through again to endpoints that have refused a credential.
    ///
    /// After a service has refused a user name and password or a certificate, calls with it are refused without being
    /// sent, for [`AUTHENTICATION_PAUSE`](crate::AUTHENTICATION_PAUSE): each further failure counts towards a lock of the
    /// account. Call this when the cause has been seen to.
    pub fn reset_authentication(&self) {
        self.shared.registry.reset();
    }

    /// Ends all security sessions, and tells those servers that hold them in memory. A later call starts another one.
    ///
    /// Services that keep the session in a cookie, as EC2 services do, need no word. A server that can't be told forgets
    /// its session by itself, after minutes: no error is given for it.
    #[cfg(feature = "secure-conversation")]
    pub async fn close(&self) {
        for open in self.shared.registry.sessions() {
            let to = address::without_query(&open.url);
            let line = Line {
                connection: self,
                url: &open.url,
                to: &to,
                soap: open.soap,
                addressing: true,
                reply_timeout: CLOSE_TIMEOUT,
            };
            open.session.close(&line).await;
        }
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.shared.registry
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.shared.clock.now()
    }

    pub(crate) fn random(&self) -> &dyn Random {
        &*self.shared.random
    }

    #[cfg(feature = "secure-conversation")]
    pub(crate) fn security(&self) -> &SecurityOptions {
        &self.shared.security
    }

    /// When the Timestamp of a reply that comes now is good.
    pub(crate) fn freshness(&self) -> Freshness {
        let SecurityOptions { clock_skew, require_reply_timestamp, .. } = self.shared.security;
        Freshness { now: self.now(), skew: clock_skew, required: require_reply_timestamp }
    }

    pub(crate) fn transport(&self) -> &dyn Transport {
        &*self.shared.transport
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    /// Whether requests are held against what is documented.
    pub(crate) fn documented_rules(&self) -> bool {
        self.shared.documented_rules
    }

    /// Which parts of replies go to disk.
    pub(crate) fn spill(&self) -> Option<&Arc<Spill>> {
        self.shared.spill.as_ref()
    }

    pub(crate) fn idle_timeout(&self) -> Duration {
        self.shared.idle_timeout
    }

    /// Time to wait for the reply of an operation.
    pub(crate) fn reply_timeout(&self, operation: &Operation) -> Duration {
        self.reply_timeout.unwrap_or(Duration::from_secs(operation.reply_timeout.into()))
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Connection");
        match &self.shared.base {
            Some(base) => debug.field("to", &format_args!("{base}")),
            None => debug.field("to", &"as published"),
        };
        debug.field("transport", &self.shared.transport).finish_non_exhaustive()
    }
}
