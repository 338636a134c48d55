//! Services, ports and operations.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::model::{Attachment, Contract, Element, LeftOut, Message, Operation, Port, Service, Token};
use crate::contract::print::requirements;
use crate::name::SoapVersion;

use super::member::{Comparison, Member, Role, Sides};
use super::types::Types;
use super::{Change, Difference, Impact, Ways};

pub(super) fn changes(old: &Contract, new: &Contract) -> Vec<Change> {
    let sides = Sides { old, new };
    let mut walk = Walk { sides, types: Types::new(sides), changes: Vec::new() };
    let name = |service: &Service| service.name.clone();
    let place = |service: &Service| format!("service {}", service.name.local);
    for (one, other) in walk.matched("service", (&old.services, &new.services), name, place, &BTreeMap::new()) {
        walk.service(one, other);
    }
    let mut changes = walk.changes;
    changes.extend(walk.types.changes());
    changes
}

impl Difference {
    /// The change that it is where the messages that hold it are known.
    pub(super) fn used_in(self, place: String, used: Ways) -> Change {
        let breaks = (self.breaks.requests && used.requests) || (self.breaks.replies && used.replies);
        let impact = if breaks { Impact::Breaking } else { Impact::Additive };
        Change { impact, kind: self.kind, place, direction: used.direction(), what: self.what }
    }
}

struct Walk<'c> {
    sides: Sides<'c>,
    types: Types<'c>,
    changes: Vec<Change>,
}

impl<'c> Walk<'c> {
    /// A change that is not in one of the messages.
    fn change(&mut self, is_breaking: bool, kind: impl Into<String>, place: &str, what: impl Into<String>) {
        let impact = if is_breaking { Impact::Breaking } else { Impact::Additive };
        let (kind, place, what) = (kind.into(), place.to_owned(), what.into());
        self.changes.push(Change { impact, kind, place, direction: None, what });
    }

