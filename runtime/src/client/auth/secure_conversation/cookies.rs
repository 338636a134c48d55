//! Cookies of one session. A load balancer uses them to route messages to the server that keeps the session.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use cookie::Cookie;
use http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};

/// Most cookies that are kept. Load balancers set one or two.
const MAX_COOKIES: usize = 20;
/// Octets of name and value together. Longer cookies are dropped, as browsers do; attributes do not count (RFC 6265).
const MAX_COOKIE: usize = 4096;

/// A cookie that expired longer ago than this counts as deleted. A shorter time may be clock skew.
const LONG_PAST: Duration = Duration::from_secs(24 * 3600);

/// The cookies set within one session. They are sent to the one endpoint of the session, so `Domain` and `Path` need no
/// check; they end with the session, so the only expiry that matters is a deletion. A general cookie jar is not needed.
#[derive(Default)]
pub(crate) struct Jar(Mutex<Vec<(String, String)>>);

impl Jar {
    /// Stores the cookies that a response sets.
    pub(crate) fn learn(&self, headers: &HeaderMap, now: SystemTime) {
        if !headers.contains_key(SET_COOKIE) {
            return;
        }
        let mut cookies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for header in headers.get_all(SET_COOKIE) {
            let Some(cookie) = header.to_str().ok().and_then(|text| Cookie::parse(text).ok()) else { continue };
            let (name, value) = cookie.name_value();
            if name.len() + value.len() > MAX_COOKIE {
                continue;
            }
            cookies.retain(|(known, _)| known != name);
            if !is_deletion(&cookie, now) && cookies.len() < MAX_COOKIES {
                cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    /// Adds the cookies to a request.
    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        let cookies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cookies.is_empty() {
            return;
        }
        let text: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if let Ok(mut value) = HeaderValue::from_str(&text.join("; ")) {
            value.set_sensitive(true);
            headers.insert(COOKIE, value);
        }
    }
}

/// Whether the server deletes the cookie. `Max-Age` takes precedence over `Expires` (RFC 6265).
fn is_deletion(cookie: &Cookie<'_>, now: SystemTime) -> bool {
    match (cookie.max_age(), cookie.expires_datetime()) {
        (Some(age), _) => age.is_zero(),
        (None, Some(end)) => {
            // A time before 1970 counts as 1970.
            let end = Duration::from_secs(u64::try_from(end.unix_timestamp()).unwrap_or_default());
            now.duration_since(SystemTime::UNIX_EPOCH).is_ok_and(|now| now.saturating_sub(end) > LONG_PAST)
        }
        (None, None) => false,
    }
}

impl fmt::Debug for Jar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cookies = self.0.lock().unwrap_or_else(PoisonError::into_inner).len();
        write!(f, "Jar({cookies} cookies)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(set: &[&str]) -> Option<String> {
        let jar = Jar::default();
        for cookie in set {
            let mut headers = HeaderMap::new();
            headers.insert(SET_COOKIE, HeaderValue::from_str(cookie).unwrap());
            jar.learn(&headers, httpdate::parse_http_date("Mon, 15 Jan 2024 10:00:00 GMT").unwrap());
        }
        let mut headers = HeaderMap::new();
        jar.add_to(&mut headers);
        headers.get(COOKIE).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn cookies_are_kept_replaced_and_deleted() {
        assert_eq!(after(&[]), None);
        assert_eq!(after(&["BIGipServerpool=1.2; path=/; Httponly", "x=y"]).unwrap(), "BIGipServerpool=1.2; x=y");
        assert_eq!(after(&["a=1", "a=2"]).unwrap(), "a=2");
        assert_eq!(after(&["a=1", "a=; Max-Age=0"]), None);
        for (expires, kept) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", false),
            ("Thu, 01-Jan-1970 00:00:00 GMT", false),
            ("Thursday, 01-Jan-70 00:00:00 GMT", false),
            ("Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=-1", false),
            ("Mon, 15 Jan 2024 09:59:00 GMT", true),
            ("Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60", true),
            ("soon", true),
        ] {
            assert_eq!(after(&["a=1", &format!("a=2; Expires={expires}")]).is_some(), kept, "{expires}");
        }
        assert_eq!(after(&["=1", "nothing"]), None);
        let many: Vec<String> = (0..50).map(|at| format!("c{at}=1")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(after(&many).unwrap().split("; ").count(), MAX_COOKIES);
    }
    /// A cookie of a load balancer with a long `Path` was dropped for it.
    #[test]
    fn the_limit_counts_name_and_value_and_no_attributes() {
        let value = "x".repeat(MAX_COOKIE - 1);
        let path = format!("/{}", "p".repeat(MAX_COOKIE));
        assert_eq!(after(&[&format!("a={value}; Path={path}; HttpOnly")]), Some(format!("a={value}")));
        assert_eq!(after(&[&format!("a={value}x")]), None);
        // A long value does not replace the one before it.
        assert_eq!(after(&["a=1", &format!("a={value}x")]).as_deref(), Some("a=1"));
    }
}
