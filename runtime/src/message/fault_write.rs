//! Writing faults, of both versions of SOAP.

use crate::soap::SoapVersion;
use crate::xml::escape;

/// A fault of a service.
#[derive(Clone, Debug)]
pub(crate) struct FaultToWrite<'a> {
    /// `Client` or `Server`, or another code of SOAP 1.1. `Sender` and `Receiver` are written for the first two in 1.2.
    pub(crate) code: &'a str,
    /// A more exact code, by its full name.
    pub(crate) subcode: Option<(&'a str, &'a str)>,
    /// A code inside of the subcode, by its local name; the namespace is the same.
    pub(crate) innermost: Option<&'a str>,
    pub(crate) reason: &'a str,
    /// Of the reason, as `xml:lang` has it.
    pub(crate) language: &'a str,
    /// XML; empty for none.
    pub(crate) detail: &'a str,
}

impl FaultToWrite<'_> {
    /// The content of the body. SOAP 1.1 has one code: the most exact one.
    pub(crate) fn body(&self, soap: SoapVersion) -> String {
        let Self { code, reason, language, detail, .. } = self;
        let (reason, language) = (escape::lossy(reason), escape::lossy(language));
        let subcode = self.subcode.map(|(namespace, local)| (escape::lossy(namespace), escape::lossy(local)));
        match soap {
            SoapVersion::Soap11 => {
                let detail = if detail.is_empty() { String::new() } else { format!("<detail>{detail}</detail>") };
                let code = match subcode {
                    Some((namespace, local)) => {
                        format!("<faultcode xmlns:c=\"{namespace}\">c:{}</faultcode>", self.innermost.unwrap_or(&local))
                    }
                    None => format!("<faultcode>s:{code}</faultcode>"),
                };
                format!("<s:Fault>{code}<faultstring xml:lang=\"{language}\">{reason}</faultstring>{detail}</s:Fault>")
            }
            SoapVersion::Soap12 => {
                let code = match *code {
                    "Client" => "Sender",
                    "Server" => "Receiver",
                    other => other,
                };
                let subcode = subcode.map(|(namespace, local)| {
                    let value = |local| format!("<s:Value xmlns:c=\"{namespace}\">c:{local}</s:Value>");
                    let inner = self.innermost.map(|inner| format!("<s:Subcode>{}</s:Subcode>", value(inner)));
                    format!("<s:Subcode>{}{}</s:Subcode>", value(&local), inner.unwrap_or_default())
                });
                let detail = if detail.is_empty() { String::new() } else { format!("<s:Detail>{detail}</s:Detail>") };
                format!(
                    "<s:Fault><s:Code><s:Value>s:{code}</s:Value>{}</s:Code>\
                     <s:Reason><s:Text xml:lang=\"{language}\">{reason}</s:Text></s:Reason>{detail}</s:Fault>",
                    subcode.unwrap_or_default()
                )
            }
        }
    }
}
