//! Counts the work of reading, for tests that hold it to the length of what is read.
//!
//! A step is a byte that is looked at or copied, or an entry that is compared. Where nothing is tested, nothing is counted.

#[cfg(test)]
thread_local! {
    static STEPS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Adds steps.
#[inline(always)]
pub(crate) fn count(steps: usize) {
    #[cfg(test)]
    STEPS.with(|all| all.set(all.get() + steps as u64));
    #[cfg(not(test))]
    let _ = steps;
}

/// The steps of this thread so far.
#[cfg(test)]
pub(crate) fn counted() -> u64 {
    STEPS.with(std::cell::Cell::get)
}
