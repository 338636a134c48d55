//! The builder of a connection.

mod network;

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use rustls::pki_types::ServerName;

use crate::address::{BaseUrl, Route};
use crate::client::connection::Connection;
use crate::client::hook::Hook;
use crate::client::log::bundle::SupportBundle;
use crate::client::log::wire::WireLog;
use crate::client::log::{Detail, Logs};
use crate::client::settings::Settings;
use crate::client::soap_headers;
use crate::clock::{Clock, SystemClock};
use crate::error::Error;
use crate::limits::{CONNECT_TIMEOUT, IDLE_TIMEOUT, Limits, MINIMUM_RATE, POOL_IDLE_TIMEOUT, POOL_SIZE};
use crate::message::fault::FaultDetail;
use crate::random::{Random, SystemRandom};
use crate::schema::descriptor::{AuthenticationScope, PortDescriptor};
use crate::secret::Secret;
use crate::security::options::SecurityOptions;
use crate::security::tls_certificate::TlsCertificate;
use crate::transport::Transport;
use crate::transport::http::{HttpTransport, Options};
use crate::transport::proxy::Proxy;
use crate::transport::tls::{Roots, Tls};
use crate::value::Fragment;
use crate::value::spill::Spill;

/// Sets up a [`Connection`]. A wrong setting is an error of [`build`](Self::build).
///
/// ```
/// use std::time::Duration;
/// use soap_runtime::Connection;
///
/// let connection = Connection::builder("https://soap.example")
///     .connect_timeout(Duration::from_secs(3))
///     .proxy("http://proxy.example:3128")
///     .proxy_credentials("department", "password")
///     .build()?;
/// # Ok::<(), soap_runtime::Error>(())
/// ```
#[must_use]
pub struct ConnectionBuilder {
    base: Option<BaseUrl>,
    addresses: Vec<(&'static PortDescriptor, String)>,
    route: Route,
    connect_timeout: Duration,
    reply_timeout: Option<Duration>,
    idle_timeout: Duration,
    transfer_timeout: Option<Duration>,
    minimum_rate: u64,
    pool_idle_timeout: Duration,
    limits: Limits,
    spill: Option<Arc<Spill>>,
    roots: Roots,
    server_name: Option<ServerName<'static>>,
    certificate: Option<TlsCertificate>,
    proxy: Option<Proxy>,
    environment_proxies: Vec<Proxy>,
    proxy_credentials: Option<(Secret, Secret)>,
    user_agent: Cow<'static, str>,
    http_headers: HeaderMap,
    soap_headers: Vec<Fragment>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    security: SecurityOptions,
    hooks: Vec<Arc<dyn Hook>>,
    logs: Logs,
    shows_reasons: bool,
    documented_rules: bool,
    authentication_pause: Option<Duration>,
    authentication_scope: Option<AuthenticationScope>,
    transport: Option<Arc<dyn Transport>>,
    layers: Vec<Layer>,
    /// The first wrong setting.
    error: Option<Error>,
}

type Layer = Box<dyn FnOnce(Arc<dyn Transport>) -> Arc<dyn Transport> + Send>;

/// The default of the `User-Agent` header.
const USER_AGENT: &str = concat!("soap-runtime/", env!("CARGO_PKG_VERSION"));

impl Connection {
    /// A connection to a host with all the defaults.
    ///
    /// ```
    /// use soap_runtime::Connection;
    ///
    /// let connection = Connection::to("https://localhost:8443")?;
    /// # Ok::<(), soap_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    /// An invalid base URL, or no root certificates on this machine.
    pub fn to<B>(base: B) -> Result<Self, Error>
    where
        B: TryInto<BaseUrl>,
        Error: From<B::Error>,
    {
        Self::builder(base).build()
    }

    /// A connection to the address that each contract gives for its endpoint, with all the defaults.
    ///
    /// `http:` in a contract is taken as `https:`, except to a loopback address and where
    /// [`allow_plain_http`](ConnectionBuilder::allow_plain_http) lets it be.
    ///
    /// # Errors
    /// No root certificates on this machine.
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
}

impl ConnectionBuilder {
    /// All the defaults, to a host.
    pub fn new<B>(base: B) -> Self
    where
        B: TryInto<BaseUrl>,
        Error: From<B::Error>,
    {
        let mut builder = Self::as_published();
        builder.base = builder.keep_error(base.try_into().map_err(Error::from));
        builder
    }

