//! Messages of all generated operations, read without a network.

use std::sync::OnceLock;

use altinn_soap::generated::v1;
use altinn_soap::registry;

use crate::choices::{Choices, Plan};
use crate::mutate::Change;
use crate::network::limits;
use crate::outcome::{Outcome, Verdict, assert_same};
use crate::service::{self, slots};
use crate::tree::Element;

/// A message of a contract.
#[derive(Clone, Copy)]
struct Kind {
    exchange: &'static v1::Exchange,
    is_request: bool,
}

impl Kind {
    fn direction(self) -> v1::Direction {
        let operation = self.exchange.operation();
        if self.is_request { v1::Direction::Request(operation) } else { v1::Direction::Reply(operation) }
    }

    fn of(self) -> v1::MessageType {
        if self.is_request { self.exchange.request() } else { self.exchange.reply() }
    }

    fn write(self, message: &dyn v1::Slot) -> Option<Vec<u8>> {
        let stream = v1::Binary::from(&b"stream"[..]);
        let port = self.exchange.port();
        v1::write_message(port.soap, self.direction(), message, v1::Style::Server, &slots(), Some(&stream)).ok()
    }

    fn read(self, document: &[u8]) -> Outcome {
        let limits = limits().xml;
        let mut decoder = v1::Decoder::new(document, &limits);
        Outcome::of(v1::read_any_message(self.exchange.port().soap, self.direction(), self.of(), &mut decoder))
    }
}

/// Messages that .NET wrote.
fn recorded() -> &'static [(Kind, Element)] {
    static ALL: OnceLock<Vec<(Kind, Element)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let exchanges = registry::exchanges();
        let files = crate::fixtures("dotnet", "xml").into_iter().filter_map(|path| {
            let name = path.file_name()?.to_str()?.to_owned();
            let (operation, rest) = name.split_once('.')?;
            let exchange = exchanges.iter().find(|exchange| exchange.operation().name == operation)?;
            let text = std::fs::read_to_string(&path).ok()?;
            let document = Element::parse(text.trim_start_matches('\u{FEFF}'));
            Some((Kind { exchange, is_request: rest.starts_with("request") }, document))
        });
        files.collect()
    })
}

fn sample(choices: &mut Choices<'_>) -> (Kind, Element) {
    let exchanges = registry::exchanges();
    let at = choices.below(exchanges.len() + service::echoes().len());
    let exchange = exchanges.get(at).copied().unwrap_or_else(|| &service::echoes()[at - exchanges.len()]);
    let kind = Kind { exchange, is_request: choices.one_in(2) };
    let mut sampler = v1::Sampler::new(choices.below(1 << 16) as u64);
    let message = kind.direction().sample(kind.of(), &mut sampler);
    let written = kind.write(&*message).unwrap_or_else(|| panic!("a sample that cannot be written: {message:?}"));
    (kind, Element::parse(&String::from_utf8_lossy(&written)))
}

/// A request or a reply, read as what it nearly is.
pub(crate) fn message(input: &[u8]) -> Verdict {
    let plan = Plan::of(input);
    let mut choices = Choices::new(plan.choices);
    let (kind, document) = match choices.one_in(4) {
        true => recorded()[choices.below(recorded().len())].clone(),
        false => sample(&mut choices),
    };
    let change = Change::of(choices);
    let outcome = kind.read(&change.written(document.clone(), 0));
    outcome.assert_quotes_nothing();
    if change.has_forms() {
        let other = kind.read(&change.written(document, plan.form));
        other.assert_quotes_nothing();
        outcome.assert_alike(&other, &|message| kind.write(message));
    }
    if let Outcome::Read { message, .. } = &outcome
        // Control characters are tolerated in reading only.
        && let Some(written) = kind.write(&**message)
    {
        match kind.read(&written) {
            Outcome::Read { message: again, .. } => assert_same(&**message, &*again, &|message| kind.write(message)),
            Outcome::Failed(error) => assert_eq!(
                crate::outcome::stage(&error),
                "limit",
                "what was read and written cannot be read: {}\n{}",
                crate::outcome::printed(&error),
                String::from_utf8_lossy(&written)
            ),
        }
    }
    outcome.verdict()
}
