//! Contracts from bytes: WSDL, schemas and policies that are nearly right, or right with hostile texts in them.
//!
//! Every choice is drawn from the bytes, so whoever changes a byte changes a choice; where they end, the first choice is
//! made. A test draws the bytes from a seed, a fuzzer makes them up. Nothing but `std` is used here.

#![allow(dead_code, reason = "not everyone who includes it takes all of it")]

#[path = "contract_parts.rs"]
mod parts;
#[path = "contract_tree.rs"]
mod tree;

use tree::Element;

/// Texts by name, as `SourceSet` takes them.
pub(crate) type Files = Vec<(String, String)>;

/// A contract made of sound parts, with up to three mutations of its trees.
pub(crate) fn nearly_right(bytes: &[u8]) -> Files {
    // What goes wrong is drawn from the first bytes, or a long contract would leave nothing for it.
    let (first, rest) = bytes.split_at(bytes.len().min(40));
    let mut choices = Choices(first);
    let mutations = choices.below(4);
    let hostile = choices.one_in(8);
    let mut documents = parts::contract(&mut parts::Draw { choices: &mut Choices(rest), hostile, pad: hostile });
    for _ in 0..mutations {
        // Mostly the contract: the schema beside it is small.
        let at = usize::from(choices.one_in(6));
        tree::mutate(&mut documents[at].1, &mut choices);
    }
    written(documents)
}

/// One contract in two forms, which differ in nothing but texts: those of the first are hostile.
pub(crate) struct Twins {
    /// With texts that look like code, markup and ends of both, and with white space around names.
    pub(crate) hostile: Files,
    /// With plain words.
    pub(crate) harmless: Files,
}

/// A sound contract in both forms.
pub(crate) fn twins(bytes: &[u8]) -> Twins {
    let make = |hostile| {
        let mut choices = Choices(bytes);
        written(parts::contract(&mut parts::Draw { choices: &mut choices, hostile, pad: hostile }))
    };
    Twins { hostile: make(true), harmless: make(false) }
}

/// `codegen.toml` for [`twins`] of the same bytes, with hostile texts or plain ones.
pub(crate) fn configuration(bytes: &[u8], hostile: bool) -> String {
    parts::configuration(&mut parts::Draw { choices: &mut Choices(bytes), hostile, pad: false })
}

/// As many bytes as are asked for, the same for the same seed everywhere.
pub(crate) fn bytes(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..count).map(|_| next()).collect()
}

/// Bytes that have not decided anything yet.
pub(crate) struct Choices<'b>(&'b [u8]);

impl Choices<'_> {
    /// A number below a limit, which is at most 256.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first) % limit.max(1)
    }

    /// A number below a limit, which is at most 65536.
    pub(crate) fn far_below(&mut self, limit: usize) -> usize {
        (self.below(256) * 256 + self.below(256)) % limit.max(1)
    }

    /// Whether something rare happens.
    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) + 1 == count
    }

    /// One of several.
    pub(crate) fn of<T: Copy>(&mut self, several: &[T]) -> T {
        several[self.below(several.len())]
    }
}

fn written(documents: Vec<(String, Element)>) -> Files {
    documents.into_iter().map(|(name, root)| (name, root.written())).collect()
}
