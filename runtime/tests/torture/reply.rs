//! What the server says, in SOAP: written as text, so that it shares no mistake with the code under test.

use super::script::{Code, Content, Manner};
use super::support::files;
use super::support::secured::{DNSE, Rstr, SC, SOAP as SOAP_12, WSA, WSSE, WSU, security};
use super::variant::{Variant, content};
use super::wire::Answer;

const SOAP_11: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// A relation to a message that nobody sent.
const FOREIGN: &str = "urn:uuid:00000000-0000-4000-8000-000000000000";

/// The submission that no caller makes.
pub const NOBODY: u64 = u64::MAX;

/// The type of relation that is meant where none is stated.
const REPLY_RELATION: &str = "http://www.w3.org/2005/08/addressing/reply";

/// A message to answer.
pub struct Question<'a> {
    pub variant: Variant,
    pub id: u64,
    /// Which of the call's messages it is.
    pub number: usize,
    /// The token that is to be issued, if it asks for one.
    pub token: Option<&'a str>,
    /// The request, as far as it has been read.
    pub text: &'a str,
}

/// The reason that a fault gives, which no other fault has.
pub fn reason(id: u64, number: usize) -> String {
    format!("fault {id}.{number}")
}

/// A relation to a message, of a type that may be stated.
fn relates(id: &str, stated: &str) -> String {
    match stated {
        "" => format!("<a:RelatesTo>{id}</a:RelatesTo>"),
        _ => format!(r#"<a:RelatesTo RelationshipType="{stated}">{id}</a:RelatesTo>"#),
    }
}

impl Question<'_> {
    pub fn answer(&self, content: Content) -> Answer {
        let right = self.between("MessageID>", "<").map(|id| relates(&id, "")).unwrap_or_default();
        let (status, relations, body) = match content {
            Content::Nothing => return Answer { status: 200, content_type: "", body: Vec::new() },
            Content::Page(status) => {
                let body = b"<html><body>A page of a gateway.</body></html>".to_vec();
                return Answer { status, content_type: "text/html", body };
            }
            Content::Redirect(status) => return Answer { status, content_type: "text/html", body: b"moved".to_vec() },
            Content::Empty(status) => return self.text(status, String::new()),
            Content::OtherXml => return self.text(200, "<answer>yes</answer>".to_owned()),
            Content::HalfEnvelope => {
                let whole = self.envelope(&right, &self.reply());
                return self.text(200, whole[..whole.len() / 2].to_owned());
            }
            Content::Reply => return self.reply_of(self.id, &right),
            Content::ForeignReply => return self.reply_of(self.id, &relates(FOREIGN, "")),
            Content::Unrelated => return self.reply_of(self.id, ""),
            Content::Fault(code, manner) => return self.fault(code, manner, &right),
            Content::ForeignFault(code) => {
                (500, relates(FOREIGN, ""), self.fault_element(code, self.variant.is_soap_12()))
            }
            Content::OtherRelation => {
                return self.reply_of(self.id, &(relates(FOREIGN, "urn:example:continues") + &right));
            }
            Content::TwoRelations { fault, right_first, stated } => {
                let foreign = relates(FOREIGN, if stated { REPLY_RELATION } else { "" });
                let relations = if right_first { right + &foreign } else { foreign + &right };
                match fault {
                    Some(code) => (500, relations, self.fault_element(code, self.variant.is_soap_12())),
                    None => (200, relations, self.reply()),
                }
            }
            Content::ReplyAndFault { code, fault_first, status } => {
                let (reply, fault) = (self.reply(), self.fault_element(code, self.variant.is_soap_12()));
                let body = if fault_first { fault + &reply } else { reply + &fault };
                (status, right, body)
            }
        };
        self.text(status, self.envelope(&relations, &body))
    }

    /// The reply to a submission that nobody made.
    pub fn surplus(&self) -> Answer {
        self.reply_of(NOBODY, &relates(FOREIGN, ""))
    }

    fn reply_of(&self, id: u64, relations: &str) -> Answer {
        let body = if id == self.id { self.reply() } else { self.variant.reply(id) };
        let envelope = self.envelope(relations, &body);
        if self.variant != Variant::Download {
            return self.text(200, envelope);
        }
        let body = files::package(&[("0", envelope.as_bytes()), ("stream", &content(id))]);
        Answer { status: 200, content_type: files::PACKAGE, body }
    }

    fn reply(&self) -> String {
        let Some(identifier) = self.token else { return self.variant.reply(self.id) };
        let cookie = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBw==";
        let token = format!(
            r#"<t:RequestedSecurityToken><c:SecurityContextToken u:Id="uuid-s-1" xmlns:c="{SC}"><c:Identifier>{identifier}</c:Identifier><dnse:Cookie xmlns:dnse="{DNSE}">{cookie}</dnse:Cookie></c:SecurityContextToken></t:RequestedSecurityToken>"#
        );
        Rstr { token, ..Rstr::default() }.body()
    }

    fn fault(&self, code: Code, manner: Manner, relations: &str) -> Answer {
        let (soap_12, status) = match manner {
            Manner::OtherVersion => (!self.variant.is_soap_12(), 500),
            Manner::Status(status) => (self.variant.is_soap_12(), status),
            _ => (self.variant.is_soap_12(), 500),
        };
        let mut body = self.fault_element(code, soap_12);
        match manner {
            Manner::BareCode => body = body.replace("x:", ""),
            Manner::Followed => body += "<behind xmlns=\"urn:behind\"/>",
            Manner::Twice => body = body.repeat(2),
            Manner::TwoCodes => {
                let end = if soap_12 { "</s:Code>" } else { "</faultcode>" };
                let second = if soap_12 {
                    "<s:Code><s:Value>s:Sender</s:Value></s:Code>"
                } else {
                    "<faultcode>s:Client</faultcode>"
                };
                body = body.replace(end, &[end, second].concat());
            }
            Manner::StrayText => body += "stray",
            Manner::Status(_) | Manner::OtherVersion => {}
        }
        self.text(status, self.envelope_of(soap_12, relations, &body))
    }

    fn fault_element(&self, code: Code, soap_12: bool) -> String {
        let reason = reason(self.id, self.number);
        let (namespace, local) = match code {
            Code::Application => ("urn:example:faults", "NotToday"),
            Code::ServerTooBusy => (DNSE, "ServerTooBusy"),
            Code::EndpointUnavailable => (WSA, "EndpointUnavailable"),
            Code::BadContextToken => (SC, "BadContextToken"),
            Code::InvalidSecurity => (WSSE, "InvalidSecurity"),
            Code::FailedAuthentication => (WSSE, "FailedAuthentication"),
        };
        if soap_12 {
            format!(
                r#"<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value xmlns:x="{namespace}">x:{local}</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">{reason}</s:Text></s:Reason></s:Fault>"#
            )
        } else {
            format!(
                r#"<s:Fault><faultcode xmlns:x="{namespace}">x:{local}</faultcode><faultstring>{reason}</faultstring></s:Fault>"#
            )
        }
    }

    fn envelope(&self, relations: &str, body: &str) -> String {
        self.envelope_of(self.variant.is_soap_12(), relations, body)
    }

    fn envelope_of(&self, soap_12: bool, relations: &str, body: &str) -> String {
        if !self.variant.is_soap_12() {
            let soap = if soap_12 { SOAP_12 } else { SOAP_11 };
            return format!(r#"<s:Envelope xmlns:s="{soap}"><s:Body>{body}</s:Body></s:Envelope>"#);
        }
        let soap = if soap_12 { SOAP_12 } else { SOAP_11 };
        let timestamp = self.between("<u:Timestamp u:Id=\"_0\">", "</u:Timestamp>").unwrap_or_default();
        let security = security(&format!("<u:Timestamp u:Id=\"_0\">{timestamp}</u:Timestamp>"));
        format!(
            r#"<s:Envelope xmlns:s="{soap}" xmlns:a="{WSA}" xmlns:u="{WSU}"><s:Header>{relations}{security}</s:Header><s:Body>{body}</s:Body></s:Envelope>"#
        )
    }

    fn text(&self, status: u16, envelope: String) -> Answer {
        let content_type = match self.variant.is_soap_12() {
            true => "application/soap+xml; charset=utf-8",
            false => "text/xml; charset=utf-8",
        };
        Answer { status, content_type, body: envelope.into_bytes() }
    }

    /// The text between two others in the request.
    fn between(&self, start: &str, end: &str) -> Option<String> {
        let (_, rest) = self.text.split_once(start)?;
        Some(rest.split_once(end)?.0.to_owned())
    }
}
