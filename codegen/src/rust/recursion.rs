//! Types that hold each other: which members need a `Box`, which structs have a `Default`, and which alternative of
//! a polymorphic type ends.

use std::collections::VecDeque;

use crate::contract::model::{Builtin, Contract, Type, TypeId, TypeKind};
use crate::rust::layout::{Around, Field, Holding, Kind, Layouts};

/// The results of analysing which types contain which. Each type is two nodes: its struct, and the enum over it and the
/// types derived from it.
#[derive(Debug)]
pub(super) struct Recursion {
    /// The strongly connected component of each node, by values that lie inside each other.
    component: Vec<usize>,
    /// The depth of the smallest value of each node; `None` if it has no value.
    depth: Vec<Option<usize>>,
    has_default: Vec<bool>,
}

fn struct_node(id: TypeId) -> usize {
    2 * id.0
}

/// A choice is an enum only, and requires one of its fields, as the enum over derived types requires one of these.
fn own_node(layouts: &Layouts<'_>, id: TypeId) -> usize {
    2 * id.0 + usize::from(layouts.is_choice(id))
}

fn value_node(layouts: &Layouts<'_>, id: TypeId) -> usize {
    2 * id.0 + usize::from(layouts.is_polymorphic(id) || layouts.is_choice(id))
}

impl Recursion {
    /// Analyses all types, in time linear in their number of members.
    pub(super) fn new(contract: &Contract, layouts: &Layouts<'_>) -> Self {
        // The last node is anything that always has a value.
        let anything = 2 * contract.types.len();
        let nodes = anything + 1;
        let mut inside = vec![Vec::new(); nodes];
        let mut required = vec![Vec::new(); nodes];
        for id in (0..contract.types.len()).map(TypeId) {
            let own = own_node(layouts, id);
            for field in layouts.fields(id) {
                let named = field.member.zip(field.member.and_then(|member| member.named()));
                if let Some((member, value)) = named
                    && !member.around.is_list()
                {
                    inside[own].push(value_node(layouts, value));
                }
                match named {
                    Some((member, value)) if is_needed(field, member) => required[own].push(value_node(layouts, value)),
                    _ if layouts.is_choice(id) => required[own].push(anything),
                    _ => {}
                }
            }
            if layouts.is_polymorphic(id) {
                let structs: Vec<usize> = layouts.alternatives(id).into_iter().map(struct_node).collect();
                inside[2 * id.0 + 1].clone_from(&structs);
                required[2 * id.0 + 1] = structs;
            }
        }
        let (depth, order) = depths(&required);
        let mut this = Self { component: components(&inside), depth, has_default: vec![false; contract.types.len()] };
        // Nodes that a struct requires come before it, so each is visited once.
        for node in order.into_iter().filter(|node| node % 2 == 0 && *node != anything) {
            let id = TypeId(node / 2);
            this.has_default[id.0] = match &contract.type_def(id).kind {
                TypeKind::Complex(_) => this.default_of(layouts, layouts.fields(id)),
                TypeKind::List(_) | TypeKind::Array(_) => true,
                TypeKind::Choice(_) | TypeKind::Enumeration(_) | TypeKind::Union(_) => false,
            };
        }
        this
    }

    /// Whether a member of `owner` that holds a `value` without a list would make it infinitely large.
    pub(super) fn is_boxed(&self, layouts: &Layouts<'_>, owner: TypeId, value: TypeId) -> bool {
        self.component[own_node(layouts, owner)] == self.component[value_node(layouts, value)]
    }

    /// Whether a type has a `Default`.
    pub(super) fn has_default(&self, id: TypeId) -> bool {
        self.has_default[id.0]
    }

    /// Whether a struct of these fields has a `Default`: every required member has a harmless zero. An enumeration has
    /// none, because no value of it means nothing, nor has XML, which is never empty.
    pub(super) fn default_of(&self, layouts: &Layouts<'_>, fields: &[Field<'_>]) -> bool {
        fields.iter().filter_map(|field| Some((field.kind, field.member?))).all(|(kind, member)| {
            match (member.around, member.value) {
                (Around::Nothing, Type::Named(id)) => self.has_default(id) && !layouts.is_polymorphic(id),
                (Around::Nothing, Type::Builtin(Builtin::Any)) => matches!(kind, Kind::AnyAttribute | Kind::Mixed),
                _ => true,
            }
        })
    }

    /// Which of the alternatives of a choice has the smallest value.
    pub(super) fn finite_field(&self, layouts: &Layouts<'_>, fields: &[Field<'_>]) -> usize {
        let depth = |at: &usize| match fields[*at].member.map(|member| (member, member.named())) {
            Some((member, Some(id))) if is_needed(&fields[*at], member) => self.depth[value_node(layouts, id)],
            _ => Some(0),
        };
        (0..fields.len()).min_by_key(|at| depth(at).unwrap_or(usize::MAX)).unwrap_or(0)
    }

    /// Which of the alternatives of a polymorphic type has the smallest value.
    pub(super) fn finite(&self, alternatives: &[TypeId]) -> usize {
        let depth = |at: &usize| self.depth[struct_node(alternatives[*at])].unwrap_or(usize::MAX);
        (0..alternatives.len()).min_by_key(depth).unwrap_or(0)
    }
}

