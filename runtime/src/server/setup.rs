//! How a service is set up.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;

use crate::clock::Clock;
use crate::limits::Limits;
use crate::random::Random;
#[cfg(feature = "secure-conversation")]
use crate::server::auth::secure_conversation::sessions::Sessions;
use crate::server::auth::users::PasswordProof;
use crate::server::service::Service;
use crate::server::settings::Settings;
use crate::value::spill::Spill;

impl Service {
    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }

    /// Says which users are accepted, on a port whose policy asks for a user name and a password (UsernameToken, HTTP Basic).
    /// Without it such a port accepts nobody.
    ///
    /// ```
    /// # use soap_runtime::server::Service;
    /// # fn example(service: Service) -> Service {
    /// service.users(|user, password| async move { user == "shop" && password.is("secret") })
    /// # }
    /// ```
    #[must_use]
    pub fn users<F>(self, accepts: impl Fn(String, PasswordProof) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = bool> + Send + 'static,
    {
        self.set(|settings| settings.auth.users = Some(Arc::new(move |user, proof| Box::pin(accepts(user, proof)))))
    }

    /// Says which certificates, in DER, are accepted: those that begin a session (WS-SecureConversation), and those that are
    /// shown in TLS where the policy asks for one. Without it none is. That the caller has the key has been proved.
    ///
    /// ```
    /// # use soap_runtime::server::Service;
    /// # fn example(service: Service, known: Vec<Vec<u8>>) -> Service {
    /// service.certificates(move |der| known.iter().any(|known| known == der))
    /// # }
    /// ```
    #[must_use]
    pub fn certificates(self, accepts: impl Fn(&[u8]) -> bool + Send + Sync + 'static) -> Self {
        self.set(|settings| settings.auth.certificates = Some(Arc::new(accepts)))
    }

    /// The sessions of callers, which services may share. Otherwise each service has its own.
    #[cfg(feature = "secure-conversation")]
    #[must_use]
    pub fn sessions(self, sessions: Sessions) -> Self {
        self.set(|settings| settings.auth.sessions = sessions)
    }

    /// Limits on requests. [`Limits::reply_bytes`] is the limit on a request here.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        self.set(|settings| settings.limits = limits)
    }

    /// Keeps parts of a package and other binary content over so many octets in files in this folder, not in memory:
    /// [`ConnectionBuilder::spill_parts`](crate::ConnectionBuilder::spill_parts), for requests. Without it all of it is in memory.
    #[must_use]
    pub fn spill_parts(self, over: usize, folder: impl Into<PathBuf>) -> Self {
        self.set(|settings| settings.spill = Some(Arc::new(Spill { over, folder: folder.into() })))
    }

    /// The longest time from the head of a request to the end of its body, for requests that no handler reads as a stream.
    #[must_use]
    pub fn transfer_timeout(self, time: Duration) -> Self {
        self.set(|settings| settings.time.transfer_timeout = time)
    }

    /// The longest time that a handler may take until it answers, the time included in which it reads a stream of the request.
    /// Then it is dropped, and the caller is told that the service failed. Otherwise a handler takes as long as it does.
    #[must_use]
    pub fn handler_timeout(self, time: Duration) -> Self {
        self.set(|settings| settings.handler_timeout = Some(time))
    }

    /// Scheme, host and port under which callers know the service, where a gateway stands before it. The contract that it
    /// answers with names them. Otherwise they are those of each request.
    #[must_use]
    pub fn public_url(self, url: Uri) -> Self {
        self.set(|settings| settings.public_url = Some(url))
    }

    /// Takes messages whatever endpoint their `wsa:To` names. Otherwise its path has to be the one of the request.
    #[must_use]
    pub fn any_destination(self) -> Self {
        self.set(|settings| settings.checks_to = false)
    }

    /// Takes the time from here, for tests.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        self.set(|settings| settings.clock = clock)
    }

    /// Takes random octets from here, for tests.
    #[must_use]
    pub fn random(self, random: Arc<dyn Random>) -> Self {
        self.set(|settings| settings.random = random)
    }
}
