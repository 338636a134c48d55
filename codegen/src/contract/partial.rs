//! Who pays for an error: an error in a type or an operation costs the operations that need it, never the whole.
//!
//! Without leave to generate a part, such errors end the run. A fault that has no type costs its type only, in any
//! case: its message is right without.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::intern;
use crate::contract::model::{Contract, Element, LeftOut, Operation, TypeId};
use crate::diagnostic::{Diagnostic, Report, Severity};

/// Names of operations in the help of an error.
const NAMED: usize = 3;

/// Takes out what cannot be generated, and reports why: as errors, or as warnings where they are `allowed`. Returns
/// whether anything was taken out.
pub(super) fn settle(contract: &mut Contract, allowed: bool, report: &mut Report<'_>) -> bool {
    let causes = causes(contract);
    let needed = needed(contract);
    // A contract of which nothing is left is not generated in part.
    let is_whole = |operation: &Operation| operation.problems.is_empty() && cause(&causes, operation).is_none();
    let has_type = |element: &Element| element.ty.named().is_none_or(|id| !causes.contains_key(&id));
    let is_something_whole = operations(contract).any(is_whole) || contract.roots().any(has_type);
    let outcome = match (is_something_whole, allowed) {
        (false, _) => Outcome::Refused,
        (true, false) => Outcome::Optional,
        (true, true) => Outcome::Partial,
    };
    let mut changed = false;
    let mut victims: BTreeMap<TypeId, Vec<String>> = BTreeMap::new();
    let mut problems = Problems::default();
    for port in contract.services.iter_mut().flat_map(|service| &mut service.ports) {
        for mut operation in std::mem::take(&mut port.operations) {
            let cause = cause(&causes, &operation);
            let own = std::mem::take(&mut operation.problems);
            let of_type = cause.and_then(|id| contract.types[id.0].problems.first());
            let reason = own.first().or(of_type).map(|one| one.message.clone());
            if let Some(id) = cause {
                victims.entry(id).or_default().push(operation.name.clone());
            }
            own.into_iter().for_each(|one| problems.add(one, std::slice::from_ref(&operation.name)));
            match (reason, outcome) {
                (Some(reason), Outcome::Partial) => {
                    changed = true;
                    port.left_out.push(LeftOut { name: operation.name, reason });
                }
                (None, _) => {
                    changed |= untyped_faults(&mut operation, &causes, report);
                    port.operations.push(operation);
                }
                // The errors end the run.
                (Some(_), _) => port.operations.push(operation),
            }
        }
    }
    for service in contract.services.iter_mut().filter(|_| matches!(outcome, Outcome::Partial)) {
        for element in std::mem::take(&mut service.roots) {
            match element.ty.named().and_then(|id| causes.get(&id)) {
                None => service.roots.push(element),
                Some((_, reason)) => {
                    changed = true;
                    service.left_out.push(LeftOut { name: element.name.local, reason: reason.clone() });
                }
            }
        }
    }
    for (index, def) in contract.types.iter_mut().enumerate() {
        let id = TypeId(index);
        let victims = victims.get(&id).map(Vec::as_slice).unwrap_or_default();
        // What only faults need is reported for them.
        if needed.contains(&id) {
            std::mem::take(&mut def.problems).into_iter().for_each(|one| problems.add(one, victims));
        }
        def.problems.clear();
    }
    report.add_all(problems.0.into_values().map(|(problem, victims)| spoken(problem, &victims, outcome)));
    changed
}

/// Place and message.
type Key = (String, u32, u32, String);

/// Problems, each once, with the operations that it costs.
#[derive(Default)]
struct Problems(BTreeMap<Key, (Diagnostic, Vec<String>)>);

impl Problems {
    fn add(&mut self, problem: Diagnostic, victims: &[String]) {
        let key = (problem.file.clone(), problem.line, problem.column, problem.message.clone());
        let (_, known) = self.0.entry(key).or_insert((problem, Vec::new()));
        known.extend_from_slice(victims);
    }
}

/// What becomes of a contract with problems.
#[derive(Clone, Copy)]
enum Outcome {
    /// Nothing of it can be generated.
    Refused,
    /// The rest of it could be generated.
    Optional,
    /// The rest of it is generated.
    Partial,
}

