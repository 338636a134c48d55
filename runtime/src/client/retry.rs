//! Retries while a service says that it is too busy to process a message.
//!
//! The only other reasons for a second try are a lost session and a challenge of HTTP Digest (see
//! [`Proof::learn`](crate::client::auth::scheme::Proof::learn)). Both are faults by which a service says that it did not
//! process the message; nothing else is ever sent twice.

use std::time::Duration;

use http::StatusCode;
use tokio::time::Instant;

use crate::error::Error;
use crate::fault::Fault;
use crate::message::fault_table::Remedy;
use crate::random::Random;

/// Times that a message is sent to a service that says it is too busy.
pub const BUSY_TRIES: u32 = 3;

/// Time within which the last try has to begin.
pub const BUSY_TIME: Duration = Duration::from_secs(30);

/// The mean of the first pause; the mean of the next is three times as long. A pause is between half and one and a half
/// times its mean, at random, so that callers that were refused together do not retry together.
const BUSY_PAUSE: Duration = Duration::from_secs(2);

/// Whether a fault may cause a second try: its service has to state it as SOAP's HTTP binding does, with status 400 or
/// 500. (A fault that does not follow its version of SOAP has no remedy in the first place.)
pub(crate) fn may_cause_second_try(error: &Error) -> bool {
    [StatusCode::BAD_REQUEST, StatusCode::INTERNAL_SERVER_ERROR]
        .iter()
        .any(|status| error.http_status() == Some(status.as_u16()))
}

/// The tries of one message so far.
pub(crate) struct BusyRetry {
    began: Instant,
    tries: u32,
}

impl Default for BusyRetry {
    fn default() -> Self {
        Self { began: Instant::now(), tries: 1 }
    }
}

impl BusyRetry {
    /// The pause before the next try, or `None` if there is no further try.
    pub(crate) fn pause_after(&mut self, error: &Error, random: &dyn Random) -> Option<Duration> {
        let waits = error.fault().map(Fault::remedy) == Some(Remedy::Wait) && may_cause_second_try(error);
        if !waits || self.tries >= BUSY_TRIES {
            return None;
        }
        let mean = BUSY_PAUSE * 3u32.pow(self.tries - 1);
        let mut octets = [0; 2];
        // Without random octets, the shortest pause.
        let _ = random.fill(&mut octets);
        let pause = mean / 2 + mean * u32::from(u16::from_be_bytes(octets)) / 0x1_0000;
        if self.began.elapsed() + pause > BUSY_TIME {
            return None;
        }
        self.tries += 1;
        Some(pause)
    }
}
