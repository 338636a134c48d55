//! Cookies of one session: what keeps its messages at the server that knows it, behind a load balancer.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};

use crate::security::instant;

/// Cookies that are kept; a server that sets more is not a load balancer.
const MAX_COOKIES: usize = 20;
/// Octets of a cookie, name and value, that are kept. Longer ones are dropped, as browsers do.
const MAX_COOKIE: usize = 4096;

/// A cookie that expired so long ago is meant to go. A shorter time may be the difference of two clocks.
const LONG_PAST: Duration = Duration::from_secs(24 * 3600);

/// The cookies set within one session. They go to the one endpoint that the session is with, so that `Domain` and
/// `Path` say nothing; they end with the session, so that only a deletion has to be told from the rest.
#[derive(Default)]
pub(crate) struct Jar(Mutex<Vec<(String, String)>>);

impl Jar {
    /// Takes in what an answer sets.
    pub(crate) fn learn(&self, headers: &HeaderMap, now: SystemTime) {
        if !headers.contains_key(SET_COOKIE) {
            return;
        }
        let mut cookies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for header in headers.get_all(SET_COOKIE) {
            let Some((name, value, deleted)) =
                header.to_str().ok().filter(|text| text.len() <= MAX_COOKIE).and_then(|text| parse(text, now))
            else {
                continue;
            };
            cookies.retain(|(known, _)| *known != name);
            if !deleted && cookies.len() < MAX_COOKIES {
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

/// Name, value, and whether the cookie is meant to go.
fn parse(text: &str, now: SystemTime) -> Option<(&str, &str, bool)> {
    let mut parts = text.split(';');
    let (name, value) = parts.next()?.trim().split_once('=')?;
    let (mut max_age, mut expired) = (None, false);
    for part in parts {
        let (attribute, value) = part.trim().split_once('=').unwrap_or((part.trim(), ""));
        let value = value.trim();
        match attribute.to_ascii_lowercase().as_str() {
            "max-age" => max_age = value.parse::<i64>().ok(),
            // Old servers write dashes in the date.
            "expires" => {
                let end = instant::parse_http(&value.replace('-', " "));
                expired = end.is_some_and(|end| now.duration_since(end).is_ok_and(|ago| ago > LONG_PAST));
            }
            _ => {}
        }
    }
    let deleted = max_age.map_or(expired, |seconds| seconds <= 0);
    (!name.is_empty()).then_some((name.trim(), value.trim(), deleted))
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
            jar.learn(&headers, instant::parse_http("Mon, 15 Jan 2024 10:00:00 GMT").unwrap());
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
}
