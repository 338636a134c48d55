//! The circuits and sessions of a connection: one for each endpoint and credential, whoever asks.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::Uri;

use crate::client::auth::circuit::Circuit;
use crate::clock::Clock;
use crate::credentials::Credentials;

#[cfg(feature = "secure-conversation")]
use {
    crate::client::auth::session::Session, crate::security::certificate::Certificate,
    crate::security::trust::version::Version, crate::soap::SoapVersion,
};

/// Everything that outlives a client.
pub(crate) struct Registry {
    clock: Arc<dyn Clock>,
    circuits: Mutex<Vec<Known>>,
    #[cfg(feature = "secure-conversation")]
    sessions: Mutex<Vec<Open>>,
}

struct Known {
    url: Uri,
    credentials: Arc<Credentials>,
    circuit: Arc<Circuit>,
}

/// A session, and what is needed to end it.
#[cfg(feature = "secure-conversation")]
#[derive(Clone)]
pub(crate) struct Open {
    pub(crate) url: Uri,
    pub(crate) soap: SoapVersion,
    thumbprint: [u8; 20],
    pub(crate) session: Arc<Session>,
}

impl Registry {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            circuits: Mutex::default(),
            #[cfg(feature = "secure-conversation")]
            sessions: Mutex::default(),
        }
    }

    /// The circuit of a user at an endpoint.
    pub(crate) fn circuit(&self, url: &Uri, credentials: &Arc<Credentials>) -> Arc<Circuit> {
        let (mut circuits, now) = (lock(&self.circuits), self.clock.now());
        // A program may make clients for any number of users: only those in use or refused are kept.
        circuits.retain(|known| Arc::strong_count(&known.circuit) > 1 || !known.circuit.is_closed(now));
        let known = circuits.iter().find(|known| known.url == *url && known.credentials == *credentials);
        if let Some(known) = known {
            return Arc::clone(&known.circuit);
        }
        let circuit = Arc::new(Circuit::default());
        circuits.push(Known { url: url.clone(), credentials: Arc::clone(credentials), circuit: Arc::clone(&circuit) });
        circuit
    }

    /// The session of a certificate with an endpoint.
    #[cfg(feature = "secure-conversation")]
    pub(crate) fn session(
        &self,
        url: &Uri,
        soap: SoapVersion,
        certificate: &Certificate,
        version: &'static Version,
        held_in_memory: bool,
    ) -> Arc<Session> {
        let (mut sessions, now) = (lock(&self.sessions), self.clock.now());
        // As with circuits: a key is kept for as long as it is of use.
        sessions.retain(|open| Arc::strong_count(&open.session) > 1 || !open.session.is_over(now));
        let known = sessions.iter().find(|open| {
            open.url == *url && open.thumbprint == certificate.thumbprint() && open.session.version() == version
        });
        if let Some(open) = known {
            return Arc::clone(&open.session);
        }
        let session = Arc::new(Session::new(version, certificate.clone(), held_in_memory));
        sessions.push(Open {
            url: url.clone(),
            soap,
            thumbprint: certificate.thumbprint(),
            session: Arc::clone(&session),
        });
        session
    }

    /// All sessions, open or not.
    #[cfg(feature = "secure-conversation")]
    pub(crate) fn sessions(&self) -> Vec<Open> {
        lock(&self.sessions).clone()
    }

    /// Closes all circuits.
    pub(crate) fn reset(&self) {
        lock(&self.circuits).iter().for_each(|known| known.circuit.close());
        #[cfg(feature = "secure-conversation")]
        lock(&self.sessions).iter().for_each(|open| open.session.circuit.close());
    }
}

#[cfg(feature = "secure-conversation")]
impl Drop for Registry {
    fn drop(&mut self) {
        let now = self.clock.now();
        let held = lock(&self.sessions).iter().filter(|open| open.session.is_held(now)).count();
        if held > 0 {
            tracing::warn!(
                sessions = held,
                "a connection was dropped without Connection::close; its server keeps the sessions for a while"
            );
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("circuits", &lock(&self.circuits).len()).finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "secure-conversation"))]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::client::auth::token::{ContextToken, Life, Parts};
    use crate::security::trust::version::FEBRUARY_2005;

    #[derive(Debug)]
    struct Later(Mutex<SystemTime>);

    impl Clock for Later {
        fn now(&self) -> SystemTime {
            *lock(&self.0)
        }
    }

    #[test]
    fn sessions_are_kept_as_long_as_they_are_of_use() {
        let file = |name: &str| {
            std::fs::read(format!("{}/../tests/fixtures/security/vectors/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
        };
        let certificate = Certificate::from_pem(file("test-cert.pem"), file("test-key.pem")).unwrap();
        let clock = Arc::new(Later(Mutex::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1_750_000_000))));
        let registry = Registry::new(Arc::clone(&clock) as Arc<dyn Clock>);
        let session = |port: u16, held: bool| {
            let url = Uri::try_from(format!("https://localhost:{port}/")).unwrap();
            registry.session(&url, SoapVersion::Soap12, &certificate, &FEBRUARY_2005, held)
        };
        let begin = |session: &Session| {
            let life = Life::new(clock.now(), Duration::from_secs(3600), session.held_in_memory);
            let token = ContextToken::new(&FEBRUARY_2005, Parts::default(), Vec::new().into(), life, clock.now());
            session.install(&Arc::new(token), clock.now());
        };
        let kept = || -> Vec<_> { registry.sessions().iter().map(|open| open.url.port_u16().unwrap()).collect() };
        let used = session(1, false);
        session(2, false).circuit.open(clock.now());
        begin(&session(3, false));
        begin(&session(4, true));
        drop(session(5, false));
        session(6, false);
        assert_eq!(kept(), [1, 2, 3, 4, 6], "of the rest, the newest");
        *lock(&clock.0) += Duration::from_secs(200);
        session(7, false);
        assert_eq!(kept(), [1, 2, 3, 7], "a server has let go what it held in memory");
        *lock(&clock.0) += Duration::from_secs(3600);
        session(8, false);
        assert_eq!(kept(), [1, 8], "tokens are dead, and a refusal is forgotten");
        assert!(Arc::ptr_eq(&used, &session(1, false)));
    }
}
