//! Where an input's decisions come from: the octets that a fuzzer chooses, or a seed.

use arbitrary::Unstructured;

/// Decisions drawn from octets. Where they end, every decision is the first one, which changes nothing.
#[derive(Debug)]
pub(crate) struct Choices<'d>(Unstructured<'d>);

impl<'d> Choices<'d> {
    pub(crate) fn new(octets: &'d [u8]) -> Self {
        Self(Unstructured::new(octets))
    }

    /// A number below a bound, which is not zero.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0.int_in_range(0..=bound - 1).unwrap_or(0)
    }

    /// True once in so many times, and never where the octets have ended.
    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    pub(crate) fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// The octets that have not been used.
    pub(crate) fn rest(self) -> &'d [u8] {
        self.0.take_rest()
    }
}

/// Numbers that follow from a seed (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.number() % bound as u64) as usize
    }

    pub(crate) fn octets(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.number() as u8).collect()
    }
}

/// An input, taken apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan<'d> {
    /// Chooses one of the many ways to write the same document.
    pub(crate) form: u64,
    /// Chooses where a body is cut into pieces.
    pub(crate) pieces: u64,
    /// Decides everything else.
    pub(crate) choices: &'d [u8],
}

impl<'d> Plan<'d> {
    pub(crate) fn of(input: &'d [u8]) -> Self {
        let seed = |octets: &[u8]| octets.iter().fold(0, |seed, octet| seed << 8 | u64::from(*octet));
        let (form, rest) = input.split_at(input.len().min(2));
        let (pieces, choices) = rest.split_at(rest.len().min(2));
        Self { form: seed(form), pieces: seed(pieces), choices }
    }
}
