//! The address of an endpoint: scheme, host and port come from the caller, path and query from the contract.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

use crate::error::Error;

/// Scheme, host and port of a set of endpoints. The path and the query of each come from its contract.
///
/// ```
/// use soap_runtime::BaseUrl;
///
/// let base = BaseUrl::try_from("https://soap.example.org")?;
/// assert_eq!(base.to_string(), "https://soap.example.org");
/// assert!(BaseUrl::try_from("https://soap.example.org/some/path").is_err());
/// # Ok::<(), soap_runtime::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl {
    scheme: Scheme,
    authority: Authority,
}

const NOT_A_URL: &str = "is not a URL of the form https://host:port";

/// Queries by which servers give their contract.
const CONTRACT_QUERIES: [&str; 2] = ["wsdl", "singlewsdl"];

const NO_ADDRESS: &str = "the contract has no address for this port: give one with \
     `ConnectionBuilder::port_address`, or a base URL with `Connection::to`";

impl BaseUrl {
    /// Host name or address, without brackets.
    pub fn host(&self) -> &str {
        bare_host(self.authority.host())
    }

    pub(crate) fn is_https(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    /// The URL at this host with the path and the query of another.
    fn with_path(&self, address: &Uri) -> Result<Uri, Cow<'static, str>> {
        // That is where the contract is, not its service.
        let is_contract = address.query().is_some_and(|query| CONTRACT_QUERIES.contains(&&*query.to_ascii_lowercase()));
        let path = if is_contract { Some(address.path()) } else { address.path_and_query().map(PathAndQuery::as_str) };
        let path = PathAndQuery::try_from(path.unwrap_or("/"))
            .map_err(|_| "the path of the contract's address is not valid")?;
        rebuild(self.scheme.clone(), self.authority.clone(), path)
    }

    fn parse(text: &str) -> Result<Self, String> {
        // The text is not quoted: it may contain a password.
        let refuse = |why: &str| Err(format!("the base URL {why}"));
        if text.contains('@') {
            return refuse("must not hold a user name or password");
        }
        if text.contains('?') || text.contains('#') {
            return refuse("must not hold a query or a fragment");
        }
        let Ok(uri) = Uri::try_from(text) else { return refuse(NOT_A_URL) };
        let parts = uri.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else { return refuse(NOT_A_URL) };
        if scheme != Scheme::HTTPS && scheme != Scheme::HTTP {
            return refuse("must start with https://");
        }
        if parts.path_and_query.is_some_and(|path| path != "/") {
            return refuse("must end after host and port: each endpoint's path comes from its contract");
        }
        match check_authority(&authority) {
            Ok(()) => Ok(Self { scheme, authority }),
            Err(why) => refuse(why),
        }
    }
}

impl TryFrom<&str> for BaseUrl {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self, Error> {
        Self::parse(text).map_err(Error::configuration)
    }
}

impl TryFrom<String> for BaseUrl {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::try_from(text.as_str())
    }
}

impl TryFrom<&String> for BaseUrl {
    type Error = Error;

    fn try_from(text: &String) -> Result<Self, Error> {
        Self::try_from(text.as_str())
    }
}

/// For callers that pass a [`BaseUrl`], whose conversion cannot fail.
impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority)
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BaseUrl({self})")
    }
}

/// Which `http:` URLs may be called, and where connections are really made to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Route {
    /// To this machine, for every port.
    pub(crate) http_to_loopback: bool,
    /// To any host, for ports whose contract does not ask for TLS.
    pub(crate) plain_http: bool,
    /// Over such a connection, credentials that can be read on the way.
    pub(crate) clear_credentials: bool,
    /// All connections are made to this address, whatever host a URL names.
    pub(crate) connect_to: Option<HostAndPort>,
}

/// A host name or address, and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostAndPort {
    /// Without brackets.
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
}

impl HostAndPort {
    pub(crate) fn parse(text: &str) -> Result<Self, Cow<'static, str>> {
        const FORM: &str = "the address to connect to must have the form host, host:port or [address]:port";
        // The text is not quoted: it may be a URL with a password.
        if text.contains(['/', '@']) {
            return Err(format!("{FORM}, without https:// and path").into());
        }
        let bare_v6 = text.parse::<Ipv6Addr>().is_ok().then(|| format!("[{text}]"));
        let authority = Authority::try_from(bare_v6.as_deref().unwrap_or(text)).map_err(|_| FORM)?;
        check_authority(&authority).map_err(|why| format!("the address to connect to {why}"))?;
        Ok(Self { host: bare_host(authority.host()).to_owned(), port: authority.port_u16() })
    }
}

