//! The circuits and sessions of a connection. They outlive clients, and are shared by all clients with the same
//! credential.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::client::auth::circuit::{Circuit, CircuitKey, CircuitState, Identity};
use crate::clock::Clock;
use crate::secret::Secret;

#[cfg(feature = "secure-conversation")]
use {
    crate::client::auth::secure_conversation::session::Session, crate::schema::descriptor::Security,
    crate::security::certificate::Certificate, crate::soap::SoapVersion, http::Uri,
};

/// The circuits and sessions of a connection.
pub(crate) struct Registry {
    clock: Arc<dyn Clock>,
    circuits: Mutex<Circuits>,
    #[cfg(feature = "secure-conversation")]
    sessions: Mutex<Vec<OpenSession>>,
}

#[derive(Default)]
struct Circuits {
    known: HashMap<CircuitKey, Arc<CircuitState>>,
    /// How many there may be before those that are of no use are removed: twice as many as there were after the last time.
    most: usize,
}

/// The fewest circuits that are looked through for those that are of no use.
const FEW_CIRCUITS: usize = 64;

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

    /// The circuit of a credential, as seen by a client with this password, and how long it stays open.
    pub(crate) fn circuit(&self, key: CircuitKey, pause: Duration, password: Secret) -> Circuit {
        let mut circuits = lock(&self.circuits);
        let state = Arc::clone(circuits.known.entry(key).or_default());
        if circuits.known.len() > circuits.most {
            // A program may call for any number of users: only those in use or refused are kept.
            let now = self.clock.monotonic();
            circuits.known.retain(|_, known| Arc::strong_count(known) > 1 || known.left(now).is_some());
            circuits.most = FEW_CIRCUITS.max(2 * circuits.known.len());
        }
        Circuit::new(state, Arc::clone(&self.clock), pause, password)
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
        let session = Arc::new(Session::new(security, certificate.clone(), circuit, Arc::clone(&self.clock)));
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
        lock(&self.circuits).known.values().for_each(|known| known.close());
    }

    /// Closes all circuits of a user, in every role.
    pub(crate) fn reset_user(&self, user_name: Secret) {
        let user = Identity::User(user_name);
        let circuits = lock(&self.circuits);
        circuits.known.iter().filter(|(key, _)| key.identity == user).for_each(|(_, known)| known.close());
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
        f.debug_struct("Registry").field("circuits", &lock(&self.circuits).known.len()).finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "secure-conversation"))]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::client::auth::circuit::{Place, Verdict};
    use crate::client::auth::secure_conversation::token::{Life, SessionToken};
    use crate::schema::descriptor::AuthenticationScope;
    use crate::security::trust::context_token::{SecurityContextToken, TokenParts};
    use crate::security::trust::version::FEBRUARY_2005;

    #[derive(Debug)]
    struct Later(Mutex<Duration>);

    impl Clock for Later {
        fn now(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH + Duration::from_secs(1_750_000_000) + self.monotonic()
        }

        fn monotonic(&self) -> Duration {
            *lock(&self.0)
        }
    }

    fn clock() -> Arc<Later> {
        Arc::new(Later(Mutex::default()))
    }

    fn circuit(registry: &Registry, user: &str) -> Circuit {
        let url = Uri::from_static("https://localhost/");
        let place = Place::new(&url, AuthenticationScope::Endpoint);
        let key = CircuitKey { place, role: "", identity: Identity::User(user.into()) };
        registry.circuit(key, Duration::from_secs(60), "password".into())
    }

    async fn refuse(circuit: &Circuit) {
        circuit.admit(Duration::ZERO).await.expect("it is open").conclude(Verdict::Refused);
    }

    #[tokio::test]
    async fn circuits_are_kept_while_they_are_in_use_or_open() {
        let clock = clock();
        let registry = Registry::new(Arc::clone(&clock) as Arc<dyn Clock>);
        let used = circuit(&registry, "used");
        refuse(&circuit(&registry, "refused")).await;
        refuse(&used).await;
        let fill = || {
            let most = lock(&registry.circuits).most;
            (0..=most).for_each(|user| drop(circuit(&registry, &user.to_string())));
        };
        fill();
        assert!(circuit(&registry, "used").check().is_err() && circuit(&registry, "refused").check().is_err());
        assert!(lock(&registry.circuits).known.len() <= FEW_CIRCUITS);
        *lock(&clock.0) += Duration::from_secs(60);
        fill();
        let user = |name: &str| Identity::User(name.into());
        let known = lock(&registry.circuits);
        assert!(known.known.keys().any(|key| key.identity == user("used")));
        assert!(!known.known.keys().any(|key| key.identity == user("refused")));
    }

    /// Looking for those of no use takes as long, on average, as making those that are found.
    #[test]
    fn many_circuits_in_use_are_not_looked_through_for_each_other_one() {
        let registry = Registry::new(clock());
        let mut most = Vec::new();
        let used: Vec<_> = (0..10_000)
            .map(|user| {
                let circuit = circuit(&registry, &user.to_string());
                most.push(lock(&registry.circuits).most);
                circuit
            })
            .collect();
        most.dedup();
        assert!(most.len() < 10, "{most:?}");
        assert_eq!(lock(&registry.circuits).known.len(), used.len());
    }

    #[tokio::test]
    async fn a_user_is_reset_in_every_role_and_place() {
        let registry = Registry::new(clock());
        let urls = ["https://localhost/one", "https://localhost/two"].map(Uri::from_static);
        let circuits: Vec<_> = ["system", "enterprise"]
            .into_iter()
            .flat_map(|role| urls.each_ref().map(|url| (role, url)))
            .flat_map(|(role, url)| ["user", "other"].map(|user| (role, url, user)))
            .map(|(role, url, user)| {
                let place = Place::new(url, AuthenticationScope::Endpoint);
                let key = CircuitKey { place, role, identity: Identity::User(user.into()) };
                (user, registry.circuit(key, Duration::from_secs(60), "password".into()))
            })
            .collect();
        for (_, circuit) in &circuits {
            refuse(circuit).await;
        }
        registry.reset_user("user".into());
        assert_eq!(circuits.len(), 8);
        for (user, circuit) in circuits {
            assert_eq!(circuit.check().is_ok(), user == "user");
        }
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
            let circuit =
                Circuit::new(Arc::default(), Arc::clone(&clock) as Arc<dyn Clock>, Duration::ZERO, Secret::from(""));
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
