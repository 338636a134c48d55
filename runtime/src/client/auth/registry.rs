//! The circuits and sessions of a connection. They outlive clients, and are shared by all clients with the same
//! credential.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::client::auth::circuit::{Circuit, CircuitKey, CircuitState};
use crate::clock::Clock;

#[cfg(feature = "secure-conversation")]
use {
    crate::client::auth::secure_conversation::session::Session, crate::schema::descriptor::Security,
    crate::security::certificate::Certificate, crate::soap::SoapVersion, http::Uri,
};

/// The circuits and sessions of a connection.
pub(crate) struct Registry {
    clock: Arc<dyn Clock>,
    circuits: Mutex<Vec<(CircuitKey, Arc<CircuitState>)>>,
    #[cfg(feature = "secure-conversation")]
    sessions: Mutex<Vec<OpenSession>>,
}

/// A session, and what is needed to end it.
#[cfg(feature = "secure-conversation")]
#[derive(Clone)]
pub(crate) struct OpenSession {
    pub(crate) url: Uri,
    pub(crate) soap: SoapVersion,
    security: Security,
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

    /// The circuit of a credential, with the pause that the port configures.
    pub(crate) fn circuit(&self, key: CircuitKey, pause: Duration) -> Circuit {
        let (mut circuits, now) = (lock(&self.circuits), self.clock.now());
        // A program may make clients for any number of users: only those in use or refused are kept.
        circuits.retain(|(_, known)| Arc::strong_count(known) > 1 || known.left(now).is_some());
        let known = circuits.iter().find(|(known, _)| *known == key).map(|(_, known)| Arc::clone(known));
        let state = known.unwrap_or_else(|| {
            let state = Arc::default();
            circuits.push((key, Arc::clone(&state)));
            state
        });
        Circuit::new(state, pause)
    }

    /// The session of a certificate with an endpoint.
    #[cfg(feature = "secure-conversation")]
    pub(crate) fn session(
        &self,
        url: &Uri,
        soap: SoapVersion,
        security: Security,
        certificate: &Certificate,
        circuit: Circuit,
    ) -> Arc<Session> {
        let (mut sessions, now) = (lock(&self.sessions), self.clock.now());
        // As with circuits, a session is kept only while it is in use.
        sessions.retain(|open| Arc::strong_count(&open.session) > 1 || open.session.is_alive(now));
        let known = sessions
            .iter()
            .find(|open| open.url == *url && open.thumbprint == certificate.thumbprint() && open.security == security);
        if let Some(open) = known {
            return Arc::clone(&open.session);
        }
        let session = Arc::new(Session::new(security, certificate.clone(), circuit));
        sessions.push(OpenSession {
            url: url.clone(),
            soap,
            security,
            thumbprint: certificate.thumbprint(),
            session: Arc::clone(&session),
        });
        session
    }

    /// All sessions, with or without a token.
    #[cfg(feature = "secure-conversation")]
    pub(crate) fn sessions(&self) -> Vec<OpenSession> {
        lock(&self.sessions).clone()
    }

    /// Closes all circuits.
    pub(crate) fn reset(&self) {
        lock(&self.circuits).iter().for_each(|(_, known)| known.close());
    }
}

#[cfg(feature = "secure-conversation")]
impl Drop for Registry {
    fn drop(&mut self) {
        let now = self.clock.now();
        let held = lock(&self.sessions).iter().filter(|open| open.session.needs_cancel(now)).count();
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
    use std::time::SystemTime;

    use super::*;
    use crate::client::auth::circuit::Identity;
    use crate::client::auth::secure_conversation::token::{Life, SessionToken};
    use crate::schema::descriptor::AuthenticationScope;
    use crate::security::trust::context_token::{SecurityContextToken, TokenParts};
    use crate::security::trust::version::FEBRUARY_2005;

    #[derive(Debug)]
    struct Later(Mutex<SystemTime>);

    impl Clock for Later {
        fn now(&self) -> SystemTime {
            *lock(&self.0)
        }
    }

    fn clock() -> Arc<Later> {
        Arc::new(Later(Mutex::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1_750_000_000))))
    }

    #[test]
    fn circuits_are_kept_while_they_are_in_use_or_open() {
        let clock = clock();
        let registry = Registry::new(Arc::clone(&clock) as Arc<dyn Clock>);
        let circuit = |user: &str| {
            let key = CircuitKey::new(
                &Uri::from_static("https://localhost/"),
                AuthenticationScope::Endpoint,
                Identity::User(user.into()),
            );
            registry.circuit(key, Duration::from_secs(60))
        };
        let used = circuit("used");
        circuit("refused").open(clock.now());
        circuit("forgotten");
        used.open(clock.now());
        assert!(circuit("used").check(clock.now()).is_err() && circuit("refused").check(clock.now()).is_err());
        assert_eq!(lock(&registry.circuits).len(), 2);
        *lock(&clock.0) += Duration::from_secs(60);
        circuit("new");
        assert_eq!(lock(&registry.circuits).len(), 2, "the one in use and the new one");
    }

    #[test]
    fn sessions_are_kept_as_long_as_they_are_of_use() {
        let file = |name: &str| {
            std::fs::read(format!("{}/../tests/fixtures/security/vectors/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
        };
        let certificate = Certificate::from_pem(file("test-cert.pem"), file("test-key.pem")).unwrap();
        let clock = clock();
        let registry = Registry::new(Arc::clone(&clock) as Arc<dyn Clock>);
        let session = |port: u16, held: bool| {
            let security = Security::secure_conversation();
            let security = if held { security } else { security.must_not_cancel() };
            let circuit = Circuit::new(Arc::default(), Duration::ZERO);
            let url = Uri::try_from(format!("https://localhost:{port}/")).unwrap();
            registry.session(&url, SoapVersion::Soap12, security, &certificate, circuit)
        };
        let begin = |session: &Session, held: bool| {
            let life = Life::new(clock.now(), Duration::from_secs(3600), held);
            let token = SecurityContextToken::new(&FEBRUARY_2005, TokenParts::default());
            let token = SessionToken::new(token, Vec::new().into(), life, clock.now());
            session.install(&Arc::new(token), clock.now());
        };
        let kept = || -> Vec<_> { registry.sessions().iter().map(|open| open.url.port_u16().unwrap()).collect() };
        let used = session(1, false);
        begin(&session(3, false), false);
        begin(&session(4, true), true);
        drop(session(5, false));
        session(6, false);
        assert_eq!(kept(), [1, 3, 4, 6], "of the rest, the newest");
        *lock(&clock.0) += Duration::from_secs(200);
        session(7, false);
        assert_eq!(kept(), [1, 3, 7], "a server has let go what it held in memory");
        *lock(&clock.0) += Duration::from_secs(3600);
        session(8, false);
        assert_eq!(kept(), [1, 8], "tokens are dead");
        assert!(Arc::ptr_eq(&used, &session(1, false)));
    }
}
