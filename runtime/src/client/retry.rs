//! Second tries. There are two reasons for one, and both are faults by which a service says that it did not look at
//! the message: its session is gone (see [`Access::learn`](crate::client::auth::access::Access::learn)), or it is too busy.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::Error;
use crate::fault::{Fault, Remedy};
use crate::random::Random;

/// Times that a message is sent to a service that says it is too busy.
pub const BUSY_TRIES: u32 = 3;

/// Time within which the last of them begins.
pub const BUSY_TIME: Duration = Duration::from_secs(30);

/// The middle of the first pause; the next is three times as long. Half of it, either way, is left to chance, so that
/// callers that were sent away together don't come back together.
const BUSY_PAUSE: Duration = Duration::from_secs(2);

/// How often a busy service has been tried, and since when.
pub(crate) struct Patience {
    began: Instant,
    tries: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self { began: Instant::now(), tries: 1 }
    }
}

impl Patience {
    /// The pause before the next try, if the service is busy and there is one.
    pub(crate) fn after(&mut self, error: &Error, random: &dyn Random) -> Option<Duration> {
        if error.fault().map(Fault::remedy) != Some(Remedy::Wait) || self.tries >= BUSY_TRIES {
            return None;
        }
        let middle = BUSY_PAUSE * 3u32.pow(self.tries - 1);
        let mut chance = [0; 2];
        // Without random octets the pause is the shortest.
        let _ = random.fill(&mut chance);
        let pause = middle / 2 + middle * u32::from(u16::from_be_bytes(chance)) / 0x1_0000;
        if self.began.elapsed() + pause > BUSY_TIME {
            return None;
        }
        self.tries += 1;
        Some(pause)
    }
}
