//! The least rate of a body, measured over the time in which the network is waited for.

use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// Counts the octets of a body against the time in which the network was waited for, window by window: a fast start
/// does not pay for a slow rest.
#[derive(Debug)]
pub(super) struct Meter {
    /// A minute, or the idle time-out if that is longer: a pause that it allows is allowed.
    window: Duration,
    /// Octets per minute.
    minimum_rate: u64,
    waited: Duration,
    octets: u128,
}

impl Meter {
    /// For a rate in octets per minute.
    pub(super) fn new(minimum_rate: u64, idle_timeout: Duration) -> Self {
        Self { window: MINUTE.max(idle_timeout), minimum_rate, waited: Duration::ZERO, octets: 0 }
    }

    pub(super) fn moved(&mut self, octets: usize) {
        self.octets += octets as u128;
    }

    /// Adds time in which the network was waited for.
    pub(super) fn waited(&mut self, time: Duration) {
        self.waited = self.waited.saturating_add(time);
    }

    /// Whether a window has ended with too few octets. The next one begins when one has ended.
    pub(super) fn is_too_slow(&mut self) -> bool {
        if self.waited < self.window {
            return false;
        }
        // The last wait may have been longer than what was left of the window.
        let least = u128::from(self.minimum_rate).saturating_mul(self.waited.as_millis());
        let too_slow = self.octets * MINUTE.as_millis() < least;
        (self.waited, self.octets) = (Duration::ZERO, 0);
        too_slow
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn is_too_slow_after(meter: &mut Meter, time: Duration) -> bool {
        meter.waited(time);
        meter.is_too_slow()
    }

    /// The second in which so many octets a second are found too slow.
    fn ends(meter: &mut Meter, a_second: usize, seconds: u32) -> Option<u32> {
        (1..=seconds).find(|_| {
            meter.moved(a_second);
            is_too_slow_after(meter, SECOND)
        })
    }

    #[test]
    fn every_window_has_to_have_its_octets() {
        let mut meter = Meter::new(600, SECOND);
        assert_eq!(ends(&mut meter, 10, 3600), None);
        assert_eq!(ends(&mut meter, 9, 3600), Some(60));
        // What came fast once does not count for ever.
        meter.moved(1 << 40);
        assert_eq!(ends(&mut meter, 1, 3600), Some(120));
    }

    #[test]
    fn a_pause_within_the_idle_time_out_is_no_low_rate() {
        let mut meter = Meter::new(600, 300 * SECOND);
        assert!(!is_too_slow_after(&mut meter, 299 * SECOND));
        meter.moved(3000);
        assert!(!is_too_slow_after(&mut meter, SECOND));
        assert!(is_too_slow_after(&mut meter, 300 * SECOND));
    }

    #[test]
    fn no_rate_and_no_idle_time_out_limit_nothing() {
        assert!(!is_too_slow_after(&mut Meter::new(0, SECOND), Duration::MAX));
        assert_eq!(ends(&mut Meter::new(u64::MAX, Duration::MAX), 0, 3600), None);
    }
}
