//! The header `Authorization`, and what an answer with HTTP 401 asks for.

use bytes::Bytes;
use http::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use http_auth::{ChallengeRef, parse_challenges};
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind};
use crate::schema::descriptor::SecurityScheme;

/// The HTTP status with which credentials are asked for or refused.
pub(crate) const UNAUTHORIZED: u16 = 401;

/// Wiped with the last request that it is a header of.
struct Octets(Zeroizing<String>);

impl AsRef<[u8]> for Octets {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// A value that is not printed, and wiped.
///
/// # Errors
/// A credential that cannot stand in an HTTP header.
pub(super) fn header(value: Zeroizing<String>) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(Octets(value)))
        .map_err(|_| Error::configuration("the credentials cannot stand in an HTTP header"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// An error with HTTP 401 as one of authentication.
pub(super) fn refused(error: Error, what: &'static str) -> Error {
    match error.http_status() {
        Some(UNAUTHORIZED) => error.reinterpreted(ErrorKind::Authentication, what),
        _ => error,
    }
}

/// Calls a function with each challenge that can be read.
pub(super) fn challenges(headers: &HeaderMap, mut each: impl FnMut(&ChallengeRef<'_>)) {
    for value in headers.get_all(WWW_AUTHENTICATE) {
        let challenges = value.to_str().ok().and_then(|value| parse_challenges(value).ok());
        challenges.iter().flatten().for_each(&mut each);
    }
}

/// Schemes that a service may ask for, and what to do about it.
const KNOWN: [(&str, Option<SecurityScheme>, &str); 5] = [
    ("Basic", Some(SecurityScheme::HttpBasic), r#"it takes HTTP Basic: security = "http-basic" in codegen.toml"#),
    ("Digest", Some(SecurityScheme::HttpDigest), r#"it takes HTTP Digest: security = "http-digest" in codegen.toml"#),
    ("Bearer", Some(SecurityScheme::Bearer), r#"it takes bearer tokens: security = "bearer" in codegen.toml"#),
    ("NTLM", None, NO_NTLM),
    ("Negotiate", None, NO_NEGOTIATE),
];

const NO_NTLM: &str = "it takes NTLM, which is not supported: NTLM proves who made a network connection, not who sent a \
     message, and its password hash can be guessed";
const NO_NEGOTIATE: &str = "it takes Negotiate, which is not supported: Kerberos needs the tickets of the operating system, \
     and NTLM below it proves who made a network connection, not who sent a message";

/// What an answer with HTTP 401 says about how to authenticate, if not as the client does. The realm is not told: the peer
/// chooses it.
pub(crate) fn asked_for(headers: &HeaderMap, used: SecurityScheme) -> Option<String> {
    let mut offered = Vec::new();
    for value in headers.get_all(WWW_AUTHENTICATE) {
        // Also of a list that does not read: what follows `Negotiate` need not be a parameter.
        let words = value.to_str().unwrap_or_default().split([' ', ',']).map(str::trim);
        for word in words {
            let Some((_, scheme, what)) = KNOWN.iter().find(|(name, ..)| name.eq_ignore_ascii_case(word)) else {
                continue;
            };
            if *scheme == Some(used) {
                return None;
            }
            if !offered.contains(what) {
                offered.push(*what);
            }
        }
    }
    (!offered.is_empty()).then(|| offered.join("; "))
}
