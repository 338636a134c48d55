//! A user name and password in the HTTP header `Authorization` (RFC 7617).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use zeroize::Zeroizing;

use crate::secret::Secret;
use crate::server::auth::Refusal;
use crate::server::auth::users::{self, PasswordProof, UserToken, Users};
use crate::server::context::Caller;

/// Checks the user of a request.
///
/// # Errors
/// No such header, or a user who is not accepted: both are asked for it.
pub(super) async fn check(users: Option<&Users>, headers: &HeaderMap) -> Result<Caller, Refusal> {
    let caller = match presented(headers) {
        Some(token) => users::check(users, token).await,
        None => None,
    };
    caller.ok_or(Refusal::Challenge(HeaderValue::from_static("Basic realm=\"soap\", charset=\"UTF-8\"")))
}

fn presented(headers: &HeaderMap) -> Option<UserToken> {
    let (scheme, encoded) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = Zeroizing::new(STANDARD.decode(encoded.trim()).ok()?);
    let (user_name, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some(UserToken { user_name: user_name.into(), proof: PasswordProof::text(Secret::from(password)) })
}
