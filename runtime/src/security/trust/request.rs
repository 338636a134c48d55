//! `RequestSecurityToken`: a request of a client to a token service. The client writes it, the service reads it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::security::names::SECEXT;
use crate::security::trust::context_token::SecurityContextToken;
use crate::security::trust::version::Version;
use crate::value::Guid;
#[cfg(feature = "server")]
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
#[cfg(feature = "server")]
pub(crate) struct TokenRequest {
    pub(crate) version: &'static Version,
    /// What it asks for. A request that does not say asks for a new token.
    pub(crate) kind: Kind,
    /// The type of the token, if it is stated.
    pub(crate) token_type: Option<String>,
    /// The client's half of the key.
    pub(crate) entropy: Option<Zeroizing<Vec<u8>>>,
    /// Bits of the key, if they are stated.
    pub(crate) key_size: Option<String>,
    /// The token that is renewed or cancelled: its Identifier and its Instance.
    pub(crate) target: Option<(String, Option<String>)>,
    /// `wsp:AppliesTo`, which a response repeats.
    pub(crate) applies_to: Option<String>,
    /// The attribute `Context`, likewise.
    pub(crate) context: Option<String>,
}

/// What a token is requested for.
#[cfg(feature = "server")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Issue,
    Renew,
    Cancel,
}

#[cfg(feature = "server")]
impl TokenRequest {
    /// Reads the current element.
    ///
    /// # Errors
    /// Another element, or a request of another kind.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let editions = [&FEBRUARY_2005, &VERSION_1_3];
        let version = editions.into_iter().find(|version| reader.is(Name::new(version.trust, "RequestSecurityToken")));
        let version = version.ok_or_else(|| reader.error("not a RequestSecurityToken"))?;
        let trust = |local| Name::new(version.trust, local);
        let mut kind = None;
        let mut request = Self {
            version,
            kind: Kind::Issue,
            token_type: None,
            entropy: None,
            key_size: None,
            target: None,
            applies_to: None,
            context: reader.attribute("Context")?,
        };
        while reader.next()? == Node::Start {
            if reader.is(trust("RequestType")) {
                kind = Some(reader.text()?.trim().to_owned());
            } else if reader.is(trust("TokenType")) {
                request.token_type = Some(reader.text()?.trim().to_owned());
            } else if reader.is(trust("KeySize")) {
                request.key_size = Some(reader.text()?.trim().to_owned());
            } else if reader.is(trust("Entropy")) {
                while reader.next()? == Node::Start {
                    if reader.is(trust("BinarySecret")) {
                        request.entropy = base64_bytes(reader.text()?.trim()).map(Zeroizing::new);
                    } else {
                        reader.skip()?;
                    }
                }
            } else if reader.is(trust("RenewTarget")) || reader.is(trust("CancelTarget")) {
                while reader.next()? == Node::Start {
                    request.target = referred(version, reader)?.or(request.target);
                }
            } else if POLICY.iter().any(|policy| reader.is(Name::new(policy, "AppliesTo"))) {
                request.applies_to = Some(reader.fragment()?);
            } else {
                reader.skip()?;
            }
        }
        request.kind = match kind.as_deref().map(|kind| kind.strip_prefix(version.trust)) {
            None | Some(Some("/Issue")) => Kind::Issue,
            Some(Some("/Renew")) => Kind::Renew,
            Some(Some("/Cancel")) => Kind::Cancel,
            Some(_) => return Err(reader.error("a RequestSecurityToken of another type")),
        };
        Ok(request)
    }
}

/// The editions of WS-Policy.
#[cfg(feature = "server")]
const POLICY: [&str; 2] = ["http://schemas.xmlsoap.org/ws/2004/09/policy", "http://www.w3.org/ns/ws-policy"];

/// The token that the current `SecurityTokenReference` refers to: its Identifier and its Instance.
#[cfg(feature = "server")]
fn referred(version: &Version, reader: &mut Reader<'_>) -> Result<Option<(String, Option<String>)>, Error> {
    let mut found = None;
    while reader.next()? == Node::Start {
        if reader.is(Name::new(SECEXT, "Reference")) {
            let (mut uri, mut instance) = (None, None);
            for (namespace, local, value) in reader.attributes()? {
                match (namespace, local) {
                    ("", "URI") => uri = Some(value.into_owned()),
                    (namespace, "Instance") if namespace == version.conversation => instance = Some(value.into_owned()),
                    _ => {}
                }
            }
            found = uri.map(|uri| (uri, instance));
        }
        reader.skip()?;
    }
    Ok(found)
}
