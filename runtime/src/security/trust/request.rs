//! What a client asks of a token service: the bodies of its two messages.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::client::auth::token::ContextToken;
use crate::security::names::SECEXT;
use crate::security::trust::version::Version;
use crate::value::Guid;

/// Octets of entropy that the client gives, and of the key that comes out.
pub(crate) const KEY_OCTETS: usize = 32;

/// "Give me a security context token; here is my half of the key."
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

/// "I need this token no more."
pub(crate) fn cancel(version: &Version, token: &ContextToken) -> String {
    let (trust, kind, reference) = (version.trust, version.context_token, token.external_reference(version));
    format!(
        "<t:RequestSecurityToken xmlns:t=\"{trust}\"><t:RequestType>{trust}/Cancel</t:RequestType>\
         <t:CancelTarget><o:SecurityTokenReference xmlns:o=\"{SECEXT}\"><o:Reference {reference} ValueType=\"{kind}\"/>\
         </o:SecurityTokenReference></t:CancelTarget></t:RequestSecurityToken>"
    )
}
