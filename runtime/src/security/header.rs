//! The Security header, in the order of the Strict layout: Timestamp, token, derived key token, signature.

#[cfg(feature = "secure-conversation")]
use base64::Engine as _;
#[cfg(feature = "secure-conversation")]
use base64::engine::general_purpose::STANDARD;

use std::time::SystemTime;

use zeroize::Zeroizing;

use crate::credentials::Credentials;
use crate::error::Error;
use crate::random::Random;
use crate::security::names::SECEXT;
use crate::security::timestamp::Timestamp;
use crate::security::username_token;

#[cfg(feature = "secure-conversation")]
use {
    crate::mtom::parts::Attachments,
    crate::security::certificate::Certificate,
    crate::security::derived_key::{Derivation, hmac},
    crate::security::names::{BASE64, HMAC_SHA1, RSA_SHA1, X509},
    crate::security::signature::{self, Reference},
    crate::security::timestamp::TIMESTAMP_ID,
    crate::security::trust::context_token::SecurityContextToken,
    crate::security::trust::version::Version,
    crate::value::Guid,
};

/// The start of the header, with the Timestamp if there is one.
fn open(timestamp: Option<&Timestamp>) -> String {
    let mut header = String::with_capacity(4096);
    header.push_str("<o:Security s:mustUnderstand=\"1\" xmlns:o=\"");
    header.push_str(SECEXT);
    header.push_str("\">");
    header.extend(timestamp.map(Timestamp::element));
    header
}

const CLOSE: &str = "</o:Security>";

/// The header of a reply: over TLS, a service sends only a Timestamp.
#[cfg(feature = "server")]
pub(crate) fn reply(timestamp: &Timestamp) -> String {
    open(Some(timestamp)) + CLOSE
}

/// With nothing but a Timestamp.
pub(crate) fn timestamp(now: SystemTime) -> String {
    open(Some(&Timestamp::new(now))) + CLOSE
}

/// With a user name and password, and a Timestamp if the policy asks for one. Nothing is signed.
pub(crate) fn user_name(
    now: SystemTime,
    with_timestamp: bool,
    credentials: &Credentials,
    digest: bool,
    random: &dyn Random,
) -> Result<Zeroizing<String>, Error> {
    let timestamp = with_timestamp.then(|| Timestamp::new(now));
    let mut header = Zeroizing::new(open(timestamp.as_ref()).into_bytes());
    // So that it does not grow, which would leave a copy behind.
    header.reserve(username_token::most_octets(credentials) + CLOSE.len());
    username_token::push(&mut header, credentials, digest, now, random)?;
    header.extend_from_slice(CLOSE.as_bytes());
    String::from_utf8(std::mem::take(&mut *header))
        .map(Zeroizing::new)
        .map_err(|error| Error::configuration("credentials that are not UTF-8").with_source(error.utf8_error()))
}

/// With a certificate, whose key signs the Timestamp and the To header: WCF asks for both. The To header is given by its
/// `u:Id` and in canonical form.
#[cfg(feature = "secure-conversation")]
pub(crate) fn certificate(
    timestamp: &Timestamp,
    certificate: &Certificate,
    token_id: &Guid,
    (to_id, canonical_to): (&str, &str),
    random: &dyn Random,
) -> Result<String, Error> {
    let token_id = format!("uuid-{token_id}-1");
    let references = [Reference::to(TIMESTAMP_ID, &timestamp.canonical()), Reference::to(to_id, canonical_to)];
    let signed = signature::canonical_signed_info(RSA_SHA1, &references);
    let value = certificate.sign(signed.as_bytes(), random)?;

    let mut header = open(Some(timestamp));
    for part in
        ["<o:BinarySecurityToken u:Id=\"", &token_id, "\" ValueType=\"", X509, "\" EncodingType=\"", BASE64, "\">"]
    {
        header.push_str(part);
    }
    STANDARD.encode_string(certificate.der(), &mut header);
    header.push_str("</o:BinarySecurityToken>");
    header.push_str(&signature::element(RSA_SHA1, &references, &value, X509, &token_id));
    header.push_str(CLOSE);
    Ok(header)
}

/// With a token of a session, whose key signs the Timestamp alone: WCF refuses a signature over anything else.
#[cfg(feature = "secure-conversation")]
pub(crate) fn context(
    timestamp: &Timestamp,
    token: &SecurityContextToken,
    key: &[u8],
    version: &Version,
    derivation: Option<(&Derivation, &Guid)>,
    attachments: Option<&mut Attachments>,
) -> String {
    let references = [Reference::to(TIMESTAMP_ID, &timestamp.canonical())];
    let signed = signature::canonical_signed_info(HMAC_SHA1, &references);

    let mut header = open(Some(timestamp));
    header.push_str(&token.element(attachments));
    let signature = match derivation {
        None => {
            let value = hmac(key, &[signed.as_bytes()]);
            signature::element(HMAC_SHA1, &references, &value, version.context_token, &token.id)
        }
        Some((derivation, id)) => {
            let id = format!("uuid-{id}-1");
            push_derived_key(&mut header, derivation, &id, &token.id, version);
            let value = hmac(&derivation.key(key), &[signed.as_bytes()]);
            signature::element(HMAC_SHA1, &references, &value, version.derived_key, &id)
        }
    };
    header.push_str(&signature);
    header.push_str(CLOSE);
    header
}

#[cfg(feature = "secure-conversation")]
fn push_derived_key(header: &mut String, derivation: &Derivation, id: &str, token_id: &str, version: &Version) {
    for part in ["<c:DerivedKeyToken u:Id=\"", id, "\" xmlns:c=\"", version.conversation, "\">"] {
        header.push_str(part);
    }
    signature::push_token_reference(header, version.context_token, token_id);
    let (offset, length, nonce) = (derivation.offset, derivation.length, STANDARD.encode(&derivation.nonce));
    header.push_str(&format!(
        "<c:Offset>{offset}</c:Offset><c:Length>{length}</c:Length><c:Nonce>{nonce}</c:Nonce></c:DerivedKeyToken>"
    ));
}
