//! What a reading says, fact by fact, and how two readings are compared.

use std::collections::{BTreeMap, BTreeSet};

use crate::content::{Particle, Term};

/// One reading of one contract.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// By place and kind of fact. A place is an element, a type, or a field inside either.
    said: BTreeMap<(String, &'static str), String>,
    /// By place and identity: one reading may have several types of one name.
    types: BTreeSet<(String, String)>,
    /// Types of which a value is declared to be.
    declared: BTreeSet<String>,
    /// Places of which a reading does not tell what is in them, and why.
    pub(crate) left_out: BTreeMap<String, &'static str>,
}

/// A fact on which two readings differ; `-` is said by a reading that does not know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Disagreement {
    pub(crate) place: String,
    pub(crate) fact: &'static str,
    /// The generator's reading.
    pub(crate) ours: String,
    /// The oracle's reading.
    pub(crate) theirs: String,
}

impl Facts {
    /// Says it beside what was said before, if that was something else.
    pub(crate) fn say(&mut self, place: &str, fact: &'static str, value: impl ToString) {
        let value = value.to_string();
        let said = self.said.entry((place.to_owned(), fact)).or_insert_with(|| value.clone());
        if *said != value {
            *said += &format!(" | {value}");
        }
    }

    pub(crate) fn say_list(&mut self, place: &str, fact: &'static str, values: impl Iterator<Item = String>) {
        self.say(place, fact, values.collect::<Vec<_>>().join(", "));
    }

    /// The arrangement of elements, and how often each occurs where it stands.
    pub(crate) fn say_content(&mut self, place: &str, content: &Particle) {
        self.say(place, "content", content);
        for leaf in content.leaves() {
            if let Term::Element(name) = &leaf.term {
                self.say(&format!("{place}/{name}"), "occurrence", leaf.occurrence());
            }
        }
    }

    /// What is in this place cannot be told, and why.
    pub(crate) fn leave_out(&mut self, place: &str, reason: &'static str) {
        self.left_out.insert(place.to_owned(), reason);
    }

    /// Whether the type at `place` has still to be described.
    pub(crate) fn enter(&mut self, place: &str, identity: impl ToString) -> bool {
        self.types.insert((place.to_owned(), identity.to_string()))
    }

    pub(crate) fn is_entered(&self, place: &str, identity: impl ToString) -> bool {
        self.types.contains(&(place.to_owned(), identity.to_string()))
    }

    /// Notes that a value is declared to be of the type at `place`; whether that is new.
    pub(crate) fn declare(&mut self, place: &str) -> bool {
        self.declared.insert(place.to_owned())
    }

    pub(crate) fn is_declared(&self, place: &str) -> bool {
        self.declared.contains(place)
    }

    pub(crate) fn types(&self) -> usize {
        self.types.len()
    }

    /// The number of facts on which both agree, and the others.
    pub(crate) fn compare(&self, theirs: &Self) -> (usize, Vec<Disagreement>) {
        let is_told = |(place, fact): &&(String, &'static str)| {
            let is_inside = |left_out: &String| match place.strip_prefix(left_out.as_str()) {
                // What is said of the field itself.
                Some("") => !["type", "occurrence", "nillable"].contains(fact),
                Some(rest) => rest.starts_with('/'),
                None => false,
            };
            !theirs.left_out.keys().any(is_inside)
        };
        let all: BTreeSet<_> = self.said.keys().chain(theirs.said.keys()).filter(is_told).collect();
        let text = |facts: &Self, key| facts.said.get(key).map_or("-".to_owned(), Clone::clone);
        let (agreed, differing): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|key| self.said.get(*key) == theirs.said.get(*key));
        let disagreements = differing.into_iter().map(|key| Disagreement {
            place: key.0.clone(),
            fact: key.1,
            ours: text(self, key),
            theirs: text(theirs, key),
        });
        (agreed.len(), disagreements.collect())
    }
}
