//! HTTP headers for people. A value is shown if it is one that this client writes itself or knows the form of.

use std::fmt::Write as _;

use http::header::{
    CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, SERVER, SET_COOKIE,
};

use crate::mtom::media_type::MediaType;
use crate::schema::shown::REDACTED;

/// The headers of a request. Those of the program are redacted, whatever they are called.
pub(super) fn of_request(headers: &HeaderMap) -> String {
    let is_ours =
        |name: &HeaderName| name == CONTENT_TYPE || name.as_str() == "soapaction" || name.as_str() == "mime-version";
    lines(headers, |name, value| {
        let value = value.to_str().ok().filter(|_| is_ours(name) && !value.is_sensitive());
        Some(value.unwrap_or(REDACTED).to_owned())
    })
}

/// The headers of an answer, of which the peer may have chosen the names too.
pub(super) fn of_answer(headers: &HeaderMap) -> String {
    lines(headers, |name, value| {
        let text = value.to_str().unwrap_or_default();
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match name {
            name if name == CONTENT_TYPE => Some(media_type(value)),
            name if name == CONTENT_LENGTH || name == RETRY_AFTER => {
                Some(if is_number { text } else { REDACTED }.to_owned())
            }
            name if name == DATE => {
                let date = httpdate::parse_http_date(text).map(httpdate::fmt_http_date);
                Some(date.unwrap_or_else(|_| REDACTED.to_owned()))
            }
            name if name == SERVER => Some(format!("[{} characters]", value.len())),
            name if name == SET_COOKIE => Some(REDACTED.to_owned()),
            _ => None,
        }
    })
}

/// The type of a body, if it is one that SOAP servers and gateways send.
fn media_type(value: &HeaderValue) -> String {
    const KNOWN: [&str; 9] = [
        "application/json",
        "application/octet-stream",
        "application/soap+xml",
        "application/xml",
        "multipart/mixed",
        "multipart/related",
        "text/html",
        "text/plain",
        "text/xml",
    ];
    let parsed = MediaType::parse(value.as_bytes()).ok();
    let known = parsed.and_then(|parsed| KNOWN.into_iter().find(|known| *known == parsed.essence()));
    known.unwrap_or("another type").to_owned()
}

/// A line for each header that is shown, and how many others there are.
fn lines(headers: &HeaderMap, show: impl Fn(&HeaderName, &HeaderValue) -> Option<String>) -> String {
    let mut out = String::new();
    let mut others = 0;
    for (name, value) in headers {
        match show(name, value) {
            Some(value) => _ = writeln!(out, "{name}: {value}"),
            None => others += 1,
        }
    }
    if others > 0 {
        let _ = writeln!(out, "({others} other headers)");
    }
    out
}