/// A problem as an error or, if the operations are left out for it, as a warning.
fn spoken(problem: Diagnostic, victims: &[String], outcome: Outcome) -> Diagnostic {
    // Ports of one portType have the same operations.
    let mut seen = BTreeSet::new();
    let names: Vec<String> = victims.iter().filter(|name| seen.insert(*name)).map(|name| format!("`{name}`")).collect();
    let plural = if names.len() == 1 { "" } else { "s" };
    let switch = match outcome {
        Outcome::Refused => return problem,
        Outcome::Partial if names.is_empty() => {
            return Diagnostic { severity: Severity::Warning, help: "what needs it is left out".to_owned(), ..problem };
        }
        Outcome::Partial => {
            let help = format!("operation{plural} left out for it: {}", names.join(", "));
            return Diagnostic { severity: Severity::Warning, help, ..problem };
        }
        Outcome::Optional if names.is_empty() => "--allow-partial generates what does not need it".to_owned(),
        Outcome::Optional => {
            let more = names.len().saturating_sub(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let listed = names.get(..NAMED).unwrap_or(&names).join(", ");
            format!("--allow-partial generates the contract without operation{plural} {listed}{more}")
        }
    };
    let help = if problem.help.is_empty() { switch } else { format!("{}; or {switch}", problem.help) };
    Diagnostic { help, ..problem }
}

/// Takes out the faults whose detail has no type.
fn untyped_faults(
    operation: &mut Operation,
    causes: &BTreeMap<TypeId, (TypeId, String)>,
    report: &mut Report<'_>,
) -> bool {
    let before = operation.faults.len();
    let (name, position) = (&operation.name, &operation.position);
    operation.faults.retain(|fault| {
        let Some((_, why)) = fault.detail.ty.named().and_then(|id| causes.get(&id)) else { return true };
        let message = format!("fault `{}` of operation `{name}` gets no type: {why}", fault.name);
        report.at_position(Severity::Warning, position, message, "its detail can be read as XML");
        false
    });
    operation.faults.len() < before
}

fn operations(contract: &Contract) -> impl Iterator<Item = &Operation> {
    contract.services.iter().flat_map(|service| &service.ports).flat_map(|port| &port.operations)
}

/// The type for which an operation cannot be generated, if there is one.
fn cause(causes: &BTreeMap<TypeId, (TypeId, String)>, operation: &Operation) -> Option<TypeId> {
    let elements = operation.messages().flat_map(|message| message.elements());
    elements.filter_map(|element| element.ty.named()).find_map(|id| causes.get(&id)).map(|(id, _)| *id)
}

/// Each type that cannot be generated: the nearest one that is itself at fault, and what is wrong with it.
fn causes(contract: &Contract) -> BTreeMap<TypeId, (TypeId, String)> {
    let mut found: BTreeMap<TypeId, (TypeId, String)> = BTreeMap::new();
    for (index, def) in contract.types.iter().enumerate() {
        if let Some(problem) = def.problems.first() {
            found.insert(TypeId(index), (TypeId(index), problem.message.clone()));
        }
    }
    if found.is_empty() {
        return found;
    }
    let mut users: Vec<Vec<TypeId>> = vec![Vec::new(); contract.types.len()];
    for (index, def) in contract.types.iter().enumerate() {
        intern::references(def).into_iter().for_each(|id| users[id.0].push(TypeId(index)));
    }
    let mut open: Vec<TypeId> = found.keys().copied().collect();
    let mut next = 0;
    while let Some(id) = open.get(next).copied() {
        next += 1;
        let Some(cause) = found.get(&id).cloned() else { continue };
        for user in &users[id.0] {
            found.entry(*user).or_insert_with(|| {
                open.push(*user);
                cause.clone()
            });
        }
    }
    found
}

/// The types that requests, replies and documents need.
fn needed(contract: &Contract) -> BTreeSet<TypeId> {
    let messages = operations(contract).flat_map(Operation::messages);
    let elements = messages.flat_map(|message| message.elements()).chain(contract.roots());
    intern::reached(&contract.types, elements.filter_map(|element| element.ty.named()))
}
