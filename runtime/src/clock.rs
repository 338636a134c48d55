//! The clock, which a test can replace.

use std::fmt::Debug;
use std::time::SystemTime;

/// Gives the time for everything in the protocol that needs it: whether a certificate is valid, when a message expires.
///
/// Time-outs don't come from here; they run on tokio's timers, which a test pauses with `tokio::time::pause`.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use soap_runtime::Clock;
///
/// /// A clock that has stopped.
/// #[derive(Debug)]
/// struct Stopped(SystemTime);
///
/// impl Clock for Stopped {
///     fn now(&self) -> SystemTime {
///         self.0
///     }
/// }
///
/// let noon = SystemTime::UNIX_EPOCH + Duration::from_secs(1_750_334_400);
/// assert_eq!(Stopped(noon).now(), noon);
/// ```
pub trait Clock: Debug + Send + Sync {
    /// The time now.
    fn now(&self) -> SystemTime;
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the time")]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}