/// Whether a complete value of a struct holds a value in this member.
fn is_needed(field: &Field<'_>, member: Holding<'_>) -> bool {
    let needs_item = member.item.is_none_or(|item| item.min > 0 && !item.element.nillable);
    match member.around {
        Around::Nothing => true,
        Around::Option | Around::Nillable => false,
        Around::Vec | Around::VecOption => field.min > 0 && !field.nillable && needs_item,
    }
}

/// The depth of the smallest value of each node, and the nodes that have one in an order in which each comes after
/// what it requires. A struct requires all of its nodes, an enum (odd) one of them.
fn depths(required: &[Vec<usize>]) -> (Vec<Option<usize>>, Vec<usize>) {
    let mut users = vec![Vec::new(); required.len()];
    let mut missing: Vec<usize> = required.iter().map(Vec::len).collect();
    for (node, needs) in required.iter().enumerate() {
        needs.iter().for_each(|need| users[*need].push(node));
    }
    let mut depth = vec![None; required.len()];
    let mut open: VecDeque<usize> = (0..required.len()).filter(|node| node % 2 == 0 && missing[*node] == 0).collect();
    open.iter().for_each(|node| depth[*node] = Some(0));
    let mut order = Vec::new();
    // Smaller values come first, so the last thing that a node waits for is the deepest.
    while let Some(node) = open.pop_front() {
        order.push(node);
        for user in std::mem::take(&mut users[node]) {
            missing[user] -= 1;
            if depth[user].is_none() && (user % 2 == 1 || missing[user] == 0) {
                depth[user] = depth[node].map(|depth| depth + 1);
                open.push_back(user);
            }
        }
    }
    (depth, order)
}

/// The strongly connected component of each node (Tarjan), without recursion: a chain of types may be long.
fn components(edges: &[Vec<usize>]) -> Vec<usize> {
    const UNSEEN: usize = usize::MAX;
    let mut index = vec![UNSEEN; edges.len()];
    let mut low = vec![0; edges.len()];
    let mut component = vec![UNSEEN; edges.len()];
    let mut stack = Vec::new();
    let mut next = 0;
    for root in 0..edges.len() {
        if index[root] != UNSEEN {
            continue;
        }
        // A node and how many of its edges were followed.
        let mut path = vec![(root, 0)];
        while let Some((node, followed)) = path.last_mut() {
            let node = *node;
            if *followed == 0 && index[node] == UNSEEN {
                (index[node], low[node]) = (next, next);
                next += 1;
                stack.push(node);
            }
            if let Some(target) = edges[node].get(*followed) {
                *followed += 1;
                if index[*target] == UNSEEN {
                    path.push((*target, 0));
                } else if component[*target] == UNSEEN {
                    low[node] = low[node].min(index[*target]);
                }
                continue;
            }
            path.pop();
            if let Some((parent, _)) = path.last() {
                low[*parent] = low[*parent].min(low[node]);
            }
            if low[node] == index[node] {
                while let Some(member) = stack.pop() {
                    component[member] = node;
                    if member == node {
                        break;
                    }
                }
            }
        }
    }
    component
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_in_a_circle_are_one_component() {
        let edges = [vec![1], vec![2], vec![0, 3], vec![4], vec![], vec![5]];
        let component = components(&edges);
        assert_eq!([component[1], component[2]], [component[0]; 2]);
        assert!(component[3] != component[0] && component[3] != component[4]);
    }

    #[test]
    fn a_long_chain_needs_no_stack() {
        let edges: Vec<Vec<usize>> = (0..200_000).map(|at| if at < 199_999 { vec![at + 1] } else { vec![0] }).collect();
        let component = components(&edges);
        assert!(component.iter().all(|one| *one == component[0]));
    }

    #[test]
    fn an_enum_is_as_deep_as_its_smallest_alternative() {
        // struct 0 requires enum 3, which is struct 0 or struct 2; struct 4 requires itself
        let required = [vec![3], vec![], vec![], vec![0, 2], vec![4], vec![]];
        let (depth, order) = depths(&required);
        assert_eq!(depth, [Some(2), None, Some(0), Some(1), None, None]);
        assert_eq!(order, [2, 3, 0]);
    }
}