    /// All the defaults, to the address in each contract. See [`Connection::as_published`].
    pub fn as_published() -> Self {
        Self {
            base: None,
            addresses: Vec::new(),
            route: Route::default(),
            connect_timeout: CONNECT_TIMEOUT,
            reply_timeout: None,
            idle_timeout: IDLE_TIMEOUT,
            transfer_timeout: None,
            minimum_rate: MINIMUM_RATE,
            pool_idle_timeout: POOL_IDLE_TIMEOUT,
            limits: Limits::default(),
            spill: None,
            roots: Roots { system: true, extra: Vec::new() },
            server_name: None,
            certificate: None,
            proxy: None,
            environment_proxies: Vec::new(),
            proxy_credentials: None,
            user_agent: Cow::Borrowed(USER_AGENT),
            http_headers: HeaderMap::new(),
            soap_headers: Vec::new(),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            security: SecurityOptions::default(),
            hooks: Vec::new(),
            logs: Logs::default(),
            shows_reasons: false,
            documented_rules: true,
            authentication_pause: None,
            authentication_scope: None,
            transport: None,
            layers: Vec::new(),
            error: None,
        }
    }

    /// Keeps the first error for [`build`](Self::build).
    fn keep_error<T>(&mut self, result: Result<T, Error>) -> Option<T> {
        result.map_err(|error| self.error.get_or_insert(error).kind()).ok()
    }

    /// Gives one port a URL of its own, path included: the `PORT` of the generated module.
    pub fn port_address(mut self, port: &'static PortDescriptor, url: impl Into<String>) -> Self {
        self.addresses.retain(|(other, _)| !std::ptr::eq(*other, port));
        self.addresses.push((port, url.into()));
        self
    }

    /// Time to reach the endpoint: name look-up, TCP, proxy and TLS together. Default [`CONNECT_TIMEOUT`], 10 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Time from the last byte of a request to the first of its reply, for all operations.
    ///
    /// By default each operation has its own, from its documentation; 100 s where that states none. For some clients
    /// only, see [`Connection::with_reply_timeout`].
    pub fn reply_timeout(mut self, timeout: Duration) -> Self {
        self.reply_timeout = Some(timeout);
        self
    }

    /// Longest pause between two pieces of a body, sent or received. Default [`IDLE_TIMEOUT`], 60 s.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Time from the head of a reply to its last byte, for all operations and whatever comes as an answer. Default: the
    /// reply time-out of the operation, and [`TRANSFER_TIME`](crate::TRANSFER_TIME) of 10 min.
    ///
    /// A [`Download`](crate::Download) and [`Items`](crate::Items) have no such end once the call has returned them; see
    /// [`minimum_rate`](Self::minimum_rate).
    pub fn transfer_timeout(mut self, timeout: Duration) -> Self {
        self.transfer_timeout = Some(timeout);
        self
    }

    /// Least number of octets of a [`Download`](crate::Download), of [`Items`](crate::Items) and of a request in each minute
    /// in which the network is waited for. Default [`MINIMUM_RATE`], 14 400; 0 is no limit.
    ///
    /// The time that the caller takes to read a stream, or the source of an upload to be read, does not count. If the
    /// [idle time-out](Self::idle_timeout) is longer than a minute, so is the time over which the rate is measured.
    pub fn minimum_rate(mut self, octets_per_minute: u64) -> Self {
        self.minimum_rate = octets_per_minute;
        self
    }

    /// How long an unused network connection is kept. Default [`POOL_IDLE_TIMEOUT`], 60 s.
    pub fn pool_idle_timeout(mut self, timeout: Duration) -> Self {
        self.pool_idle_timeout = timeout;
        self
    }

