//! Verifies the signatures of a message written by any stack, with any prefixes, white space and attribute order.
//!
//! A client never needs this, because services do not sign over TLS. It is for servers and tests.
//!
//! What is accepted is `sp:Basic256` and nothing else: exclusive canonicalisation (with `InclusiveNamespaces`, as CXF
//! writes them), SHA-1, HMAC-SHA1 and RSA-SHA1.

mod key;

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};

use self::key::Key;
use crate::error::{Error, ErrorKind};
use crate::limits::XmlLimits;
use crate::security::canonical::exclusive;
use crate::security::certificate::rsa_is;
use crate::security::derived_key::hmac_is;
use crate::security::names::{EXCLUSIVE, HMAC_SHA1, RSA_SHA1, SECEXT, SHA1, SIGNATURE, UTILITY};
use crate::value::QName;
use crate::xml::tree::Element;

/// Signatures that a message may have; WCF and CXF write two at most.
const MAX_SIGNATURES: usize = 8;

/// References that a signature may have; WCF writes two at most.
const MAX_REFERENCES: usize = 32;

/// Gives the keys of security context tokens.
pub trait ContextKeys {
    /// The key of a session, by the Identifier of its token and, after a renewal, the Instance.
    fn key(&self, identifier: &str, instance: Option<&str>) -> Option<Vec<u8>>;
}

impl<F: Fn(&str, Option<&str>) -> Option<Vec<u8>>> ContextKeys for F {
    fn key(&self, identifier: &str, instance: Option<&str>) -> Option<Vec<u8>> {
        self(identifier, instance)
    }
}

/// A valid signature.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub struct Signed {
    /// The owner of its key.
    pub by: Signer,
    /// The elements that it covers, in the order of its references.
    pub parts: Vec<QName>,
    /// Each of them is a header, or the Timestamp of the Security header that holds the signature, and no element of the
    /// same name elsewhere.
    pub in_place: bool,
}

/// Who signed.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer {
    /// The owner of this certificate, in DER. The caller decides whether to trust it.
    Certificate(Vec<u8>),
    /// A party of a session.
    Context {
        /// Its token's Identifier.
        identifier: String,
        /// Its token's Instance.
        instance: Option<String>,
        /// The key was derived for this message.
        derived: bool,
    },
}

/// Verifies all signatures in the Security header of a message, in document order. A message without signatures is
/// valid.
///
/// ```
/// use soap_runtime::{XmlLimits, verify};
///
/// let message = r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body/></s:Envelope>"#;
/// let keys = |_: &str, _: Option<&str>| None;
/// assert!(verify::signatures(message.as_bytes(), &keys, &XmlLimits::default())?.is_empty());
/// # Ok::<(), soap_runtime::Error>(())
/// ```
///
/// # Errors
/// A signature that is invalid, uses other algorithms or an unknown key, a second Security header (of any role), or a
/// document that is not a SOAP message. All but the last are [`Security`](ErrorKind::Security) errors; each names its cause.
pub fn signatures(message: &[u8], keys: &dyn ContextKeys, limits: &XmlLimits) -> Result<Vec<Signed>, Error> {
    let envelope = Element::parse(message, limits)?;
    let mut headers = envelope.elements().filter(|element| element.is(&envelope.namespace, "Header"));
    let Some(header) = headers.next() else { return Ok(Vec::new()) };
    let mut blocks = header.elements().filter(|element| element.is(SECEXT, "Security"));
    let Some(security) = blocks.next() else { return Ok(Vec::new()) };
    // Who reads the message may read the other one, for example as this one is addressed to another role.
    if headers.next().is_some() || blocks.next().is_some() {
        return Err(wrong("a message with two Headers or two Security headers, whatever their roles"));
    }
    let signatures: Vec<&Element> =
        security.elements().filter(|element| element.is(SIGNATURE, "Signature")).take(MAX_SIGNATURES + 1).collect();
    if signatures.len() > MAX_SIGNATURES {
        return Err(wrong("a message with more than 8 signatures"));
    }
    let mut message = Message::new([&envelope, header, security], &signatures, limits);
    signatures.into_iter().map(|signature| check(&mut message, signature, keys)).collect()
}

pub(super) fn wrong(what: &'static str) -> Error {
    Error::new(ErrorKind::Security, what)
}

/// A message whose signatures are checked.
struct Message<'t> {
    /// Envelope, Header and Security.
    path: [&'t Element; 3],
    /// The elements that a signature refers to by `u:Id`, each as the path that leads to it.
    parts: HashMap<&'t str, Vec<Vec<&'t Element>>>,
    /// Bytes of canonical form that may still be made: signatures can cover the same elements many times.
    left: usize,
}