impl Route {
    /// Whether others can read what is sent to this URL.
    pub(crate) fn is_clear(&self, url: &Uri) -> bool {
        let leaves = self.connect_to.as_ref().is_some_and(|address| !is_loopback_host(&address.host));
        url.scheme() == Some(&Scheme::HTTP) && (leaves || !is_loopback(url))
    }

    /// Whether a credential that can be read in a message must not be sent to this URL.
    pub(crate) fn hides_credentials(&self, url: &Uri) -> bool {
        self.is_clear(url) && !self.clear_credentials
    }

    /// The URL of an endpoint, from the base that the caller chose or else from the contract alone.
    ///
    /// A published address with `http:` means `https:`, as contracts are often written behind the gateway that does TLS.
    /// It is left as it is where it is a loopback address, and where plain http is allowed and the contract asks for no TLS.
    /// Where the contract has no address, the base is all of it.
    pub(crate) fn endpoint(
        &self,
        base: Option<&BaseUrl>,
        address: &str,
        needs_tls: bool,
    ) -> Result<Uri, Cow<'static, str>> {
        if address.is_empty() {
            let base = base.ok_or(NO_ADDRESS)?;
            return self.allowed(base.with_path(&Uri::from_static("/"))?);
        }
        let published = Uri::try_from(address)
            .ok()
            .filter(|uri| uri.authority().is_some())
            .ok_or("the contract's address is not a URL: give another with `port_address`")?;
        let is_meant = is_loopback(&published) || (self.plain_http && !needs_tls);
        let uri = match base {
            Some(base) => base.with_path(&published)?,
            None if published.scheme() == Some(&Scheme::HTTP) && !is_meant => upgrade(published)?,
            None => published,
        };
        self.allowed(uri)
    }

    /// A complete URL that the caller gives for one endpoint.
    pub(crate) fn explicit(&self, address: &str) -> Result<Uri, Cow<'static, str>> {
        if address.contains('@') || address.contains('#') {
            return Err("an endpoint's URL must not hold a user name, a password or a fragment".into());
        }
        let uri = Uri::try_from(address).ok().filter(|uri| uri.authority().is_some());
        self.allowed(uri.ok_or("an endpoint's URL must have the form https://host:port/path")?)
    }

    /// Applies the same rules to a base URL.
    pub(crate) fn allowed_base(&self, base: &BaseUrl) -> Result<(), Cow<'static, str>> {
        let uri = rebuild(base.scheme.clone(), base.authority.clone(), PathAndQuery::from_static("/"))?;
        self.allowed(uri).map(drop)
    }

    fn allowed(&self, uri: Uri) -> Result<Uri, Cow<'static, str>> {
        let authority = uri.authority().ok_or("an endpoint's URL names no host")?;
        check_authority(authority).map_err(|why| format!("an endpoint's URL {why}"))?;
        if let Some(address) = &self.connect_to {
            if bare_host(authority.host()).parse::<IpAddr>().is_ok() {
                return Err("with `connect_to`, URLs must name a host and not its address".into());
            }
            if address.port.is_some() && authority.port_u16().is_some_and(|port| Some(port) != address.port) {
                return Err("`connect_to` has another port than the endpoint's URL: leave one of them out".into());
            }
        }
        match uri.scheme_str() {
            Some("https") => Ok(uri),
            Some("http") if self.plain_http => Ok(uri),
            Some("http") if self.is_clear(&uri) => Err(
                "over http everybody on the way can read and change messages: use https, or `allow_plain_http(true)`"
                    .into(),
            ),
            Some("http") if !self.http_to_loopback => {
                Err("http to a loopback address needs `allow_http_to_loopback(true)`".into())
            }
            Some("http") => Ok(uri),
            _ => Err("an endpoint's URL must start with https://".into()),
        }
    }
}