    /// Limits on the size and content of a reply.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Keeps the parts of MTOM replies that have more bytes than these on disk instead of in memory, in unnamed
    /// temporary files in this folder. By default everything is in memory, where no other program can read it.
    ///
    /// The same goes for base64 in an envelope: it is decoded while it arrives, if it is the only content of its element,
    /// in one line or in lines of one length. Lists that are read item by item stay in memory.
    ///
    /// A [`Binary`](crate::Binary) is used in the same way in either place. How much of one reply may be on disk is limited
    /// by [`MtomLimits::spilled_bytes`](crate::MtomLimits::spilled_bytes). A folder such as `/tmp` can be memory itself.
    ///
    /// ```
    /// use soap_runtime::Connection;
    ///
    /// let connection = Connection::builder("https://localhost").spill_parts(1 << 20, "/var/tmp").build()?;
    /// # Ok::<(), soap_runtime::Error>(())
    /// ```
    pub fn spill_parts(mut self, over: usize, folder: impl Into<PathBuf>) -> Self {
        self.spill = Some(Arc::new(Spill { over, folder: folder.into() }));
        self
    }

    /// Adds a SOAP header block to all requests of all clients: see [`Connection::with_soap_header`].
    pub fn soap_header(mut self, block: Fragment) -> Self {
        soap_headers::set(&mut self.soap_headers, block);
        self
    }

    /// Where the time comes from. Default [`SystemClock`].
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Where random octets and identifiers come from. Default [`SystemRandom`]. Replace it in tests only: keys are made
    /// from these octets.
    pub fn random(mut self, random: impl Random + 'static) -> Self {
        self.random = Arc::new(random);
        self
    }

    /// Whether a request is refused before it is sent if it breaks a rule that only the documentation of the service
    /// states: the most bytes of binary content, what a file name must not hold. Default `true`.
    ///
    /// For one upload, see [`Upload::limit`](crate::Upload::limit).
    pub fn documented_rules(mut self, check: bool) -> Self {
        self.documented_rules = check;
        self
    }

    /// How long a credential is not sent again after a service has refused it, for all ports. By default each port has
    /// its own, from the configuration of its client; [`AUTHENTICATION_PAUSE`](crate::AUTHENTICATION_PAUSE), 5 min, where
    /// that names none.
    ///
    /// A pause of zero is none: every call is sent at once, whatever became of the others. A service that locks accounts
    /// then counts each of them.
    pub fn authentication_pause(mut self, pause: Duration) -> Self {
        self.authentication_pause = Some(pause);
        self
    }

    /// Where a refused credential is not sent again, for all ports: to the same URL only, or to every endpoint of the same
    /// scheme, host and port. By default each port has its own, from the configuration of its client; the same URL where
    /// that names none.
    pub fn authentication_scope(mut self, scope: AuthenticationScope) -> Self {
        self.authentication_scope = Some(scope);
        self
    }

    /// Options of WS-Security, for ports whose contract requires it.
    pub fn security(mut self, options: SecurityOptions) -> Self {
        self.security = options;
        self
    }

    /// Adds code that sees the messages of the connection, and may change them.
    pub fn hook(mut self, hook: impl Hook + 'static) -> Self {
        self.hooks.push(Arc::new(hook));
        self
    }

    /// Logs all messages of the connection, with the texts hidden that are not known to be plain.
    pub fn wire_log(mut self, log: WireLog) -> Self {
        self.logs.wire = Some(Arc::new(log));
        self
    }

    /// Writes a file for those who run the service whenever a call fails.
    pub fn support_bundle(mut self, bundle: SupportBundle) -> Self {
        self.logs.bundle = Some(bundle);
        self
    }

    /// Shows the details of faults that are of this type in the wire log and in support bundles, as its `Debug` does: members
    /// that are sensitive are redacted. Details of other types are shown by the names in them.
    ///
    /// ```
    /// use soap_runtime::{Connection, WireLog};
    /// # #[derive(Debug)]
    /// # struct OrderFault;
    /// # impl soap_runtime::FaultDetail for OrderFault {
    /// #     fn read_detail(_: &mut soap_runtime::generated::v1::DetailReader<'_>) -> Option<Self> { None }
    /// # }
    ///
    /// let connection = Connection::builder("https://soap.example")
    ///     .wire_log(WireLog::to_tracing())
    ///     .log_fault_detail::<OrderFault>() // a type that was generated
    ///     .build()?;
    /// # Ok::<(), soap_runtime::Error>(())
    /// ```
    pub fn log_fault_detail<T: FaultDetail + fmt::Debug>(mut self) -> Self {
        self.logs.details.push(Detail::of::<T>());
        self
    }

