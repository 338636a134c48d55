//! Names on the wire, from the specifications of WS-Security and its relatives.

/// WS-Addressing 1.0.
pub(crate) const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";
/// "Answer on this connection."
pub(crate) const ANONYMOUS: &str = "http://www.w3.org/2005/08/addressing/anonymous";

/// WS-Addressing of August 2004.
pub(crate) const ADDRESSING_2004: &str = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
/// "Answer on this connection", in that edition.
pub(crate) const ANONYMOUS_2004: &str = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous";

/// WS-Security 1.0: tokens, references, the header itself.
pub(crate) const SECEXT: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
/// WS-Security 1.0: `Id`, Timestamp.
pub(crate) const UTILITY: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
/// The type of a password in plain text.
pub(crate) const PASSWORD_TEXT: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText";
/// The type of a password digest: SHA-1 over nonce, time and password.
pub(crate) const PASSWORD_DIGEST: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest";
/// Octets in base64.
pub(crate) const BASE64: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";

/// Extensions of Microsoft: the cookie of a context token, fault codes.
pub(crate) const MICROSOFT: &str = "http://schemas.microsoft.com/ws/2006/05/security";
/// Faults of WCF's dispatcher.
pub(crate) const DISPATCHER: &str =
    "http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher";
/// WS-Trust 1.3.
pub(crate) const TRUST_1_3: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512";
/// WS-Trust of February 2005.
pub(crate) const TRUST_2005: &str = "http://schemas.xmlsoap.org/ws/2005/02/trust";
/// WS-SecureConversation of February 2005.
pub(crate) const CONVERSATION_2005: &str = "http://schemas.xmlsoap.org/ws/2005/02/sc";
/// WS-SecureConversation 1.3.
pub(crate) const CONVERSATION_1_3: &str = "http://docs.oasis-open.org/ws-sx/ws-secureconversation/200512";

#[cfg(feature = "secure-conversation")]
pub(crate) use conversation::*;

#[cfg(feature = "secure-conversation")]
mod conversation {
    /// XML Signature.
    pub(crate) const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";
    /// SHA-1, the digest of `sp:Basic256`.
    pub(crate) const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";
    /// Its MAC.
    pub(crate) const HMAC_SHA1: &str = "http://www.w3.org/2000/09/xmldsig#hmac-sha1";
    /// Its signature.
    pub(crate) const RSA_SHA1: &str = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
    /// Exclusive canonicalisation, without comments.
    pub(crate) const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
    /// One X.509 version 3 certificate.
    pub(crate) const X509: &str =
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3";
    /// SHA-1 of a certificate, as a reference to it.
    pub(crate) const THUMBPRINT: &str =
        "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#ThumbprintSHA1";
}
