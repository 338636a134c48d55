//! Which types can have a value at all.
//!
//! A type that requires a value of itself, directly or through others, has none. The types that have one are found
//! from those that require nothing, by propagation: each requirement is visited once.

use crate::contract::model::{ContentModel, Contract, Element, Particle, Term, Type, TypeId, TypeKind};
use crate::contract::print::local_name;
use crate::diagnostic::{Diagnostic, Report, Severity};

/// Sets [`TypeDef::finite`](crate::contract::model::TypeDef::finite), and marks operations that need a type without a
/// value.
pub(super) fn decide(contract: &mut Contract) {
    let finite = finite(contract);
    for (def, finite) in contract.types.iter_mut().zip(finite) {
        def.finite = finite;
    }
    let mut services = std::mem::take(&mut contract.services);
    for operation in services.iter_mut().flat_map(|service| &mut service.ports).flat_map(|port| &mut port.operations) {
        let mut found = Vec::new();
        for message in operation.messages() {
            let headers = message.headers.iter().filter(|header| header.required).map(|header| &header.element);
            for element in
                headers.chain(&message.body).filter(|element| !element.nillable && !contract.has_value(element.ty))
            {
                let (name, part) = (&operation.name, &element.name.local);
                let message = format!("operation `{name}` is not possible: `{part}`, which it needs, has no value");
                found.push(Diagnostic::at(Severity::Error, &operation.position, message, ""));
            }
        }
        operation.problems.extend(found);
    }
    contract.services = services;
}

/// Warns of types without a value.
pub(super) fn warn(contract: &Contract, report: &mut Report<'_>) {
    for (index, def) in contract.types.iter().enumerate() {
        let id = TypeId(index);
        if !contract.has_value(Type::Named(id)) {
            let message = format!("type `{}` has no value: {}", local_name(def), reason(contract, id));
            report.at_position(Severity::Warning, &def.position, message, "its uses can only be left out");
        }
    }
}

/// Why a type has no value.
fn reason(contract: &Contract, id: TypeId) -> String {
    let Some(complex) = contract.complex(id) else { return String::new() };
    if complex.is_abstract {
        let derived = complex.derived.iter().filter_map(|id| contract.complex(*id));
        return match derived.into_iter().all(|one| one.is_abstract) {
            true => "it is abstract, and so is every type derived from it".to_owned(),
            false => "it is abstract, and no type derived from it has a value".to_owned(),
        };
    }
    let leaves = contract.leaves(id).into_iter().filter(|leaf| leaf.particle.min > 0).filter_map(|leaf| leaf.element());
    let missing = leaves.filter(|element| !element.nillable && !contract.has_value(element.ty));
    let names: Vec<String> = missing.take(1).map(|element| format!("`{}`", element.name.local)).collect();
    format!("it requires {}, which has none", names.first().map_or("one of its alternatives", String::as_str))
}

/// A node that holds if all, or any, of its dependencies hold.
struct Node {
    /// How many dependencies must still hold.
    missing: usize,
    /// What depends on it.
    dependents: Vec<usize>,
}

/// Dependencies between types and parts of their content. Each type has two nodes: the first holds if there
/// is a complete value of exactly that type, the second if something declared to be of that type can have a value.
struct Graph<'c> {
    contract: &'c Contract,
    nodes: Vec<Node>,
}

fn finite(contract: &Contract) -> Vec<bool> {
    let count = contract.types.len();
    let mut graph = Graph { contract, nodes: Vec::with_capacity(3 * count) };
    for _ in 0..2 * count {
        graph.node(0);
    }
    for index in 0..count {
        graph.add_type(index);
    }
    let holds = graph.solve();
    (0..count).map(|index| holds.get(2 * index).copied().unwrap_or(true)).collect()
}

impl Graph<'_> {
    fn node(&mut self, missing: usize) -> usize {
        self.nodes.push(Node { missing, dependents: Vec::new() });
        self.nodes.len() - 1
    }

    /// `dependent` waits for `dependency`.
    fn depends(&mut self, dependent: usize, dependency: usize) {
        if let Some(node) = self.nodes.get_mut(dependency) {
            node.dependents.push(dependent);
        }
    }

    fn add_type(&mut self, index: usize) {
        let (exact, declared) = (2 * index, 2 * index + 1);
        if let TypeKind::Choice(choice) = &self.contract.type_def(TypeId(index)).kind {
            self.nodes[declared].missing = 1;
            self.depends(declared, exact);
            let needed: Option<Vec<usize>> = choice.alternatives.iter().map(|one| self.particle(one)).collect();
            if let Some(needed) = needed {
                self.nodes[exact].missing = 1;
                needed.into_iter().for_each(|dependency| self.depends(exact, dependency));
            }
            return;
        }
        let Some(complex) = self.contract.complex(TypeId(index)) else {
            self.depends(declared, exact);
            self.nodes[declared].missing = 1;
            return;
        };
        // A complete value needs the content of the base and its own. Through the base's node this stays linear.
        let mut needed = Vec::new();
        needed.extend(self.contract.extended(TypeId(index)).map(|base| 2 * base.0));
        if let ContentModel::Elements(particle) = &complex.content {
            needed.extend(self.particle(particle));
        }
        self.nodes[exact].missing = needed.len();
        needed.into_iter().for_each(|dependency| self.depends(exact, dependency));
        // A value of the declared type is one of any type that is not abstract.
        self.nodes[declared].missing = 1;
        if !complex.is_abstract || complex.derived.is_empty() {
            self.depends(declared, exact);
        }
        for derived in &complex.derived {
            if self.contract.complex(*derived).is_none_or(|one| !one.is_abstract) {
                self.depends(declared, 2 * derived.0);
            }
        }
    }

    /// The node that must hold for a particle to occur as often as it must; `None` if nothing must.
    fn particle(&mut self, particle: &Particle) -> Option<usize> {
        if particle.min == 0 {
            return None;
        }
        match &particle.term {
            // The content of a wildcard is kept as XML, which always has a value.
            Term::Wildcard => None,
            Term::Element(Element { nillable: true, .. } | Element { ty: Type::Builtin(_), .. }) => None,
            Term::Element(Element { ty: Type::Named(id), .. }) | Term::Group(id) => Some(2 * id.0 + 1),
            Term::Sequence(members) | Term::All(members) => {
                let needed: Vec<usize> = members.iter().filter_map(|member| self.particle(member)).collect();
                let all = self.node(needed.len());
                needed.into_iter().for_each(|dependency| self.depends(all, dependency));
                Some(all)
            }
            // A finished contract has none.
            Term::Choice(_) => None,
        }
    }

    /// Which nodes hold.
    fn solve(mut self) -> Vec<bool> {
        let mut holds: Vec<bool> = self.nodes.iter().map(|node| node.missing == 0).collect();
        let mut open: Vec<usize> = (0..holds.len()).filter(|index| holds[*index]).collect();
        while let Some(index) = open.pop() {
            for dependent in std::mem::take(&mut self.nodes[index].dependents) {
                let node = &mut self.nodes[dependent];
                node.missing = node.missing.saturating_sub(1);
                if node.missing == 0 && !holds[dependent] {
                    holds[dependent] = true;
                    open.push(dependent);
                }
            }
        }
        holds
    }
}
