//! `RequestSecurityToken`: a request of a client to a token service. The client writes it, the service reads it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::security::names::SECEXT;
use crate::security::trust::context_token::SecurityContextToken;
use crate::security::trust::version::Version;
use crate::value::Guid;
#[cfg(feature = "test-util")]
use crate::{
    error::Error,
    name::Name,
    security::trust::version::{FEBRUARY_2005, VERSION_1_3},
    value::base64_bytes,
    xml::{Node, Reader},
};

/// Octets of the client's entropy, and of the key that is computed.
pub(crate) const KEY_OCTETS: usize = 32;

/// Requests a security context token, with the client's half of the key.
pub(crate) fn issue(version: &Version, entropy: &[u8; KEY_OCTETS], entropy_id: &Guid) -> Zeroizing<String> {
    let (trust, token) = (version.trust, version.context_token);
    let entropy = Zeroizing::new(STANDARD.encode(entropy));
    let bits = KEY_OCTETS * 8;
    Zeroizing::new(
        [
            &format!(
                "<t:RequestSecurityToken xmlns:t=\"{trust}\"><t:TokenType>{token}</t:TokenType>\
                 <t:RequestType>{trust}/Issue</t:RequestType>\
                 <t:Entropy><t:BinarySecret u:Id=\"uuid-{entropy_id}-1\" Type=\"{trust}/Nonce\">"
            ),
            entropy.as_str(),
            &format!("</t:BinarySecret></t:Entropy><t:KeySize>{bits}</t:KeySize></t:RequestSecurityToken>"),
        ]
        .concat(),
    )
}

/// Cancels a token.
pub(crate) fn cancel(version: &Version, token: &SecurityContextToken) -> String {
    let (trust, kind, reference) = (version.trust, version.context_token, token.external_reference(version));
    format!(
        "<t:RequestSecurityToken xmlns:t=\"{trust}\"><t:RequestType>{trust}/Cancel</t:RequestType>\
         <t:CancelTarget><o:SecurityTokenReference xmlns:o=\"{SECEXT}\"><o:Reference {reference} ValueType=\"{kind}\"/>\
         </o:SecurityTokenReference></t:CancelTarget></t:RequestSecurityToken>"
    )
}

/// A request as a service reads it.
#[cfg(feature = "test-util")]
pub(crate) enum TokenRequest {
    /// For a new token.
    Issue {
        /// The client's half of the key.
        entropy: Zeroizing<Vec<u8>>,
    },
    /// For the end of a session.
    Cancel {
        /// The Identifier of its token.
        identifier: String,
    },
}

#[cfg(feature = "test-util")]
impl TokenRequest {
    /// Reads the current element.
    ///
    /// # Errors
    /// Another element, or a request of another type or without what it needs.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<(&'static Version, Self), Error> {
        let editions = [&FEBRUARY_2005, &VERSION_1_3];
        let version = editions.into_iter().find(|version| reader.is(Name::new(version.trust, "RequestSecurityToken")));
        let version = version.ok_or_else(|| reader.error("not a RequestSecurityToken"))?;
        let trust = |local| Name::new(version.trust, local);
        let (mut kind, mut entropy, mut identifier) = (String::new(), None, None);
        while reader.next()? == Node::Start {
            if reader.is(trust("RequestType")) {
                reader.text()?.trim().clone_into(&mut kind);
            } else if reader.is(trust("Entropy")) {
                while reader.next()? == Node::Start {
                    if reader.is(trust("BinarySecret")) {
                        entropy = base64_bytes(&reader.text()?).map(Zeroizing::new);
                    } else {
                        reader.skip()?;
                    }
                }
            } else if reader.is(trust("CancelTarget")) {
                while reader.next()? == Node::Start {
                    identifier = referred(reader)?.or(identifier);
                }
            } else {
                reader.skip()?;
            }
        }
        let request = match kind.strip_prefix(version.trust) {
            Some("/Issue") => entropy.map(|entropy| Self::Issue { entropy }),
            Some("/Cancel") => identifier.map(|identifier| Self::Cancel { identifier }),
            _ => return Err(reader.error("a RequestSecurityToken of another type than Issue and Cancel")),
        };
        let request = request.ok_or_else(|| reader.error("a RequestSecurityToken without entropy or target"))?;
        Ok((version, request))
    }
}

/// The identifier in the current `SecurityTokenReference`.
#[cfg(feature = "test-util")]
fn referred(reader: &mut Reader<'_>) -> Result<Option<String>, Error> {
    let mut identifier = None;
    while reader.next()? == Node::Start {
        if reader.is(Name::new(SECEXT, "Reference")) {
            let attributes = reader.attributes()?;
            let uri = attributes.into_iter().find(|(namespace, local, _)| namespace.is_empty() && *local == "URI");
            identifier = uri.map(|(_, _, uri)| uri.into_owned());
        }
        reader.skip()?;
    }
    Ok(identifier)
}
