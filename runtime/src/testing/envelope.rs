//! Messages of a service that answers whatever it is asked, in the version and with the security of the request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::security::names::{ADDRESSING, CONVERSATION_1_3, CONVERSATION_2005, MICROSOFT, SECEXT, UTILITY};
use crate::soap::SoapVersion;

/// A message that answers a request.
pub(super) fn envelope(version: SoapVersion, request: &str, body: &str) -> String {
    let mut headers = String::new();
    if let Some(message_id) = between(request, "<a:MessageID>", "</a:MessageID>") {
        headers.push_str(&format!(r#"<a:RelatesTo xmlns:a="{ADDRESSING}">{message_id}</a:RelatesTo>"#));
    }
    // The time of the request is a time that its sender believes.
    let times = (between(request, "<u:Created>", "</u:Created>"), between(request, "<u:Expires>", "</u:Expires>"));
    if let (Some(created), Some(expires)) = times {
        headers.push_str(&format!(
            r#"<o:Security s:mustUnderstand="1" xmlns:o="{SECEXT}" xmlns:u="{UTILITY}"><u:Timestamp u:Id="_0"><u:Created>{created}</u:Created><u:Expires>{expires}</u:Expires></u:Timestamp></o:Security>"#
        ));
    }
    let header = if headers.is_empty() { headers } else { format!("<s:Header>{headers}</s:Header>") };
    format!(r#"<s:Envelope xmlns:s="{}">{header}<s:Body>{body}</s:Body></s:Envelope>"#, version.namespace())
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(found, _)| found)
}

/// Whether a request is for a security context token.
pub(super) fn asks_for_session(request: &str) -> bool {
    request.contains("/RST/SCT</a:Action>")
}

/// The token that is asked for. Its life is ten hours, as long as WCF gives.
pub(super) fn session(version: SoapVersion, request: &str) -> String {
    let trust = between(request, "<t:RequestSecurityToken xmlns:t=\"", "\"").unwrap_or_default();
    let newer = trust.contains("200512");
    let conversation = if newer { CONVERSATION_1_3 } else { CONVERSATION_2005 };
    let (start, end) = if newer {
        ("<t:RequestSecurityTokenResponseCollection>", "</t:RequestSecurityTokenResponseCollection>")
    } else {
        ("", "")
    };
    let (entropy, cookie) = (STANDARD.encode([0x5e; 32]), STANDARD.encode([0xc0; 900]));
    let response = format!(
        r#"<t:RequestSecurityTokenResponse><t:RequestedSecurityToken><c:SecurityContextToken u:Id="uuid-5e55-1" xmlns:c="{conversation}" xmlns:u="{UTILITY}"><c:Identifier>urn:uuid:5e55</c:Identifier><Cookie xmlns="{MICROSOFT}">{cookie}</Cookie></c:SecurityContextToken></t:RequestedSecurityToken><t:RequestedProofToken><t:ComputedKey>{trust}/CK/PSHA1</t:ComputedKey></t:RequestedProofToken><t:Entropy><t:BinarySecret>{entropy}</t:BinarySecret></t:Entropy><t:Lifetime xmlns:u="{UTILITY}"><u:Created>2024-01-15T10:00:00Z</u:Created><u:Expires>2024-01-15T20:00:00Z</u:Expires></t:Lifetime></t:RequestSecurityTokenResponse>"#
    );
    envelope(version, request, &declare(&format!("{start}{response}{end}"), trust))
}

/// Declares the prefix of WS-Trust on the first element.
fn declare(markup: &str, trust: &str) -> String {
    match markup.split_once('>') {
        Some((first, rest)) => format!(r#"{first} xmlns:t="{trust}">{rest}"#),
        None => markup.to_owned(),
    }
}

/// A fault, `code` being `Client` or `Server`.
pub(super) fn fault(version: SoapVersion, code: &str, reason: &str, detail: &str) -> String {
    match version {
        SoapVersion::Soap11 => {
            let detail = if detail.is_empty() { String::new() } else { format!("<detail>{detail}</detail>") };
            format!("<s:Fault><faultcode>s:{code}</faultcode><faultstring>{reason}</faultstring>{detail}</s:Fault>")
        }
        SoapVersion::Soap12 => {
            let code = match code {
                "Client" => "Sender",
                "Server" => "Receiver",
                other => other,
            };
            let detail = if detail.is_empty() { String::new() } else { format!("<s:Detail>{detail}</s:Detail>") };
            format!(
                r#"<s:Fault><s:Code><s:Value>s:{code}</s:Value></s:Code><s:Reason><s:Text xml:lang="en">{reason}</s:Text></s:Reason>{detail}</s:Fault>"#
            )
        }
    }
}

/// Text as it stands in an element.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