    /// What both lists hold, by the names; the others are gone or new. What is left out now is said to be.
    fn matched<T, K: Ord + Clone>(
        &mut self,
        kind: &str,
        (old, new): (&'c [T], &'c [T]),
        name: impl Fn(&T) -> K,
        place: impl Fn(&T) -> String,
        left_out: &BTreeMap<K, &str>,
    ) -> Vec<(&'c T, &'c T)> {
        // Documents that were put together may have one name several times.
        let numbered = |all: &'c [T]| -> Vec<((K, usize), &'c T)> {
            let mut seen: BTreeMap<K, usize> = BTreeMap::new();
            let number = |one| {
                let key = name(one);
                let number = seen.entry(key.clone()).or_default();
                *number += 1;
                ((key, *number), one)
            };
            all.iter().map(number).collect()
        };
        let (old, new) = (numbered(old), numbered(new));
        let before: BTreeSet<_> = old.iter().map(|(key, _)| key).collect();
        let after: BTreeMap<_, _> = new.iter().map(|(key, one)| (key, *one)).collect();
        let mut both = Vec::new();
        for (key, one) in &old {
            if let Some(other) = after.get(key) {
                both.push((*one, *other));
                continue;
            }
            let reason = left_out.get(&key.0);
            let what = reason.map_or_else(|| "is gone".to_owned(), |reason| format!("is left out: {reason}"));
            self.change(true, format!("{kind}-removed"), &place(one), what);
        }
        for (_, one) in new.iter().filter(|(key, _)| !before.contains(key)) {
            self.change(false, format!("{kind}-added"), &place(one), "is new");
        }
        both
    }

    fn service(&mut self, old: &'c Service, new: &'c Service) {
        let roots: [Vec<&Element>; 2] = [old, new].map(|service| service.roots.iter().collect());
        self.elements(
            "document",
            &format!("schema {}", old.name.local),
            (&roots[0], &roots[1]),
            Ways::BOTH,
            Ways::BOTH,
        );
        let place = |port: &Port| format!("port {}/{}", old.name.local, port.name);
        let left_out = reasons(&new.left_out);
        let ports = (&*old.ports, &*new.ports);
        for (one, other) in self.matched("port", ports, |port| port.name.clone(), place, &left_out) {
            self.port(&old.name.local, one, other);
        }
    }

    fn port(&mut self, service: &str, old: &'c Port, new: &'c Port) {
        let place = format!("port {service}/{}", old.name);
        if old.address != new.address {
            // The connection says which host is called; the path is that of the contract.
            let known = !old.address.is_empty() && !new.address.is_empty();
            let is_breaking = known && path(&old.address) != path(&new.address);
            let text = |address: &str| if address.is_empty() { "none".to_owned() } else { address.to_owned() };
            let what = format!("its address is {}, was {}", text(&new.address), text(&old.address));
            self.change(is_breaking, "address-changed", &place, what);
        }
        if old.soap != new.soap {
            let text = |version| if version == SoapVersion::Soap11 { "1.1" } else { "1.2" };
            let what = format!("it speaks SOAP {}, spoke {}", text(new.soap), text(old.soap));
            self.change(true, "soap-changed", &place, what);
        }
        let (before, after) = (requirements(&old.requirements), requirements(&new.requirements));
        if before != after {
            // Until now no call was sent, and so none can fail.
            let is_breaking = !matches!(old.requirements.token, Token::Unsupported(_));
            let what = format!("it asks for {}; asked for {}", after.join(", "), before.join(", "));
            self.change(is_breaking, "requirements-changed", &place, what);
        }
        let path = format!("operation {service}/{}", old.name);
        let place = |operation: &Operation| format!("{path}/{}", operation.name);
        let left_out = reasons(&new.left_out);
        let operations = (&*old.operations, &*new.operations);
        for (one, other) in self.matched("operation", operations, |one| one.name.clone(), place, &left_out) {
            self.operation(&place(one), one, other);
        }
    }

    fn operation(&mut self, place: &str, old: &'c Operation, new: &'c Operation) {
        if old.action != new.action {
            self.change(true, "action-changed", place, format!("its action is {:?}, was {:?}", new.action, old.action));
        }
        if old.encoded != new.encoded {
            let what = if new.encoded { "is in SOAP encoding" } else { "is not in SOAP encoding any more" };
            self.change(true, "encoding-changed", place, what);
        }
        self.message(place, &old.input, &new.input, Ways::REQUESTS);
        match (&old.output, &new.output) {
            (Some(one), Some(other)) => {
                if old.reply_action != new.reply_action {
                    let what = format!("the action of its reply is {:?}, was {:?}", new.reply_action, old.reply_action);
                    self.change(false, "reply-action-changed", place, what);
                }
                self.message(place, one, other, Ways::REPLIES);
            }
            (None, None) => {}
            (None, Some(_)) => self.change(true, "exchange-changed", place, "has a reply, was one-way"),
            (Some(_), None) => self.change(true, "exchange-changed", place, "is one-way, had a reply"),
        }
        let faults: [Vec<&Element>; 2] = [old, new].map(|one| one.faults.iter().map(|fault| &fault.detail).collect());
        self.elements("fault", place, (&faults[0], &faults[1]), Ways::NONE, Ways::REPLIES);
    }

    fn message(&mut self, place: &str, old: &'c Message, new: &'c Message, used: Ways) {
        let headers = |message: &'c Message| -> Vec<Member<'c>> {
            message.headers.iter().map(|header| Member::element(&header.element, header.required)).collect()
        };
        let mut found = self.sides.members(Role::Header, (&headers(old), &headers(new)), false);
        match (&old.body, &new.body) {
            (Some(one), Some(other)) => {
                let is_written = !old.bare || !new.bare;
                if old.bare != new.bare || (is_written && one.name != other.name) {
                    let what = format!("its body is {}, was {}", body(new), body(old));
                    found.add("body-changed", Ways::BOTH, what);
                }
                self.sides.value("its body", &one.into(), &other.into(), true, &mut found);
            }
            (None, None) => {}
            (None, Some(_)) => found.add("body-added", Ways::REQUESTS, format!("its body is {}, was empty", body(new))),
            (Some(_), None) => found.add("body-removed", Ways::BOTH, format!("its body is empty, was {}", body(old))),
        }
        attachments(&old.attachments, &new.attachments, &mut found);
        self.found(place, found, used);
    }

    /// Elements that are known by their names: what is gone `breaks` a client in these ways.
    fn elements(
        &mut self,
        kind: &str,
        place: &str,
        (old, new): (&[&'c Element], &[&'c Element]),
        breaks: Ways,
        used: Ways,
    ) {
        let mut found = Comparison::default();
        let of = |all: &[&'c Element], element: &Element| all.iter().copied().find(|one| one.name == element.name);
        for one in old {
            let word = format!("{kind} `{}`", one.name.local);
            match of(new, one) {
                Some(other) => self.sides.value(&word, &(*one).into(), &other.into(), true, &mut found),
                None => found.add(format!("{kind}-removed"), breaks, format!("{word} is gone")),
            }
        }
        for one in new.iter().filter(|one| of(old, one).is_none()) {
            found.add(format!("{kind}-added"), Ways::NONE, format!("{kind} `{}` is new", one.name.local));
        }
        self.found(place, found, used);
    }

    fn found(&mut self, place: &str, found: Comparison, used: Ways) {
        self.changes.extend(found.differences.into_iter().map(|one| one.used_in(place.to_owned(), used)));
        self.types.visit(found.pairs, used);
    }
}

/// What changes at the parts beside an envelope. Their media types are what the caller says.
fn attachments(old: &[Attachment], new: &[Attachment], found: &mut Comparison) {
    let of = |all: &'_ [Attachment], part: &str| all.iter().find(|one| one.part == part).cloned();
    for one in old {
        let word = format!("attachment `{}`", one.part);
        match of(new, &one.part) {
            None => found.add("attachment-removed", Ways::BOTH, format!("{word} is gone")),
            Some(other) if one.required != other.required => {
                let (how, breaks) = match other.required {
                    true => ("required, was optional", Ways::REQUESTS),
                    false => ("optional, was required", Ways::REPLIES),
                };
                found.add("attachment-changed", breaks, format!("{word} is {how}"));
            }
            Some(other) if one.media_type() != other.media_type() => {
                let text = |attachment: &Attachment| attachment.media_types.join(" or ");
                let what = format!("{word} is {}, was {}", text(&other), text(one));
                found.add("attachment-changed", Ways::NONE, what);
            }
            Some(_) => {}
        }
    }
    for one in new.iter().filter(|one| of(old, &one.part).is_none()) {
        let breaks = if one.required { Ways::REQUESTS } else { Ways::NONE };
        found.add("attachment-added", breaks, format!("attachment `{}` is new", one.part));
    }
}

fn reasons(left_out: &[LeftOut]) -> BTreeMap<String, &str> {
    left_out.iter().map(|one| (one.name.clone(), one.reason.as_str())).collect()
}

/// What comes after the host.
fn path(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.find('/').map_or("/", |at| &rest[at..])
}

fn body(message: &Message) -> String {
    match &message.body {
        Some(_) if message.bare => "several elements".to_owned(),
        Some(element) => format!("`{}` of {}", element.name.local, super::member::namespace(&element.name.namespace)),
        None => "empty".to_owned(),
    }
}
