//! Which of several documents is nearest to another one: in the nearest folder, and of the most similar name, because
//! tools name the parts of one contract alike.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::document::source::folder;

/// Documents to choose from. A search takes as many steps as the path has folders, not as there are documents.
#[derive(Debug, Default)]
pub(crate) struct Nearest<'t> {
    /// Folder → depth → the documents of folders of that depth in it and below, sorted by name.
    below: BTreeMap<&'t str, BTreeMap<usize, Named<'t>>>,
    /// Folder → its documents, sorted by name.
    folders: BTreeMap<&'t str, Named<'t>>,
}

/// Names and ids of documents.
type Named<'t> = Vec<(&'t str, usize)>;

impl<'t> Nearest<'t> {
    /// Adds a document. They come sorted by name.
    pub(crate) fn add(&mut self, name: &'t str, id: usize) {
        let folder = folder(name);
        self.folders.entry(folder).or_default().push((name, id));
        let depth = depth(folder);
        for around in ancestors(folder) {
            self.below.entry(around).or_default().entry(depth).or_default().push((name, id));
        }
    }

    /// The nearest one, which is not the document `without`.
    pub(crate) fn first(&self, here: &str, without: Option<usize>) -> Option<usize> {
        self.nearest(here, without).map(|(_, id)| id)
    }

    /// The folder of the nearest one.
    pub(crate) fn folder(&self, here: &str) -> Option<&'t str> {
        self.nearest(here, None).map(|(name, _)| folder(name))
    }

    /// How many are in a folder.
    pub(crate) fn count(&self, folder: &str) -> usize {
        self.folders.get(folder).map_or(0, Vec::len)
    }

    /// Those in a folder, the most similar name first.
    pub(crate) fn inside(&self, folder: &str, here: &str) -> Vec<usize> {
        let mut inside = self.folders.get(folder).cloned().unwrap_or_default();
        inside.sort_by_key(|(name, _)| Reverse(alike(name, here)));
        inside.into_iter().map(|(_, id)| id).collect()
    }

    fn nearest(&self, here: &str, without: Option<usize>) -> Option<(&'t str, usize)> {
        let from = folder(here);
        let found = ancestors(from).filter_map(|around| {
            // As if the path led through this folder. Where it need not, a deeper one gives the shorter path.
            let (deep, best) = self
                .below
                .get(around)?
                .iter()
                .find_map(|(deep, list)| Some((*deep, most_alike(list, here, without)?)))?;
            let steps = depth(from) + deep - 2 * depth(around);
            Some((steps, Reverse(alike(best.0, here)), best.1, best.0))
        });
        found.min().map(|(_, _, id, name)| (name, id))
    }
}

/// The document of a sorted list whose name has most in common with another from the start on; the first of several.
fn most_alike<'t>(list: &[(&'t str, usize)], here: &str, without: Option<usize>) -> Option<(&'t str, usize)> {
    let other = |one: &&(&'t str, usize)| Some(one.1) != without;
    // What is alike stands together, so that the best is a neighbour of the place where the name would stand.
    let (before, after) = list.split_at(list.partition_point(|(name, _)| *name < here));
    let neighbours = [before.iter().rev().find(other), after.iter().find(other)];
    let most = neighbours.into_iter().flatten().map(|(name, _)| alike(name, here)).max()?;
    let start = here.as_bytes().get(..most)?;
    let first = list.partition_point(|(name, _)| name.as_bytes() < start);
    list.get(first..)?.iter().find(other).copied()
}

fn alike(one: &str, other: &str) -> usize {
    one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count()
}

fn depth(folder: &str) -> usize {
    folder.split('/').filter(|part| !part.is_empty()).count()
}

/// A folder and those around it, the outermost first, which has no name.
fn ancestors(folder: &str) -> impl Iterator<Item = &str> {
    let ends = folder.match_indices('/').map(|(at, _)| at).chain([folder.len()]);
    std::iter::once("").chain(ends.map(|end| &folder[..end]).filter(|around| !around.is_empty()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "in a test it is the assertion")]
mod tests {
    use super::*;

    const NAMES: &[&str] = &[
        "a.xsd",
        "a/b.xsd",
        "a/b/c.xsd",
        "a/b/cd.xsd",
        "a/b/d/e.xsd",
        "ab/x.xsd",
        "ab/y.xsd",
        "b/a/x.xsd",
        "b/x.xsd",
        "c/d/e/f.xsd",
        "order.wsdl",
        "order.xsd",
        "order0.xsd",
        "orders/order.xsd",
    ];

    /// Steps from one folder to another, up and down.
    fn steps(from: &str, to: &str) -> usize {
        let common = from.split('/').zip(to.split('/')).take_while(|(a, b)| a == b && !a.is_empty()).count();
        depth(from) + depth(to) - 2 * common
    }

    #[test]
    fn the_same_as_looking_at_all() {
        let mut nearest = Nearest::default();
        NAMES.iter().enumerate().for_each(|(id, name)| nearest.add(name, id));
        let others = ["a/b/x.wsdl", "a/b/d/x/y/z.wsdl", "z.wsdl", "ab/x.wsdl", "c/d.wsdl", "orders/order1.wsdl", "ord"];
        for here in NAMES.iter().copied().chain(others) {
            for without in [None, NAMES.iter().position(|name| *name == here)] {
                let candidates = (0..NAMES.len()).filter(|id| Some(*id) != without);
                let key = |id: &usize| (steps(folder(here), folder(NAMES[*id])), Reverse(alike(NAMES[*id], here)));
                assert_eq!(nearest.first(here, without), candidates.min_by_key(key), "{here} {without:?}");
            }
        }
        assert_eq!(nearest.folder("a/b/x.wsdl"), Some("a/b"));
        let inside: Vec<&str> = nearest.inside("", "order0.wsdl").into_iter().map(|id| NAMES[id]).collect();
        assert_eq!(inside, ["order0.xsd", "order.wsdl", "order.xsd", "a.xsd"]);
        assert_eq!(Nearest::default().first("a", None), None);
    }
}
