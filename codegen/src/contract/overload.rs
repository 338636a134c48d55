//! Overloaded operations: several of one name in a portType, told apart by their inputs.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::wsdl::model::{Binding, BindingOperation, Operation, PortType};

/// The name of each operation of a portType: its own or, of an overloaded one, that of its input or else of its input's
/// message. `None` if these are the same too, or belong to another operation.
pub(super) fn names(port_type: &PortType) -> Vec<Option<String>> {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, operation) in port_type.operations.iter().enumerate() {
        groups.entry(&operation.name).or_default().push(at);
    }
    let mut names: Vec<Option<String>> = vec![None; port_type.operations.len()];
    let mut taken: BTreeSet<String> = groups.keys().map(|name| (*name).to_owned()).collect();
    for (name, group) in groups {
        if let [only] = group[..] {
            names[only] = Some(name.to_owned());
            continue;
        }
        taken.remove(name);
        let input = |at: &usize| port_type.operations[*at].input.as_ref();
        let by_input: Vec<Option<&String>> = group.iter().map(|at| input(at)?.name.as_ref()).collect();
        let by_message = group.iter().map(|at| Some(&input(at)?.message.local)).collect();
        let mut chosen: Vec<String> = vec![name.to_owned()];
        for candidates in [by_input, by_message] {
            let candidates: Vec<String> = candidates.into_iter().flatten().cloned().collect();
            let distinct: BTreeSet<&String> = candidates.iter().collect();
            if distinct.len() == group.len() && !distinct.iter().any(|one| taken.contains(*one)) {
                chosen = candidates;
                break;
            }
        }
        taken.extend(chosen.iter().cloned());
        if chosen.len() == group.len() {
            group.into_iter().zip(chosen).for_each(|(at, name)| names[at] = Some(name));
        }
    }
    names
}

/// What a binding says of the operations of a portType.
pub(super) struct Bound<'s> {
    /// By the name of the operation.
    by_name: BTreeMap<&'s str, Vec<&'s BindingOperation>>,
    /// By that and the names of input and output.
    by_names: BTreeMap<[Option<&'s str>; 3], &'s BindingOperation>,
    /// How many operations of a name the portType has.
    overloads: BTreeMap<&'s str, usize>,
    /// How many of them have been looked up.
    seen: BTreeMap<&'s str, usize>,
}

impl<'s> Bound<'s> {
    pub(super) fn new(binding: &'s Binding, port_type: &'s PortType) -> Self {
        let mut found = Self {
            by_name: BTreeMap::new(),
            by_names: BTreeMap::new(),
            overloads: BTreeMap::new(),
            seen: BTreeMap::new(),
        };
        for one in &port_type.operations {
            *found.overloads.entry(&one.name).or_default() += 1;
        }
        for one in &binding.operations {
            found.by_name.entry(&one.name).or_default().push(one);
            let names = [Some(one.name.as_str()), one.input.name.as_deref(), one.output.name.as_deref()];
            found.by_names.entry(names).or_insert(one);
        }
        found
    }

    /// The entry of the next operation of the portType: of those of its name the one with the same names of input and
    /// output, or else the one at the same place.
    pub(super) fn next(&mut self, operation: &'s Operation) -> Option<&'s BindingOperation> {
        let seen = self.seen.entry(&operation.name).or_default();
        let place = *seen;
        *seen += 1;
        let name = Some(operation.name.as_str());
        let input = operation.input.as_ref().and_then(|input| input.name.as_deref());
        let output = operation.output.as_ref().and_then(|output| output.name.as_deref());
        let is_overloaded = self.overloads.get(operation.name.as_str()) > Some(&1);
        let named = [[name, input, output], [name, input, None]].into_iter().filter(|_| input.is_some());
        let same_place = || {
            let found = self.by_name.get(operation.name.as_str())?.get(place)?;
            // One that is named otherwise belongs to another overload.
            let may_be_meant = !is_overloaded || input.is_none() || found.input.name.is_none();
            may_be_meant.then_some(found)
        };
        named.filter_map(|names| self.by_names.get(&names)).next().or_else(same_place).copied()
    }
}