    /// Whether the text of an error says what the service says of its fault ([`Error::reason`]). Default `false`, as a service may
    /// quote the request, personal data included. Logs of the connection never say it.
    pub fn reasons_in_errors(mut self, shown: bool) -> Self {
        self.shows_reasons = shown;
        self
    }

    /// Replaces the network. The settings for connect time-out, root certificates, proxy, pool and user agent then have
    /// no effect.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Wraps the transport for every request of the connection. The layer added last sees a request first.
    ///
    /// See [`transport`](crate::transport) for an example.
    pub fn layer(mut self, layer: impl FnOnce(Arc<dyn Transport>) -> Arc<dyn Transport> + Send + 'static) -> Self {
        self.layers.push(Box::new(layer));
        self
    }

    /// Checks the settings. Nothing is sent.
    ///
    /// # Errors
    /// The first setting that is wrong, or no root certificates on this machine.
    pub fn build(self) -> Result<Connection, Error> {
        if let Some(mistake) = self.error {
            return Err(mistake);
        }
        let route = self.route;
        if let Some(base) = &self.base {
            route.allowed_base(base).map_err(Error::configuration)?;
        }
        let mut addresses = Vec::new();
        for (port, url) in self.addresses {
            addresses.push((port, route.explicit(&url).map_err(Error::configuration)?));
        }
        let mut proxies = match self.proxy {
            Some(proxy) => vec![proxy],
            None => self.environment_proxies,
        };
        if let Some(credentials) = self.proxy_credentials {
            proxies.iter_mut().for_each(|proxy| proxy.credentials = Some(credentials.clone()));
        }
        if proxies.iter().any(Proxy::is_https) && (self.certificate.is_some() || self.server_name.is_some()) {
            return Err(Error::configuration(
                "a client certificate, or another name of the server, would be for the https proxy as well: use a proxy \
                 that is reached by http",
            ));
        }
        if !proxies.is_empty() && route.connect_to.is_some() {
            return Err(Error::configuration(
                "through a proxy, `connect_to` has no effect: the proxy makes the connection",
            ));
        }
        let has_client_certificate = self.certificate.is_some();
        let mut transport = match self.transport {
            Some(transport) => transport,
            None => {
                // A machine without root certificates can still reach itself.
                let https = self.base.as_ref().is_none_or(BaseUrl::is_https)
                    || proxies.iter().any(Proxy::is_https)
                    || addresses.iter().any(|(_, url)| url.scheme() == Some(&http::uri::Scheme::HTTPS));
                Arc::new(HttpTransport::new(Options {
                    connect_timeout: self.connect_timeout,
                    pool_idle_timeout: self.pool_idle_timeout,
                    pool_size: POOL_SIZE,
                    proxies,
                    tls: Tls {
                        roots: https.then_some(self.roots),
                        server_name: self.server_name,
                        certificate: self.certificate.map(|certificate| certificate.certified_key()),
                    },
                    connect_to: route.connect_to.clone(),
                    user_agent: self.user_agent.into_owned(),
                    reply_headers: self.limits.reply_headers,
                    clock: Arc::clone(&self.clock),
                })?) as Arc<dyn Transport>
            }
        };
        for layer in self.layers {
            transport = layer(transport);
        }
        let settings = Settings {
            base: self.base,
            addresses,
            route,
            has_client_certificate,
            transport,
            limits: self.limits,
            spill: self.spill,
            idle_timeout: self.idle_timeout,
            transfer_timeout: self.transfer_timeout,
            minimum_rate: self.minimum_rate,
            clock: self.clock,
            random: self.random,
            security: self.security,
            hooks: self.hooks,
            logs: self.logs,
            shows_reasons: self.shows_reasons,
            documented_rules: self.documented_rules,
            authentication_pause: self.authentication_pause,
            authentication_scope: self.authentication_scope,
        };
        Ok(Connection::new(settings, self.reply_timeout, self.http_headers, self.soap_headers))
    }
}

impl fmt::Debug for ConnectionBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionBuilder")
            .field("base", &self.base)
            .field("proxy", &self.proxy)
            .field("proxy_credentials", &self.proxy_credentials)
            .field("limits", &self.limits)
            .field("transport", &self.transport)
            .finish_non_exhaustive()
    }
}
