//! XML signatures as `sp:Basic256` wants them, written from templates.
//!
//! Signing needs three canonical strings: of the Timestamp, of the To header, of SignedInfo. All three are written by
//! this crate, so each is written twice, once as it is sent and once in canonical form, and no canonicaliser runs. Tests
//! prove the pairs equal with the [real one](super::canonical).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};

use crate::security::names::{EXCLUSIVE, SHA1, SIGNATURE};
use crate::xml::escape;

/// A Reference: an identifier in the message, and the SHA-1 of the element that has it.
pub(crate) struct Reference<'a> {
    pub(crate) id: &'a str,
    pub(crate) digest: [u8; 20],
}

impl<'a> Reference<'a> {
    /// To an element whose canonical form this is.
    pub(crate) fn to(id: &'a str, canonical: &str) -> Self {
        Self { id, digest: Sha1::digest(canonical).into() }
    }
}

/// SignedInfo in canonical form: what is signed.
pub(crate) fn canonical_signed_info(method: &str, references: &[Reference<'_>]) -> String {
    signed_info(&format!("<SignedInfo xmlns=\"{SIGNATURE}\">"), method, references, Empty::Pair)
}

/// How an element without content is written.
#[derive(Clone, Copy)]
enum Empty {
    Short,
    Pair,
}

fn signed_info(start: &str, method: &str, references: &[Reference<'_>], empty: Empty) -> String {
    let mut out = String::with_capacity(512 + 384 * references.len());
    let algorithm = |out: &mut String, element: &str, uri: &str| {
        out.push('<');
        out.push_str(element);
        out.push_str(" Algorithm=\"");
        out.push_str(uri);
        match empty {
            Empty::Short => out.push_str("\"/>"),
            Empty::Pair => {
                out.push_str("\"></");
                out.push_str(element);
                out.push('>');
            }
        }
    };
    out.push_str(start);
    algorithm(&mut out, "CanonicalizationMethod", EXCLUSIVE);
    algorithm(&mut out, "SignatureMethod", method);
    for reference in references {
        out.push_str("<Reference URI=\"#");
        out.push_str(reference.id);
        out.push_str("\"><Transforms>");
        algorithm(&mut out, "Transform", EXCLUSIVE);
        out.push_str("</Transforms>");
        algorithm(&mut out, "DigestMethod", SHA1);
        out.push_str("<DigestValue>");
        STANDARD.encode_string(reference.digest, &mut out);
        out.push_str("</DigestValue></Reference>");
    }
    out.push_str("</SignedInfo>");
    out
}

/// The whole Signature, keyed by the token with this identifier in the same header.
pub(crate) fn element(
    method: &str,
    references: &[Reference<'_>],
    value: &[u8],
    token_type: &str,
    token_id: &str,
) -> String {
    let start = format!("<Signature xmlns=\"{SIGNATURE}\"><SignedInfo>");
    let mut out = signed_info(&start, method, references, Empty::Short);
    out.push_str("<SignatureValue>");
    STANDARD.encode_string(value, &mut out);
    out.push_str("</SignatureValue><KeyInfo>");
    push_token_reference(&mut out, token_type, token_id);
    out.push_str("</KeyInfo></Signature>");
    out
}

/// A SecurityTokenReference to a token in the same header.
pub(crate) fn push_token_reference(out: &mut String, token_type: &str, token_id: &str) {
    for part in [
        "<o:SecurityTokenReference><o:Reference ValueType=\"",
        token_type,
        "\" URI=\"#",
        // The service chose it.
        &escape::lossy(token_id),
        "\"/></o:SecurityTokenReference>",
    ] {
        out.push_str(part);
    }
}
