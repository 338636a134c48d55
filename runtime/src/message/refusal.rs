//! Which accounts a fault refuses, by the code and the texts in its detail.

use crate::error::Error;
use crate::fault::Fault;
use crate::limits::XmlLimits;
use crate::schema::account::{Accounts, Refusal, RefusalDetail};
use crate::schema::decode::Decoder;
use crate::schema::pattern;
use crate::xml::Node;

/// The accounts of which the fault may say that their password was refused. `None` if it does not speak of any
/// credential. An empty list if it does, but of none in particular: such a fault says neither that a password was
/// accepted nor that it was refused.
pub(crate) fn refused(accounts: &Accounts, fault: &Fault) -> Option<Vec<&'static str>> {
    let told = Told::read(accounts.detail.as_ref()?, fault.detail_xml()?);
    let Ok(told) = told else { return Some(Vec::new()) };
    let told = told?;
    let mut matching: Vec<_> = accounts.refusals.iter().filter(|refusal| told.is(refusal)).collect();
    if matching.is_empty() {
        matching.extend(accounts.refusals.iter().filter(|refusal| refusal.texts.is_empty() && told.has_code(refusal)));
    }
    if matching.is_empty() {
        return None;
    }
    let mut refused = Vec::new();
    for refusal in matching {
        if refusal.accounts.is_empty() {
            return Some(Vec::new());
        }
        refused.extend(refusal.accounts);
    }
    refused.sort_unstable();
    refused.dedup();
    Some(refused)
}

/// What the detail of a fault says.
#[derive(Default)]
struct Told {
    code: String,
    /// In lower case.
    texts: Vec<String>,
}

impl Told {
    fn read(detail: &RefusalDetail, xml: &str) -> Result<Option<Self>, Error> {
        let mut decoder = Decoder::new(xml.as_bytes(), &XmlLimits::default());
        decoder.next()?;
        while decoder.next()? == Node::Start {
            if !decoder.is(detail.element) {
                decoder.skip()?;
                continue;
            }
            let mut told = Self::default();
            while decoder.next()? == Node::Start {
                if decoder.is(detail.code) {
                    decoder.text()?.trim().clone_into(&mut told.code);
                } else if detail.texts.iter().any(|name| decoder.is(*name)) {
                    let text = decoder.text()?;
                    told.texts.push(pattern::comparable(&text));
                } else {
                    decoder.skip()?;
                }
            }
            return Ok(Some(told));
        }
        Ok(None)
    }

    fn is(&self, refusal: &Refusal) -> bool {
        self.has_code(refusal) && pattern::any(refusal.texts, &self.texts)
    }

    fn has_code(&self, refusal: &Refusal) -> bool {
        refusal.codes.contains(&&*self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::Name;
    use crate::schema::account::Account;
    use crate::schema::slots::Role;

    const NS: &str = "urn:faults";
    const DETAIL: RefusalDetail = RefusalDetail::new(
        Name::new(NS, "Fault"),
        Name::new(NS, "Code"),
        &[Name::new(NS, "Text"), Name::new(NS, "Local")],
    );
    const ACCOUNTS: Accounts = Accounts::new(&[Account::new("system", Role::user_name("u"), Role::password("p"))])
        .refusals(
            DETAIL,
            &[
                Refusal::new(&["5", "989"], &["*Given for SYSTEM*"], &["system"]),
                Refusal::new(&["5"], &["*password*"], &["system", "person"]),
                Refusal::new(&["5"], &["*pin*"], &[]),
                Refusal::new(&["7"], &[], &[]),
                Refusal::new(&["7"], &["*given for system*"], &["system"]),
            ],
        );

    fn told(detail: &str) -> Option<Vec<&'static str>> {
        let xml = format!("<detail><f:Other xmlns:f='{NS}'/><f:Fault xmlns:f='{NS}'>{detail}</f:Fault></detail>");
        refused(&ACCOUNTS, &Fault::new(Vec::new(), String::new(), Some(xml)))
    }

    #[test]
    fn code_and_text_decide() {
        let of = |code: &str, text: &str| told(&format!("<f:Text>{text}</f:Text><f:Code> {code} </f:Code>"));
        assert_eq!(of("989", "Wrong: given for System 7"), Some(vec!["system"]));
        assert_eq!(of("0", "given for system"), None, "another code");
        assert_eq!(of("989", "no rights"), None, "another text");
        assert_eq!(of("5", "wrong password given for system"), Some(vec!["person", "system"]), "either");
        assert_eq!(of("5", "wrong password or pin given for system"), Some(vec![]), "a text that speaks of pins");
        assert_eq!(told("<f:Code>989</f:Code><f:Local>given for system</f:Local>"), Some(vec!["system"]));
        assert_eq!(of("7", "given for system"), Some(vec!["system"]), "any text counts only if no other does");
        assert_eq!(of("7", "in other words"), Some(vec![]));
        assert_eq!(told("<f:Code>7</f:Code>"), Some(vec![]), "no text");
        assert_eq!(told("<f:Text>given for system</f:Text>"), None, "no code");
        assert_eq!(told("<f:Code>989</f:Code><Text>given for system</Text>"), None, "no namespace");
        assert_eq!(told("<f:Code>5</f:Code><f:Text><b/>pin</f:Text>"), Some(vec![]), "not as the contract has it");
        let plain = Fault::new(Vec::new(), "given for system".to_owned(), None);
        assert_eq!(refused(&ACCOUNTS, &plain), None);
    }

    #[test]
    fn of_a_long_text_the_beginning_counts() {
        let long = |before: usize| {
            told(&format!("<f:Code>989</f:Code><f:Text>{}given for system</f:Text>", "å".repeat(before)))
        };
        assert_eq!(long(1_000), Some(vec!["system"]));
        assert_eq!(long(1_990), None);
    }
}
