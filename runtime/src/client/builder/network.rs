//! The settings of a builder that say how servers are reached: plain http, TLS, proxies, and what the HTTP head says.

use std::borrow::Cow;

use http::HeaderValue;
use rustls::pki_types::ServerName;

use crate::address::HostAndPort;
use crate::client::builder::ConnectionBuilder;
use crate::client::request_headers;
use crate::error::Error;
use crate::secret::Secret;
use crate::security::tls_certificate::TlsCertificate;
use crate::transport::proxy::Proxy;
use crate::transport::tls;

impl ConnectionBuilder {
    /// Lets `http:` URLs through if they stay on this machine: `localhost`, 127.0.0.0/8, `::1`. For tests, and for every
    /// port.
    pub fn allow_http_to_loopback(mut self, allow: bool) -> Self {
        self.route.http_to_loopback = allow;
        self
    }

    /// Lets `http:` URLs through to any host: for devices and networks without TLS. Whoever is on the way can then read and
    /// change every message.
    ///
    /// Ports whose contract asks for TLS, and those with sessions, are refused all the same. So are credentials that can be
    /// read on the way, unless [`allow_clear_credentials`](Self::allow_clear_credentials) allows them; a UsernameToken
    /// with a digest and HTTP Digest need no such permission. `http:` in the contract is then taken as it is, and not as
    /// `https:`.
    ///
    /// ```
    /// use soap_runtime::Connection;
    ///
    /// let camera = Connection::builder("http://192.168.1.20").allow_plain_http(true).build()?;
    /// # Ok::<(), soap_runtime::Error>(())
    /// ```
    pub fn allow_plain_http(mut self, allow: bool) -> Self {
        self.route.plain_http = allow;
        self
    }

    /// Lets credentials through that everybody on the way can read, where
    /// [plain http is allowed](Self::allow_plain_http): a UsernameToken with the password itself, HTTP Basic, bearer
    /// tokens, the header `Authorization`, and credentials that are fields of messages.
    pub fn allow_clear_credentials(mut self, allow: bool) -> Self {
        self.route.clear_credentials = allow;
        self
    }

    /// Trusts the certificates in a PEM text, besides the operating system's.
    pub fn root_certificates_pem(mut self, pem: impl AsRef<[u8]>) -> Self {
        if let Some(roots) = self.keep_error(tls::from_pem(pem.as_ref())) {
            self.roots.extra.extend(roots);
        }
        self
    }

    /// Trusts a certificate in DER, besides the operating system's.
    pub fn root_certificate_der(mut self, der: impl Into<Vec<u8>>) -> Self {
        self.roots.extra.push(der.into().into());
        self
    }

    /// Trusts only the certificates given here, and not the operating system's.
    pub fn only_given_roots(mut self) -> Self {
        self.roots.system = false;
        self
    }

    /// The certificate by which the program proves itself in TLS (mutual TLS). It is sent to every server of the connection
    /// that asks for one. Not together with an https proxy, which could ask for it too.
    ///
    /// A port whose contract requires one (`sp:RequireClientCertificate`) sends nothing without it.
    pub fn client_certificate(mut self, certificate: TlsCertificate) -> Self {
        self.certificate = Some(certificate);
        self
    }

