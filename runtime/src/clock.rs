//! The clock, which a test can replace.

use std::fmt::Debug;
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime};

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

    /// Time since some fixed moment. It never goes back: setting the clock does not change it. Pauses are measured with
    /// it, such as the one after refused credentials.
    ///
    /// By default that of the operating system. A test that lets pauses pass replaces it too.
    fn monotonic(&self) -> Duration {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the time")]
        static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
        ORIGIN.elapsed()
    }
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
