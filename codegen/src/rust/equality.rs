//! Which types have `Eq` and `Hash`: those that hold nothing without them, however deep.

use crate::contract::model::{Builtin, Contract, Type, TypeId};
use crate::rust::layout::{Field, Layouts};
use crate::rust::model::Equality;

/// The equality of all types. Each type is two nodes: its own definition, and the enum over it and the types derived from
/// it.
#[derive(Debug)]
pub(super) struct Equalities(Vec<Equality>);

fn own_node(id: TypeId) -> usize {
    2 * id.0
}

fn value_node(layouts: &Layouts<'_>, id: TypeId) -> usize {
    2 * id.0 + usize::from(layouts.is_polymorphic(id))
}

impl Equalities {
    /// Analyses all types, in time linear in their number of members.
    pub(super) fn new(contract: &Contract, layouts: &Layouts<'_>) -> Self {
        let nodes = 2 * contract.types.len();
        let mut equality = vec![Equality::Hash; nodes];
        let mut holders = vec![Vec::new(); nodes];
        for id in (0..contract.types.len()).map(TypeId) {
            let own = own_node(id);
            let inner = contract.type_def(id).inner();
            for value in values(layouts.fields(id)).chain(inner) {
                match value {
                    Type::Builtin(builtin) => equality[own] = equality[own].min(of_builtin(builtin)),
                    Type::Named(value) => holders[value_node(layouts, value)].push(own),
                }
            }
            for alternative in layouts.alternatives(id) {
                holders[own_node(alternative)].push(own + 1);
            }
        }
        // All types start with everything, and lose what something they hold does not have: so types that hold each
        // other keep it, and each type is visited once for each thing that it loses.
        let mut open: Vec<usize> = (0..nodes).filter(|node| equality[*node] < Equality::Hash).collect();
        while let Some(node) = open.pop() {
            for holder in &holders[node] {
                if equality[*holder] > equality[node] {
                    equality[*holder] = equality[node];
                    open.push(*holder);
                }
            }
        }
        Self(equality)
    }

    /// Of the definition of a type under its own name.
    pub(super) fn of_own(&self, id: TypeId) -> Equality {
        self.0[own_node(id)]
    }

    /// Of a value that is declared with a type.
    pub(super) fn of(&self, layouts: &Layouts<'_>, ty: Type) -> Equality {
        match ty {
            Type::Builtin(builtin) => of_builtin(builtin),
            Type::Named(id) => self.0[value_node(layouts, id)],
        }
    }

    /// Of a struct of these fields.
    pub(super) fn of_fields(&self, layouts: &Layouts<'_>, fields: &[Field<'_>]) -> Equality {
        values(fields).map(|value| self.of(layouts, value)).min().unwrap_or(Equality::Hash)
    }
}

fn values(fields: &[Field<'_>]) -> impl Iterator<Item = Type> {
    fields.iter().filter_map(|field| Some(field.member?.value))
}

fn of_builtin(builtin: Builtin) -> Equality {
    match builtin {
        Builtin::Float | Builtin::Double => Equality::Partial,
        // It may be on disk, from where a hash would have to be read.
        Builtin::Base64Binary => Equality::Total,
        _ => Equality::Hash,
    }
}