    /// The name that the server's certificate must hold, where it is not the host of the URL. For servers that are called by
    /// an address or a name of their network. Not together with an https proxy, whose certificate has another name.
    ///
    /// The URL stays what the service sees: in the header `Host`, in TLS, and in WS-Addressing. If the service should see the
    /// name of the certificate too, give that as the URL, and the address with [`connect_to`](Self::connect_to).
    ///
    /// ```
    /// use soap_runtime::Connection;
    ///
    /// let connection = Connection::builder("https://10.0.0.5").server_name("soap.example").build()?;
    /// # Ok::<(), soap_runtime::Error>(())
    /// ```
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        let name = ServerName::try_from(name.into());
        let name =
            name.map_err(|_| Error::configuration("the name of the server is neither a host name nor an address"));
        self.server_name = self.keep_error(name);
        self
    }

    /// Makes all connections to this host, `host`, `host:port` or `[address]:port`, whatever host the URL names. The name in
    /// the URL is the one that the server's certificate must hold, and that the service sees. Not together with a proxy.
    ///
    /// ```
    /// use soap_runtime::Connection;
    ///
    /// let connection = Connection::builder("https://soap.example").connect_to("10.0.0.5:8443").build()?;
    /// # Ok::<(), soap_runtime::Error>(())
    /// ```
    pub fn connect_to(mut self, address: impl AsRef<str>) -> Self {
        let address = HostAndPort::parse(address.as_ref()).map_err(Error::configuration);
        self.route.connect_to = self.keep_error(address);
        self
    }

    /// Sends everything through a forward proxy, except to this machine. By default there is no proxy: environment
    /// variables such as `HTTPS_PROXY` are ignored, unless [`proxy_from_environment`](Self::proxy_from_environment) says
    /// otherwise.
    ///
    /// The address begins with `http://` or `https://`, which say how the proxy itself is reached; with `socks5://`, which
    /// looks host names up here; or with `socks5h://`, which leaves that to the proxy. Messages to https URLs go through an
    /// http proxy by CONNECT, so that it does not see them.
    ///
    /// ```
    /// use soap_runtime::Connection;
    ///
    /// let connection = Connection::builder("https://soap.example").proxy("socks5h://proxy.example:1080").build()?;
    /// # Ok::<(), soap_runtime::Error>(())
    /// ```
    pub fn proxy(mut self, address: impl AsRef<str>) -> Self {
        self.proxy = self.keep_error(Proxy::parse(address.as_ref()));
        self
    }

    /// Uses the proxies that the environment of the program names, if no other is given: `HTTPS_PROXY`, `HTTP_PROXY` and
    /// `ALL_PROXY`, in small letters too, and `NO_PROXY` for the hosts that are reached without them.
    ///
    /// `http://` may be left out there, and the user name and the password may stand in the address. `HTTP_PROXY` in capital
    /// letters is not read by a CGI program, where the caller of the program sets it.
    pub fn proxy_from_environment(mut self) -> Self {
        let found = Proxy::from_environment(|name| std::env::var(name).ok());
        self.environment_proxies = self.keep_error(found).unwrap_or_default();
        self
    }

    /// A user name and password for the proxy: by HTTP Basic, or by RFC 1929 for a SOCKS proxy.
    pub fn proxy_credentials(mut self, user_name: impl Into<Secret>, password: impl Into<Secret>) -> Self {
        self.proxy_credentials = Some((user_name.into(), password.into()));
        self
    }

    /// The `User-Agent` header. Default `soap-runtime/` and this crate's version.
    pub fn user_agent(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.user_agent = name.into();
        if HeaderValue::from_str(&self.user_agent).is_err() {
            let mistake = "the value of the HTTP header `User-Agent` holds more than visible characters of ASCII";
            self.keep_error::<()>(Err(Error::configuration(mistake)));
        }
        self
    }

    /// Adds an HTTP header to every request of the connection, token exchanges included: what a gateway asks for, for
    /// example. One of the same name is replaced. The value is never printed.
    ///
    /// For some clients only, see [`Connection::with_http_header`](crate::Connection::with_http_header).
    ///
    /// ```
    /// use soap_runtime::Connection;
    ///
    /// let connection = Connection::builder("https://soap.example").http_header("x-api-key", "0a1b2c").build()?;
    /// # Ok::<(), soap_runtime::Error>(())
    /// ```
    pub fn http_header(mut self, name: &str, value: impl Into<Secret>) -> Self {
        let set = request_headers::set(&mut self.http_headers, name, &value.into());
        self.keep_error(set);
        self
    }
}
