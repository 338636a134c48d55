//! Runs targets without guidance by coverage: inputs follow from a seed, so that a run can be made again.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::choices::Random;
use crate::{LONGEST, Target, Verdict};

/// What a run has found.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Inputs by what became of them.
    pub verdicts: BTreeMap<Verdict, usize>,
}

/// An input for which something does not hold.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The octets.
    pub input: Vec<u8>,
    /// What does not hold.
    pub what: String,
}

impl Figures {
    /// Inputs tried.
    pub fn inputs(&self) -> usize {
        self.verdicts.values().sum()
    }

    /// Those that became this.
    pub fn of(&self, verdict: Verdict) -> usize {
        self.verdicts.get(&verdict).copied().unwrap_or_default()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.inputs().max(1);
        write!(f, "{} inputs", self.inputs())?;
        for (verdict, count) in &self.verdicts {
            let share = *count as f64 * 100.0 / all as f64;
            match verdict {
                Verdict::Accepted => write!(f, ", {share:.1} % accepted; refused")?,
                Verdict::Refused(stage) => write!(f, " {stage} {share:.1} %")?,
            }
        }
        Ok(())
    }
}

impl Target {
    /// The input of this number in the run of a seed.
    pub fn input(&self, seed: u64, number: u64) -> Vec<u8> {
        let mut random = Random::new(seed.rotate_left(32) ^ number);
        let length = random.below(LONGEST + 1);
        random.octets(length)
    }

    /// Tries an input.
    ///
    /// # Errors
    /// Something does not hold.
    pub fn attempt(&self, input: &[u8]) -> Result<Verdict, Failure> {
        catch_unwind(AssertUnwindSafe(|| self.run(input))).map_err(|payload| {
            let what = payload.downcast_ref::<String>().cloned();
            let what = what.or_else(|| payload.downcast_ref::<&str>().map(|what| (*what).to_owned()));
            Failure { input: input.to_vec(), what: what.unwrap_or_default() }
        })
    }
}
