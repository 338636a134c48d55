//! A switch that opens when a service refuses a credential, so that no further attempt locks the account.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::error::{Error, ErrorKind};

/// How long calls are refused after a service has refused their credential: as long as Altinn locks a user.
pub const AUTHENTICATION_PAUSE: Duration = Duration::from_secs(3600);

/// One for each endpoint and credential.
#[derive(Default)]
pub(crate) struct Circuit {
    /// Milliseconds since 1970 of the refusal; 0 while the circuit is closed.
    opened: AtomicU64,
}

impl Circuit {
    /// Refuses while the circuit is open.
    ///
    /// # Errors
    /// An [`Authentication`](ErrorKind::Authentication) error that says that nothing was sent.
    pub(crate) fn check(&self, now: SystemTime) -> Result<(), Error> {
        let opened = self.opened.load(Ordering::Acquire);
        if opened == 0 {
            return Ok(());
        }
        let ago = now.duration_since(UNIX_EPOCH + Duration::from_millis(opened)).unwrap_or_default();
        if ago >= AUTHENTICATION_PAUSE {
            return Ok(());
        }
        let left = (AUTHENTICATION_PAUSE - ago).as_secs().div_ceil(60);
        Err(Error::new(
            ErrorKind::Authentication,
            format!(
                "not sent: the service has refused these credentials, and repeated failures lock the account; \
                 refused for {left} min more, or until Connection::reset_authentication"
            ),
        ))
    }

    /// The service has refused the credential.
    pub(crate) fn open(&self, now: SystemTime) {
        let milliseconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        self.opened.store(u64::try_from(milliseconds).unwrap_or(u64::MAX).max(1), Ordering::Release);
    }

    /// Somebody has seen to the credential.
    pub(crate) fn close(&self) {
        self.opened.store(0, Ordering::Release);
    }

    /// Whether nothing would be lost with it.
    pub(crate) fn is_closed(&self, now: SystemTime) -> bool {
        self.check(now).is_ok()
    }
}

impl fmt::Debug for Circuit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let closed = self.opened.load(Ordering::Acquire) == 0;
        f.write_str(if closed { "Circuit(closed)" } else { "Circuit(open)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Delivery;

    #[test]
    fn open_for_an_hour_or_until_reset() {
        let circuit = Circuit::default();
        let at = |minutes: u64| UNIX_EPOCH + Duration::from_secs(1_700_000_000 + minutes * 60);
        assert!(circuit.check(at(0)).is_ok());
        circuit.open(at(0));
        let error = circuit.check(at(59)).unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Authentication, Delivery::NotSent));
        assert!(error.to_string().contains("1 min more"), "{error}");
        assert!(circuit.check(at(60)).is_ok());
        circuit.close();
        assert!(circuit.check(at(1)).is_ok());
    }
}
