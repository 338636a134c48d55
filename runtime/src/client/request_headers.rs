//! HTTP headers that the program adds to its requests.

use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, EXPECT, HOST,
    HeaderMap, HeaderName, HeaderValue, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};

use crate::error::Error;
use crate::secret::Secret;

/// Headers that say how a message is sent, which is not for the program to say, besides `SOAPAction` and `MIME-Version`.
const OF_THE_PROTOCOL: [HeaderName; 12] = [
    ACCEPT_ENCODING,
    CONNECTION,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    EXPECT,
    HOST,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Sets a header, whose value is not printed.
///
/// # Errors
/// A name or a value that HTTP does not have, or a header that belongs to the protocol.
pub(super) fn set(headers: &mut HeaderMap, name: &str, value: &Secret) -> Result<(), Error> {
    let name = HeaderName::try_from(name)
        .map_err(|_| Error::configuration("the name of an HTTP header holds letters, digits and hyphens only"))?;
    if OF_THE_PROTOCOL.contains(&name) || matches!(name.as_str(), "soapaction" | "mime-version") {
        return Err(Error::configuration(format!(
            "the HTTP header `{name}` belongs to the protocol, and is set by it"
        )));
    }
    let mut value = HeaderValue::from_str(value.expose()).map_err(|_| {
        Error::configuration(format!(
            "the value of the HTTP header `{name}` holds more than visible characters of ASCII"
        ))
    })?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(())
}

/// Whether some of them are credentials by their nature.
pub(super) fn hold_credentials(headers: &HeaderMap) -> bool {
    headers.contains_key(AUTHORIZATION) || headers.contains_key(COOKIE)
}
