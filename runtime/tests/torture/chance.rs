//! Chance that can be repeated: every draw follows from a seed (SplitMix64).

pub struct Chance(u64);

impl Chance {
    /// The draws for one submission of a run.
    pub fn new(seed: u64, submission: u64) -> Self {
        let mut mixed = Self(seed);
        Self(mixed.next() ^ submission.wrapping_mul(0xD1B5_4A32_D192_ED03))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}