impl<'t> Message<'t> {
    fn new(path: [&'t Element; 3], signatures: &[&'t Element], limits: &XmlLimits) -> Self {
        let wanted = signatures
            .iter()
            .filter_map(|signature| signature.child(SIGNATURE, "SignedInfo"))
            .flat_map(|signed_info| references(signed_info).take(MAX_REFERENCES));
        let mut parts = wanted.filter_map(|reference| Some((referred_to(reference)?, Vec::new()))).collect();
        find(path[0], &mut vec![path[0]], &mut parts);
        Self { path, parts, left: limits.memory }
    }

    fn canonical(&mut self, path: &[&Element], prefixes: &[&str]) -> Result<String, Error> {
        let form = exclusive(path, prefixes, self.left)
            .ok_or_else(|| wrong("signatures over more octets than allowed (XmlLimits::memory)"))?;
        self.left = self.left.saturating_sub(form.len());
        Ok(form)
    }
}

fn check(message: &mut Message<'_>, signature: &Element, keys: &dyn ContextKeys) -> Result<Signed, Error> {
    let [envelope, header, security] = message.path;
    let signed_info =
        signature.child(SIGNATURE, "SignedInfo").ok_or_else(|| wrong("a signature without SignedInfo"))?;
    let (parts, in_place) = check_references(message, signed_info)?;

    let value =
        signature.child(SIGNATURE, "SignatureValue").ok_or_else(|| wrong("a signature without SignatureValue"))?;
    let value = octets(value).ok_or_else(|| wrong("a SignatureValue that is no base64"))?;
    let method = signed_info.child(SIGNATURE, "CanonicalizationMethod");
    let prefixes = exclusive_with(method, "a signature with another CanonicalizationMethod than exclusive C14N")?;
    let signed = message.canonical(&[envelope, header, security, signature, signed_info], &prefixes)?;

    let method =
        signed_info.child(SIGNATURE, "SignatureMethod").ok_or_else(|| wrong("a signature without SignatureMethod"))?;
    if method.child(SIGNATURE, "HMACOutputLength").is_some() {
        return Err(wrong("a signature with a shortened HMAC"));
    }
    let Key { by, secret } = key::of(security, signature, keys)?;
    let right = match (&by, method.attribute("", "Algorithm")) {
        (Signer::Certificate(der), Some(RSA_SHA1)) => rsa_is(der, signed.as_bytes(), &value)?,
        (Signer::Context { .. }, Some(HMAC_SHA1)) => hmac_is(&secret, signed.as_bytes(), &value),
        _ => return Err(wrong("a signature whose method is not the one of Basic256 for its key")),
    };
    if right { Ok(Signed { by, parts, in_place }) } else { Err(wrong("a signature that does not match what it signs")) }
}

fn references(signed_info: &Element) -> impl Iterator<Item = &Element> {
    signed_info.elements().filter(|element| element.is(SIGNATURE, "Reference"))
}

/// The `u:Id` that a reference names.
fn referred_to(reference: &Element) -> Option<&str> {
    reference.attribute("", "URI").and_then(|uri| uri.strip_prefix('#')).filter(|id| !id.is_empty())
}

fn check_references(message: &mut Message<'_>, signed_info: &Element) -> Result<(Vec<QName>, bool), Error> {
    let references: Vec<&Element> = references(signed_info).take(MAX_REFERENCES + 1).collect();
    if references.is_empty() || references.len() > MAX_REFERENCES {
        return Err(wrong("a signature over nothing, or over more than 32 parts"));
    }
    let mut all_in_place = true;
    let parts = references.into_iter().map(|reference| {
        let (name, in_place) = check_reference(message, reference)?;
        all_in_place &= in_place;
        Ok(name)
    });
    Ok((parts.collect::<Result<_, Error>>()?, all_in_place))
}

