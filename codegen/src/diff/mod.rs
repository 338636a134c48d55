//! What changed between two contracts, in words, for a caller of their services: [`diff`], as [`text`] and as [`json`].
//!
//! A change is judged for a client that was generated from the old contract and calls a service that follows the new one.
//! It is [breaking](Impact::Breaking) if the service may refuse or misread what the client sends, if the client may refuse
//! what the service answers, or if something that the client may use is gone. Everything else is
//! [additive](Impact::Additive): a field that replies have and the client skips, an enumeration's value that it keeps as
//! text. So the same change of a type may be breaking in requests and additive in replies; a type is compared where
//! operations of both contracts use it, and judged for the directions in which they do.
//!
//! What does not change a message is no change: documentation, names of messages, bindings and portTypes, the documents
//! in which something is declared, and assertions of policies that have no effect. Facets other than enumerations, white
//! space apart, are not part of a contract as it is read here.
//!
//! # The JSON format
//!
//! `format` is 1; fields may be added, and are never renamed or removed within a format. `in` says in which messages a type
//! or part is used, where that counts.
//!
//! ```json
//! { "format": 1, "breaking": 1, "additive": 0,
//!   "changes": [ { "impact": "breaking" | "additive", "kind": "field-added",
//!                  "place": "type Order of urn:shop", "in": "requests" | "replies" | "requests and replies" | null,
//!                  "what": "field `note` is new, required" } ] }
//! ```
//!
//! The kinds, for `service-`, `port-`, `operation-`, `fault-`, `document-` (of a schema), `header-`, `body-`, `attachment-`, `field-`, `attribute-`,
//! `alternative-`, `value-` (of an enumeration), `wildcard-` and `derived-type-`: `added` and `removed`. Of a part: `occurrence-changed`,
//! `nillable-changed`, `type-changed`, `preset-changed`, `white-space-changed`, `namespace-changed`. Of a type:
//! `kind-changed`, `order-changed`, `abstract-changed`, `mixed-changed`. Of a port: `address-changed`, `soap-changed`,
//! `requirements-changed`. Of an operation: `action-changed`, `reply-action-changed`, `encoding-changed`, `body-changed`,
//! `attachment-changed`, `exchange-changed` (with or without a reply).

mod member;
mod service;
mod types;

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use crate::contract::model::Contract;
use crate::plain::one_line;

/// What a change means for a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Impact {
    /// A client of the old contract may fail, or miss what it used.
    Breaking,
    /// It goes on as before.
    Additive,
}

impl fmt::Display for Impact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Breaking => "breaking",
            Self::Additive => "additive",
        })
    }
}

/// The messages in which something is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Direction {
    /// Requests only.
    #[serde(rename = "requests")]
    Requests,
    /// Replies and faults only.
    #[serde(rename = "replies")]
    Replies,
    /// Requests and replies.
    #[serde(rename = "requests and replies")]
    Both,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Requests => "requests",
            Self::Replies => "replies",
            Self::Both => "requests and replies",
        })
    }
}

/// One difference between two contracts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Change {
    /// What it means for a caller.
    pub impact: Impact,
    /// What kind of change it is; the kinds are listed in the documentation of this module.
    pub kind: String,
    /// What changed: `operation Shop/ShopPort/PlaceOrder`, `type Order of urn:shop`.
    pub place: String,
    /// In which messages, if that counts.
    #[serde(rename = "in")]
    pub direction: Option<Direction>,
    /// The change, in words.
    pub what: String,
}

/// On one line, whatever the contract says.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.impact, one_line(&self.place))?;
        if let Some(direction) = self.direction {
            write!(f, ", in {direction}")?;
        }
        write!(f, ": {}", one_line(&self.what))
    }
}

/// What changed: services, ports and operations in the order of the old contract, then types by name.
pub fn diff(old: &Contract, new: &Contract) -> Vec<Change> {
    let mut changes = service::changes(old, new);
    // A type of one contract may stand beside several of the other.
    let mut seen = BTreeSet::new();
    changes.retain(|change| seen.insert(change.clone()));
    changes
}

/// Whether one of the changes is breaking.
pub fn is_breaking(changes: &[Change]) -> bool {
    changes.iter().any(|change| change.impact == Impact::Breaking)
}

/// A line for each change, and one with their number.
pub fn text(changes: &[Change]) -> String {
    if changes.is_empty() {
        return "no changes\n".to_owned();
    }
    let lines: String = changes.iter().map(|change| format!("{change}\n")).collect();
    let [breaking, additive] = counts(changes);
    format!("{lines}{breaking} breaking, {additive} additive\n")
}

/// The changes as JSON, in the format above.
pub fn json(changes: &[Change]) -> String {
    #[derive(Serialize)]
    struct Report<'c> {
        format: u32,
        breaking: usize,
        additive: usize,
        changes: &'c [Change],
    }
    let [breaking, additive] = counts(changes);
    let report = Report { format: 1, breaking, additive, changes };
    // Strings, numbers and lists can always be written.
    serde_json::to_string_pretty(&report).map(|text| text + "\n").unwrap_or_default()
}

fn counts(changes: &[Change]) -> [usize; 2] {
    let breaking = changes.iter().filter(|change| change.impact == Impact::Breaking).count();
    [breaking, changes.len() - breaking]
}

/// Whether something is so in requests, and in replies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Ways {
    requests: bool,
    replies: bool,
}

impl Ways {
    const NONE: Self = Self { requests: false, replies: false };
    const REQUESTS: Self = Self { requests: true, replies: false };
    const REPLIES: Self = Self { requests: false, replies: true };
    const BOTH: Self = Self { requests: true, replies: true };

    fn direction(self) -> Option<Direction> {
        match (self.requests, self.replies) {
            (true, true) => Some(Direction::Both),
            (true, false) => Some(Direction::Requests),
            (false, true) => Some(Direction::Replies),
            (false, false) => None,
        }
    }
}

/// A difference of two types or messages, before it is known which messages hold them.
#[derive(Debug)]
struct Difference {
    kind: String,
    what: String,
    /// The messages in which it is breaking.
    breaks: Ways,
}

impl Difference {
    fn new(kind: impl Into<String>, breaks: Ways, what: String) -> Self {
        Self { kind: kind.into(), what, breaks }
    }
}