/// A URL without its query, as messages name it and as it is printed.
pub(crate) fn without_query(url: &Uri) -> String {
    let text = url.to_string();
    match text.split_once('?') {
        Some((address, _)) => address.to_owned(),
        None => text,
    }
}

fn check_authority(authority: &Authority) -> Result<(), &'static str> {
    if authority.as_str().contains('@') {
        return Err("must not hold a user name or password");
    }
    if authority.host().is_empty() {
        return Err("names no host");
    }
    // `Authority` also takes "host:" and "host:99999".
    let port = &authority.as_str()[authority.host().len()..];
    if !port.is_empty() && authority.port_u16().is_none_or(|port| port == 0) {
        return Err("has a port that is not a number from 1 to 65535");
    }
    Ok(())
}

/// `localhost`, 127.0.0.0/8 or ::1.
pub(crate) fn is_loopback(uri: &Uri) -> bool {
    is_loopback_host(bare_host(uri.host().unwrap_or_default()))
}

fn is_loopback_host(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn bare_host(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

/// http → https; the default port goes with its scheme, any other is kept.
fn upgrade(uri: Uri) -> Result<Uri, Cow<'static, str>> {
    let parts = uri.into_parts();
    let authority = parts.authority.ok_or("the contract's address names no host")?;
    let authority = match authority.port_u16() {
        Some(80) => Authority::try_from(authority.host()).map_err(|_| "the contract's address names no valid host")?,
        _ => authority,
    };
    let path = parts.path_and_query.unwrap_or_else(|| PathAndQuery::from_static("/"));
    rebuild(Scheme::HTTPS, authority, path)
}

fn rebuild(scheme: Scheme, authority: Authority, path: PathAndQuery) -> Result<Uri, Cow<'static, str>> {
    Uri::builder()
        .scheme(scheme)
        .authority(authority)
        .path_and_query(path)
        .build()
        .map_err(|_| "the contract's address is not valid".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let error = BaseUrl::try_from(text).unwrap_err();
        assert_eq!(error.kind(), crate::error::ErrorKind::Configuration);
        error.to_string()
    }

    #[test]
    fn a_base_url_is_scheme_host_and_port() {
        for text in ["https://a.example", "https://a.example:8443", "http://[::1]:80", "https://a.example/"] {
            assert_eq!(BaseUrl::try_from(text).unwrap().to_string(), text.trim_end_matches('/'));
        }
        assert!(refused("https://a.example/path").contains("must end after host and port"));
        assert!(refused("https://a.example?q=1").contains("query"));
        assert!(refused("https://a.example#f").contains("fragment"));
        assert!(refused("ftp://a.example").contains("https://"));
        assert!(refused("a.example").contains("form https://host:port"));
        assert!(refused("").contains("form https://host:port"));
        assert!(refused("https://").contains("form https://host:port"));
        assert!(refused("https://:443").contains("names no host"));
        assert!(refused("https://a.example:").contains("port"));
        assert!(refused("https://a.example:0").contains("port"));
        assert!(refused("https://a.example:70000").contains("port"));
        let text = refused("https://user:hunter2@a.example");
        assert!(text.contains("user name or password") && !text.contains("hunter2"), "{text}");
    }

    fn route(http_to_loopback: bool, plain_http: bool) -> Route {
        Route { http_to_loopback, plain_http, ..Route::default() }
    }

    #[test]
    fn the_contract_gives_path_and_query() {
        let base = BaseUrl::try_from("https://tt02.example:8443").unwrap();
        let at = |address: &str| route(false, false).endpoint(Some(&base), address, false).unwrap().to_string();
        for contract in ["wsdl", "WSDL", "singleWsdl"] {
            let address = format!("http://www.example/Receipt/ReceiptBasic.svc?{contract}");
            assert_eq!(at(&address), "https://tt02.example:8443/Receipt/ReceiptBasic.svc");
        }
        assert_eq!(
            at("http://www.example/sap/bc?sap-client=100&a=b"),
            "https://tt02.example:8443/sap/bc?sap-client=100&a=b"
        );
        assert_eq!(at("http://www.example"), "https://tt02.example:8443/");
    }

    #[test]
    fn published_http_addresses_mean_https() {
        let published = |address| route(true, false).endpoint(None, address, false).unwrap().to_string();
        assert_eq!(published("http://www.example/a.svc"), "https://www.example/a.svc");
        assert_eq!(published("http://www.example:80/a.svc"), "https://www.example/a.svc");
        assert_eq!(published("http://www.example:8080/a.svc"), "https://www.example:8080/a.svc");
        assert_eq!(published("https://www.example/a.svc"), "https://www.example/a.svc");
        assert_eq!(published("http://127.0.0.1:5000/a.svc"), "http://127.0.0.1:5000/a.svc");
        assert!(route(true, false).endpoint(None, "urn:nowhere", false).is_err());
    }

    #[test]
    fn published_http_addresses_mean_http_where_that_is_allowed_and_no_tls_is_asked_for() {
        let published =
            |needs_tls| route(false, true).endpoint(None, "http://camera.example/a", needs_tls).unwrap().to_string();
        assert_eq!(published(false), "http://camera.example/a");
        assert_eq!(published(true), "https://camera.example/a");
    }

    #[test]
    fn without_an_address_in_the_contract_the_base_is_all_of_it() {
        let base = BaseUrl::try_from("https://camera.example:8443").unwrap();
        assert_eq!(route(true, false).endpoint(Some(&base), "", false).unwrap(), "https://camera.example:8443/");
        let error = route(true, false).endpoint(None, "", false).unwrap_err();
        assert!(error.contains("`ConnectionBuilder::port_address`") && error.contains("`Connection::to`"), "{error}");
    }

    #[test]
    fn an_address_to_connect_to_is_a_host_and_maybe_a_port() {
        let parsed = |text| HostAndPort::parse(text).map(|found| (found.host, found.port)).map_err(Cow::into_owned);
        assert_eq!(parsed("10.0.0.5"), Ok(("10.0.0.5".to_owned(), None)));
        assert_eq!(parsed("gateway:8443"), Ok(("gateway".to_owned(), Some(8443))));
        assert_eq!(parsed("::1"), Ok(("::1".to_owned(), None)));
        assert_eq!(parsed("[::1]:443"), Ok(("::1".to_owned(), Some(443))));
        assert!(parsed("https://gateway").unwrap_err().contains("without https://"));
        assert!(parsed("gateway:0").unwrap_err().contains("port"));
        assert!(parsed("").unwrap_err().contains("form host"));
    }

    #[test]
    fn what_is_connected_elsewhere_is_not_loopback() {
        let to = |address| Route { connect_to: Some(HostAndPort::parse(address).unwrap()), ..route(true, false) };
        let url = "http://localhost/a";
        assert!(to("127.0.0.1:80").explicit(url).is_ok());
        assert!(to("10.0.0.5").explicit(url).unwrap_err().contains("use https"));
        assert!(to("10.0.0.5").explicit("https://127.0.0.1/a").unwrap_err().contains("must name a host"));
        assert!(to("10.0.0.5:8443").explicit("https://a.example:443/a").unwrap_err().contains("another port"));
    }

    #[test]
    fn http_reaches_what_is_allowed() {
        let explicit = |url, loopback, plain| route(loopback, plain).explicit(url).map_err(Cow::into_owned);
        for loopback in ["http://localhost:1/a", "http://127.0.0.1:1/a", "http://127.9.9.9/a", "http://[::1]:1/a"] {
            assert!(explicit(loopback, true, false).is_ok(), "{loopback}");
            assert!(explicit(loopback, false, true).is_ok(), "{loopback}");
            let error = explicit(loopback, false, false).unwrap_err();
            assert!(error.contains("allow_http_to_loopback"), "{loopback}");
            assert!(!route(true, true).is_clear(&Uri::try_from(loopback).unwrap()), "{loopback}");
        }
        for elsewhere in ["http://localhost.example/a", "http://10.0.0.1/a", "http://128.0.0.1/a", "http://[::2]/a"] {
            assert!(explicit(elsewhere, true, false).unwrap_err().contains("use https"), "{elsewhere}");
            assert!(explicit(elsewhere, false, true).is_ok(), "{elsewhere}");
            assert!(route(true, true).is_clear(&Uri::try_from(elsewhere).unwrap()), "{elsewhere}");
        }
        assert!(explicit("https://user:secret@a.example/a", true, true).unwrap_err().contains("password"));
    }
}
