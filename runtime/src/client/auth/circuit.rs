//! A circuit breaker that opens when a service refuses a credential, so that repeated failures do not lock the account.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::Uri;

use crate::error::{Error, ErrorKind};
use crate::schema::descriptor::{self, AuthenticationScope};
use crate::secret::Secret;

/// How long calls are refused after a service has refused their credential, unless the contract's configuration says
/// otherwise: 5 min.
pub const AUTHENTICATION_PAUSE: Duration = Duration::from_secs(descriptor::AUTHENTICATION_PAUSE as u64);

/// Identifies a circuit: a credential, and where its refusal counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CircuitKey {
    place: CredentialScope,
    identity: Identity,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum CredentialScope {
    Endpoint(Uri),
    Host { scheme: String, host: String, port: u16 },
}

/// The owner of a credential. Passwords are not compared, because services count failures by user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    User(Secret),
    /// The SHA-1 thumbprint.
    #[cfg(feature = "secure-conversation")]
    Certificate([u8; 20]),
}

impl CircuitKey {
    pub(crate) fn new(url: &Uri, scope: AuthenticationScope, identity: Identity) -> Self {
        let place = match scope {
            AuthenticationScope::Endpoint => CredentialScope::Endpoint(url.clone()),
            AuthenticationScope::Host => {
                let scheme = url.scheme_str().unwrap_or_default().to_ascii_lowercase();
                let default_port = if scheme == "http" { 80 } else { 443 };
                let host = url.host().unwrap_or_default().to_ascii_lowercase();
                CredentialScope::Host { scheme, host, port: url.port_u16().unwrap_or(default_port) }
            }
        };
        Self { place, identity }
    }
}

/// What is known of a credential, shared by all clients that use it.
#[derive(Default)]
pub(crate) struct CircuitState {
    /// When calls are let through again, in milliseconds since 1970; 0 for a circuit that never opened.
    open_until: AtomicU64,
    /// The password that the service accepted last.
    accepted: Mutex<Option<Secret>>,
}

/// The circuit of a credential. Clones share its state.
#[derive(Clone)]
pub(crate) struct Circuit {
    state: Arc<CircuitState>,
    /// How long it stays open.
    pause: Duration,
    /// The password of this client, for a credential that has one.
    password: Option<Secret>,
}

impl Circuit {
    pub(crate) fn new(state: Arc<CircuitState>, pause: Duration) -> Self {
        Self { state, pause, password: None }
    }

    /// The circuit as seen by a client with this password: one that the service has accepted is let through whatever
    /// becomes of another password of the same user.
    #[must_use]
    pub(crate) fn with_password(self, password: &Secret) -> Self {
        Self { password: Some(password.clone()), ..self }
    }

    /// Refuses while the circuit is open.
    ///
    /// # Errors
    /// An [`Authentication`](ErrorKind::Authentication) error.
    pub(crate) fn check(&self, now: SystemTime) -> Result<(), Error> {
        let Some(left) = self.state.left(now).filter(|_| !self.is_accepted()) else { return Ok(()) };
        let minutes = left.as_millis().div_ceil(60_000);
        Err(Error::new(
            ErrorKind::Authentication,
            format!(
                "not sent: the service has refused these credentials, and repeated failures lock the account; refused \
                 for {minutes} min more, or until Connection::reset_authentication"
            ),
        ))
    }

    /// Takes in the outcome of a message: opens if the credential was refused. A reply, or a fault of the service itself,
    /// says that the password was accepted.
    pub(crate) fn learn(&self, error: Option<&Error>, now: SystemTime) {
        match error.map(Error::kind) {
            Some(ErrorKind::Authentication) => self.open(now),
            None | Some(ErrorKind::Fault) if self.password.is_some() && !self.is_accepted() => {
                self.state.accepted().clone_from(&self.password);
            }
            _ => {}
        }
    }

    /// Opens the circuit, because the service has refused the credential.
    pub(crate) fn open(&self, now: SystemTime) {
        if self.is_accepted() {
            *self.state.accepted() = None;
        }
        let until = milliseconds(now.checked_add(self.pause).unwrap_or(now));
        self.state.open_until.fetch_max(until, Ordering::AcqRel);
    }

    fn is_accepted(&self) -> bool {
        self.password.is_some() && *self.state.accepted() == self.password
    }
}

impl CircuitState {
    /// Time until calls are let through again, if the circuit is open.
    pub(crate) fn left(&self, now: SystemTime) -> Option<Duration> {
        let left = self.open_until.load(Ordering::Acquire).checked_sub(milliseconds(now))?;
        (left > 0).then_some(Duration::from_millis(left))
    }

    /// Lets calls through again.
    pub(crate) fn close(&self) {
        self.open_until.store(0, Ordering::Release);
    }

    fn accepted(&self) -> MutexGuard<'_, Option<Secret>> {
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

impl fmt::Debug for Circuit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let never_opened = self.state.open_until.load(Ordering::Acquire) == 0;
        f.write_str(if never_opened { "Circuit(closed)" } else { "Circuit(was opened)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circuit(pause: u64) -> Circuit {
        Circuit::new(Arc::default(), Duration::from_secs(pause))
    }

    #[test]
    fn open_for_its_pause() {
        let at = |minutes: u64| UNIX_EPOCH + Duration::from_secs(1_700_000_000 + minutes * 60);
        let circuit = circuit(3600);
        assert!(circuit.check(at(0)).is_ok());
        circuit.open(at(0));
        let error = circuit.check(at(59)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication);
        assert!(error.to_string().contains("1 min more"), "{error}");
        assert!(circuit.check(at(60)).is_ok());
    }

    #[test]
    fn an_accepted_password_is_not_shut_by_the_refusal_of_another() {
        let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let refused = || Error::new(ErrorKind::Authentication, "refused");
        let state = Arc::<CircuitState>::default();
        let client = |password: &str| {
            Circuit::new(Arc::clone(&state), Duration::from_secs(60)).with_password(&Secret::from(password))
        };
        let (right, wrong, new) = (client("right"), client("wrong"), client("new"));
        right.learn(None, now);
        wrong.learn(Some(&refused()), now);
        assert!(right.check(now).is_ok());
        assert!(wrong.check(now).is_err() && new.check(now).is_err(), "the account is not to be locked by more tries");
        right.learn(Some(&refused()), now);
        assert!(right.check(now).is_err(), "it has been changed");
        state.close();
        assert!([right, wrong, new].iter().all(|circuit| circuit.check(now).is_ok()));
    }

    #[test]
    fn a_pause_of_none_never_opens() {
        let circuit = circuit(0);
        circuit.open(UNIX_EPOCH + Duration::from_secs(1));
        assert!(circuit.check(UNIX_EPOCH + Duration::from_secs(1)).is_ok());
    }

    #[test]
    fn a_host_is_scheme_name_and_port() {
        let key = |url: &str, scope| {
            CircuitKey::new(&Uri::try_from(url).unwrap(), scope, Identity::User(Secret::from("user")))
        };
        let host = |url| key(url, AuthenticationScope::Host);
        assert_eq!(host("https://a.example/one"), host("https://A.example:443/two?q"));
        assert_ne!(host("https://a.example/one"), host("https://a.example:8443/one"));
        assert_ne!(host("https://a.example/one"), host("http://a.example:443/one"));
        let endpoint = |url| key(url, AuthenticationScope::Endpoint);
        assert_ne!(endpoint("https://a.example/one"), endpoint("https://a.example/two"));
    }
}
