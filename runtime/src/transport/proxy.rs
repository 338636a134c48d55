//! Forward proxies: their addresses, given by hand or by the environment, and what is wrong with them.

use http::uri::Authority;
use percent_encoding::percent_decode_str;

use crate::error::Error;
use crate::secret::Secret;

/// Hosts on this machine are reached without a proxy.
const NEVER_PROXIED: &str = "localhost,127.0.0.0/8,::1";

const SCHEMES: [&str; 4] = ["http", "https", "socks5", "socks5h"];

/// A forward proxy; https goes through it as it is.
#[derive(Clone, Debug)]
pub(crate) struct Proxy {
    scheme: &'static str,
    authority: Authority,
    pub(crate) credentials: Option<(Secret, Secret)>,
    /// The scheme of the URLs for which it is used, if not all.
    only: Option<&'static str>,
    /// Hosts that are reached without it, besides this machine.
    except: String,
}

impl Proxy {
    /// The proxy at an address that the program gives.
    pub(crate) fn parse(address: &str) -> Result<Self, Error> {
        Self::at(address, None, "").map_err(|why| Error::configuration(format!("the proxy's address {why}")))
    }

    /// The proxies that environment variables name.
    pub(crate) fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Vec<Self>, Error> {
        let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let either = |small: &'static str, capital: &'static str| {
            set(small).map(|value| (small, value)).or_else(|| set(capital).map(|value| (capital, value)))
        };
        // A web server sets HTTP_PROXY to what a caller writes into a header `Proxy`.
        let is_cgi = set("REQUEST_METHOD").is_some();
        let for_http = either("http_proxy", if is_cgi { "http_proxy" } else { "HTTP_PROXY" });
        let found = [
            (either("https_proxy", "HTTPS_PROXY"), Some("https")),
            (for_http, Some("http")),
            (either("all_proxy", "ALL_PROXY"), None),
        ];
        let except = either("no_proxy", "NO_PROXY").map(|(_, value)| value).unwrap_or_default();
        let found = found.into_iter().filter_map(|(found, only)| Some((found?, only)));
        found
            .map(|((name, value), only)| {
                let value = value.trim();
                let (scheme, rest) = value.split_once("://").unwrap_or(("http", value));
                let (credentials, rest) = match rest.rsplit_once('@') {
                    Some((credentials, rest)) => (Some(credentials), rest),
                    None => (None, rest),
                };
                let proxy = Self::at(&format!("{scheme}://{rest}"), only, &except);
                let mut proxy = proxy.map_err(|why| {
                    Error::configuration(format!("the proxy in the environment variable {name} {why}"))
                })?;
                proxy.credentials = credentials.map(|pair| {
                    let (user_name, password) = pair.split_once(':').unwrap_or((pair, ""));
                    (decoded(user_name), decoded(password))
                });
                Ok(proxy)
            })
            .collect()
    }

    fn at(address: &str, only: Option<&'static str>, except: &str) -> Result<Self, String> {
        // The address is not quoted: it may contain a password.
        let refuse = |why: &str| Err(why.to_owned());
        let Some((scheme, rest)) = address.split_once("://") else {
            return refuse("must begin with how the proxy is reached: http://, https://, socks5:// or socks5h://");
        };
        let Some(scheme) = SCHEMES.into_iter().find(|known| known.eq_ignore_ascii_case(scheme)) else {
            return refuse(
                "must begin with http://, https://, socks5:// or socks5h://: other proxies are not supported",
            );
        };
        if rest.contains('@') {
            return refuse("must not hold a user name or password: give them with `proxy_credentials`");
        }
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains(['/', '?', '#']) {
            return refuse("must end after host and port");
        }
        let Some(authority) = Authority::try_from(rest).ok().filter(|authority| !authority.host().is_empty()) else {
            return refuse("names no host, or one that is not valid");
        };
        let port = &rest[authority.host().len()..];
        if !port.is_empty() && authority.port_u16().is_none_or(|port| port == 0) {
            return refuse("has a port that is not a number from 1 to 65535");
        }
        Ok(Self { scheme, authority, credentials: None, only, except: except.to_owned() })
    }

    /// Whether TLS is spoken with the proxy itself.
    pub(crate) fn is_https(&self) -> bool {
        self.scheme == "https"
    }

    pub(super) fn into_reqwest(self) -> Result<reqwest::Proxy, Error> {
        let address = format!("{}://{}", self.scheme, self.authority);
        let proxy = match self.only {
            Some("http") => reqwest::Proxy::http(address),
            Some(_) => reqwest::Proxy::https(address),
            None => reqwest::Proxy::all(address),
        };
        let mut proxy = proxy
            .map_err(|error| {
                Error::configuration("the proxy's address cannot be used").with_source(error.without_url())
            })?
            .no_proxy(reqwest::NoProxy::from_string(&format!("{NEVER_PROXIED},{}", self.except)));
        if let Some((user_name, password)) = &self.credentials {
            proxy = proxy.basic_auth(user_name.expose(), password.expose());
        }
        Ok(proxy)
    }
}

/// A part of a URL as text.
fn decoded(text: &str) -> Secret {
    Secret::from(percent_decode_str(text).decode_utf8_lossy().into_owned())
}

/// Why no connection could be made through a proxy, as far as the error below says.
pub(super) fn explain(error: &(dyn std::error::Error + 'static)) -> &'static str {
    // The errors of hyper-util are not public. Their texts are constants without content.
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if text.contains("proxy authorization required") || text.contains("credentials not accepted") {
            return "the proxy asks for a user name and a password, or refuses those given (ConnectionBuilder::proxy_credentials)";
        }
        next = error.source();
    }
    "no connection could be made through the proxy"
}
