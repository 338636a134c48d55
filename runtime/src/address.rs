//! The address of an endpoint: scheme, host and port come from the caller, the path from the contract.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::net::IpAddr;

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

use crate::error::Error;

/// Scheme, host and port of a set of endpoints. The path of each comes from its contract.
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

    /// The URL at this host with the path of another.
    fn with_path(&self, address: &Uri) -> Result<Uri, Cow<'static, str>> {
        let path =
            PathAndQuery::try_from(address.path()).map_err(|_| "the path of the contract's address is not valid")?;
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

/// The URL of an endpoint, from the base that the caller chose or else from the contract alone.
///
/// A published address with `http:` means `https:`: contracts are often written behind the gateway that
/// does TLS. Only a loopback address is left as it is. Where the contract has no address, the base is all of it.
pub(crate) fn endpoint(base: Option<&BaseUrl>, address: &str, loopback_http: bool) -> Result<Uri, Cow<'static, str>> {
    if address.is_empty() {
        let base = base.ok_or(NO_ADDRESS)?;
        return allowed(base.with_path(&Uri::from_static("/"))?, loopback_http);
    }
    let published = Uri::try_from(address)
        .ok()
        .filter(|uri| uri.authority().is_some())
        .ok_or("the contract's address is not a URL: give another with `port_address`")?;
    let uri = match base {
        Some(base) => base.with_path(&published)?,
        None if published.scheme() == Some(&Scheme::HTTP) && !is_loopback(&published) => upgrade(published)?,
        None => published,
    };
    allowed(uri, loopback_http)
}

/// A URL without its query, as messages name it and as it is printed.
pub(crate) fn without_query(url: &Uri) -> String {
    let text = url.to_string();
    match text.split_once('?') {
        Some((address, _)) => address.to_owned(),
        None => text,
    }
}

/// A complete URL that the caller gives for one endpoint.
pub(crate) fn explicit(address: &str, loopback_http: bool) -> Result<Uri, Cow<'static, str>> {
    if address.contains('@') || address.contains('#') {
        return Err("an endpoint's URL must not hold a user name, a password or a fragment".into());
    }
    let uri = Uri::try_from(address).ok().filter(|uri| uri.authority().is_some());
    allowed(uri.ok_or("an endpoint's URL must have the form https://host:port/path")?, loopback_http)
}

/// Applies the same rules to a base URL.
pub(crate) fn allowed_base(base: &BaseUrl, loopback_http: bool) -> Result<(), Cow<'static, str>> {
    let uri = rebuild(base.scheme.clone(), base.authority.clone(), PathAndQuery::from_static("/"))?;
    allowed(uri, loopback_http).map(drop)
}

/// Refuses what would send credentials in the clear.
fn allowed(uri: Uri, loopback_http: bool) -> Result<Uri, Cow<'static, str>> {
    let authority = uri.authority().ok_or("an endpoint's URL names no host")?;
    check_authority(authority).map_err(|why| format!("an endpoint's URL {why}"))?;
    match uri.scheme_str() {
        Some("https") => Ok(uri),
        Some("http") if !is_loopback(&uri) => Err("http is for loopback addresses only: use https".into()),
        Some("http") if !loopback_http => Err("http to a loopback address needs `allow_http_to_loopback(true)`".into()),
        Some("http") => Ok(uri),
        _ => Err("an endpoint's URL must start with https://".into()),
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
    let host = bare_host(uri.host().unwrap_or_default());
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

    #[test]
    fn the_contract_gives_the_path_and_nothing_else() {
        let base = BaseUrl::try_from("https://tt02.example:8443").unwrap();
        let uri = endpoint(Some(&base), "http://www.example/Receipt/ReceiptBasic.svc?wsdl", false).unwrap();
        assert_eq!(uri, "https://tt02.example:8443/Receipt/ReceiptBasic.svc");
    }

    #[test]
    fn published_http_addresses_mean_https() {
        let published = |address| endpoint(None, address, true).unwrap().to_string();
        assert_eq!(published("http://www.example/a.svc"), "https://www.example/a.svc");
        assert_eq!(published("http://www.example:80/a.svc"), "https://www.example/a.svc");
        assert_eq!(published("http://www.example:8080/a.svc"), "https://www.example:8080/a.svc");
        assert_eq!(published("https://www.example/a.svc"), "https://www.example/a.svc");
        assert_eq!(published("http://127.0.0.1:5000/a.svc"), "http://127.0.0.1:5000/a.svc");
        assert!(endpoint(None, "urn:nowhere", true).is_err());
    }

    #[test]
    fn without_an_address_in_the_contract_the_base_is_all_of_it() {
        let base = BaseUrl::try_from("https://camera.example:8443").unwrap();
        assert_eq!(endpoint(Some(&base), "", true).unwrap(), "https://camera.example:8443/");
        let error = endpoint(None, "", true).unwrap_err();
        assert!(error.contains("`ConnectionBuilder::port_address`") && error.contains("`Connection::to`"), "{error}");
    }

    #[test]
    fn http_reaches_loopback_only_and_only_when_allowed() {
        for loopback in ["http://localhost:1/a", "http://127.0.0.1:1/a", "http://127.9.9.9/a", "http://[::1]:1/a"] {
            assert!(explicit(loopback, true).is_ok(), "{loopback}");
            assert!(explicit(loopback, false).unwrap_err().contains("allow_http_to_loopback"), "{loopback}");
        }
        for elsewhere in ["http://localhost.example/a", "http://10.0.0.1/a", "http://128.0.0.1/a", "http://[::2]/a"] {
            assert!(explicit(elsewhere, true).unwrap_err().contains("use https"), "{elsewhere}");
        }
        assert!(explicit("https://user:secret@a.example/a", true).unwrap_err().contains("password"));
    }
}