/// The element that a reference covers, and whether it stands where a header or the Timestamp does.
fn check_reference(message: &mut Message<'_>, reference: &Element) -> Result<(QName, bool), Error> {
    let id = referred_to(reference).ok_or_else(|| wrong("a Reference to something else than a part of the message"))?;
    let path = match message.parts.get(id).map(Vec::as_slice) {
        Some([path]) => path.clone(),
        Some([]) | None => return Err(wrong("a Reference to a part that is not there")),
        Some(_) => return Err(wrong("two parts with one Id")),
    };
    let transforms =
        reference.child(SIGNATURE, "Transforms").map(|transforms| transforms.elements().collect::<Vec<_>>());
    let Some([transform]) = transforms.as_deref() else {
        return Err(wrong("a Reference without exactly one Transform"));
    };
    let prefixes = exclusive_with(Some(transform), "a Reference with another Transform than exclusive C14N")?;
    if reference.child(SIGNATURE, "DigestMethod").and_then(|method| method.attribute("", "Algorithm")) != Some(SHA1) {
        return Err(wrong("a Reference with another DigestMethod than SHA-1"));
    }
    let digest = reference.child(SIGNATURE, "DigestValue").and_then(octets);
    if digest.as_deref() != Some(&Sha1::digest(message.canonical(&path, &prefixes)?)[..]) {
        return Err(wrong("a part of the message that is not what was signed: its digest differs"));
    }
    let part = path.last().copied().unwrap_or(message.path[0]);
    let [_, header, security] = message.path;
    let in_place = match *path {
        [_, around, _] => std::ptr::eq(around, header),
        [_, _, around, timestamp] => std::ptr::eq(around, security) && timestamp.is(UTILITY, "Timestamp"),
        _ => false,
    };
    Ok((QName { namespace: part.namespace.to_string(), local: part.local.clone() }, in_place))
}

/// The prefixes that a use of exclusive C14N lists.
fn exclusive_with<'t>(method: Option<&'t Element>, other: &'static str) -> Result<Vec<&'t str>, Error> {
    let method =
        method.filter(|method| method.attribute("", "Algorithm") == Some(EXCLUSIVE)).ok_or_else(|| wrong(other))?;
    let listed = method.child(EXCLUSIVE, "InclusiveNamespaces").and_then(|list| list.attribute("", "PrefixList"));
    Ok(listed.unwrap_or_default().split_ascii_whitespace().collect())
}

/// Notes the first two elements with each of these Ids.
fn find<'t>(element: &'t Element, path: &mut Vec<&'t Element>, wanted: &mut HashMap<&'t str, Vec<Vec<&'t Element>>>) {
    if let Some(found) = element.attribute(UTILITY, "Id").and_then(|id| wanted.get_mut(id))
        && found.len() < 2
    {
        found.push(path.clone());
    }
    for child in element.elements() {
        path.push(child);
        find(child, path, wanted);
        path.pop();
    }
}

/// What an element holds in base64.
fn octets(element: &Element) -> Option<Vec<u8>> {
    let text: String = element.text().split_ascii_whitespace().collect();
    STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_few() {
        let message = |count: usize| {
            let signatures = format!("<d:Signature xmlns:d='{SIGNATURE}'/>").repeat(count);
            format!("<Envelope><Header><o:Security xmlns:o='{SECEXT}'>{signatures}</o:Security></Header></Envelope>")
        };
        let refused = |count| {
            let no_key = |_: &str, _: Option<&str>| None;
            signatures(message(count).as_bytes(), &no_key, &XmlLimits::default()).unwrap_err().to_string()
        };
        assert!(refused(MAX_SIGNATURES).contains("without SignedInfo"));
        assert!(refused(MAX_SIGNATURES + 1).contains("more than 8 signatures"));
    }

    /// What is verified is what is read: there is no second place to look at.
    #[test]
    fn there_is_one_security_header() {
        let no_key = |_: &str, _: Option<&str>| None;
        let read = |envelope: &str| signatures(envelope.as_bytes(), &no_key, &XmlLimits::default());
        let header = |blocks: &str| format!("<Header xmlns:o='{SECEXT}'>{blocks}</Header>");
        assert!(read(&format!("<Envelope>{}</Envelope>", header("<o:Security/>"))).unwrap().is_empty());
        for twice in [
            header("<o:Security role='other'/><o:Security/>"),
            header("<o:Security/>") + "<Body/>" + &header("<o:Security/>"),
        ] {
            let error = read(&format!("<Envelope>{twice}</Envelope>")).unwrap_err();
            assert!(error.to_string().contains("two Security headers"), "{error}");
        }
    }

    /// A declaration is written again for each element that uses it: a canonical form can be much longer than its source.
    #[test]
    fn what_is_covered_is_bounded() {
        let namespace = "n".repeat(10_000);
        let elements = "<p:a/>".repeat(1000);
        let message = format!("<Envelope xmlns:p='{namespace}'>{elements}</Envelope>");
        let envelope = Element::parse(message.as_bytes(), &XmlLimits::default()).unwrap();
        assert!(exclusive(&[&envelope], &[], 1 << 20).is_none());
        assert_eq!(exclusive(&[&envelope], &[], 1 << 24).map(|form| form.len() > 10_000_000), Some(true));
    }
}
