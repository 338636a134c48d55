//! Finds the key of a signature: KeyInfo refers to a token in the same header.

use sha1::{Digest as _, Sha1};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::security::derived_key::Derivation;
use crate::security::names::{CONVERSATION_1_3, CONVERSATION_2005, SECEXT, SIGNATURE, THUMBPRINT, UTILITY, X509};
use crate::security::verify::{ContextKeys, Signer, octets, wrong};
use crate::xml::tree::Element;

/// Most octets of the Nonce, and of the Label, of a DerivedKeyToken, whose key takes up to 200 hashes of them. WCF and WSS4J
/// write 16 and 42.
const MAX_SEED: usize = 256;

/// A key and its owner.
pub(super) struct Key {
    pub(super) by: Signer,
    /// Empty for a certificate.
    pub(super) secret: Zeroizing<Vec<u8>>,
}

/// The key of a signature.
pub(super) fn of(security: &Element, signature: &Element, keys: &dyn ContextKeys) -> Result<Key, Error> {
    let reference = signature.child(SIGNATURE, "KeyInfo").and_then(|info| info.child(SECEXT, "SecurityTokenReference"));
    resolve(security, reference.ok_or_else(|| wrong("a signature whose KeyInfo refers to no token"))?, keys)
}

fn resolve(security: &Element, reference: &Element, keys: &dyn ContextKeys) -> Result<Key, Error> {
    if let Some(identifier) = reference.child(SECEXT, "KeyIdentifier") {
        return by_thumbprint(security, identifier);
    }
    let direct =
        reference.child(SECEXT, "Reference").ok_or_else(|| wrong("a reference to a token in an unknown form"))?;
    let uri = direct.attribute("", "URI").ok_or_else(|| wrong("a reference to a token without a URI"))?;
    let Some(id) = uri.strip_prefix('#') else {
        // From outside of the message a context token is named by its Identifier.
        let conversation =
            if direct.attribute(CONVERSATION_1_3, "Instance").is_some() { CONVERSATION_1_3 } else { CONVERSATION_2005 };
        return context(uri, direct.attribute(conversation, "Instance"), keys);
    };
    let token = security.elements().find(|token| token.attribute(UTILITY, "Id") == Some(id));
    let token = token.ok_or_else(|| wrong("a reference to a token that is not in the Security header"))?;
    for conversation in [CONVERSATION_2005, CONVERSATION_1_3] {
        if token.is(conversation, "SecurityContextToken") {
            let text = |local| token.child(conversation, local).map(|element| element.text().trim().to_owned());
            let identifier = text("Identifier").ok_or_else(|| wrong("a context token without Identifier"))?;
            return context(&identifier, text("Instance").as_deref(), keys);
        }
        if token.is(conversation, "DerivedKeyToken") {
            return derived(security, token, conversation, keys);
        }
    }
    if token.is(SECEXT, "BinarySecurityToken") {
        return certificate(token);
    }
    Err(wrong("a signature with a token that has no key"))
}

fn by_thumbprint(security: &Element, identifier: &Element) -> Result<Key, Error> {
    if identifier.attribute("", "ValueType") != Some(THUMBPRINT) {
        return Err(wrong("a KeyIdentifier that is no thumbprint"));
    }
    let wanted = octets(identifier).ok_or_else(|| wrong("a thumbprint that is no base64"))?;
    let is_wanted = |token: &&Element| octets(token).is_some_and(|der| Sha1::digest(der)[..] == wanted);
    let tokens = security.elements().filter(|token| token.is(SECEXT, "BinarySecurityToken"));
    let token = tokens
        .into_iter()
        .find(is_wanted)
        .ok_or_else(|| wrong("a thumbprint of a certificate that is not in the message"))?;
    certificate(token)
}

fn certificate(token: &Element) -> Result<Key, Error> {
    if token.attribute("", "ValueType").is_some_and(|kind| kind != X509) {
        return Err(wrong("a BinarySecurityToken that is no single X.509 certificate"));
    }
    let der = octets(token).ok_or_else(|| wrong("a BinarySecurityToken that is no base64"))?;
    Ok(Key { by: Signer::Certificate(der), secret: Zeroizing::default() })
}

fn context(identifier: &str, instance: Option<&str>, keys: &dyn ContextKeys) -> Result<Key, Error> {
    let secret = keys.key(identifier, instance).ok_or_else(|| wrong("a session whose key is not known"))?;
    let by =
        Signer::Context { identifier: identifier.to_owned(), instance: instance.map(str::to_owned), derived: false };
    Ok(Key { by, secret: Zeroizing::new(secret) })
}

fn derived(security: &Element, token: &Element, conversation: &str, keys: &dyn ContextKeys) -> Result<Key, Error> {
    let reference =
        token.child(SECEXT, "SecurityTokenReference").ok_or_else(|| wrong("a DerivedKeyToken of no token"))?;
    let Key { by: Signer::Context { identifier, instance, derived: false }, secret } =
        resolve_session(security, reference, keys)?
    else {
        return Err(wrong("a DerivedKeyToken of something else than a session"));
    };
    let number = |local, absent| match token.child(conversation, local) {
        None => Ok(absent),
        Some(element) => {
            element.text().trim().parse().map_err(|_| wrong("a DerivedKeyToken with a number that is none"))
        }
    };
    let length = number("Length", 32)?;
    let offset = match token.child(conversation, "Generation") {
        Some(_) => usize::saturating_mul(number("Generation", 0)?, length),
        None => number("Offset", 0)?,
    };
    if !Derivation::LENGTHS.contains(&length) || offset > Derivation::MAX_OFFSET {
        return Err(wrong("a DerivedKeyToken with an offset or length out of bounds"));
    }
    let nonce = token
        .child(conversation, "Nonce")
        .and_then(octets)
        .ok_or_else(|| wrong("a DerivedKeyToken without a Nonce"))?;
    let label = token.child(conversation, "Label").map(|label| label.text().into_bytes());
    if nonce.len() > MAX_SEED || label.as_ref().is_some_and(|label| label.len() > MAX_SEED) {
        return Err(wrong("a DerivedKeyToken whose Nonce or Label has more than 256 octets"));
    }
    let secret = Derivation { nonce, offset, length, label }.key(&secret);
    Ok(Key { by: Signer::Context { identifier, instance, derived: true }, secret })
}

/// As [`resolve`], for a token that a key is derived from. It can't be a derived one: chains would have no end.
fn resolve_session(security: &Element, reference: &Element, keys: &dyn ContextKeys) -> Result<Key, Error> {
    let id = reference.child(SECEXT, "Reference").and_then(|direct| direct.attribute("", "URI")?.strip_prefix('#'));
    let token = id.and_then(|id| security.elements().find(|token| token.attribute(UTILITY, "Id") == Some(id)));
    if token.is_some_and(|token| token.local == "DerivedKeyToken") {
        return Err(wrong("a DerivedKeyToken of another DerivedKeyToken"));
    }
    resolve(security, reference, keys)
}
