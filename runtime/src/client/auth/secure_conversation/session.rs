//! A session with one endpoint: when its token is requested, replaced and discarded.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::timeout;

use crate::client::auth::circuit::{Circuit, Verdict};
use crate::client::auth::scheme::ReplySecurity;
use crate::client::auth::secure_conversation::exchange;
use crate::client::auth::secure_conversation::token::{IDLE, Life, SessionToken};
use crate::client::history::History;
use crate::client::post::Endpoint;
use crate::client::retry::BusyRetry;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind};
use crate::schema::descriptor::Security;
use crate::security::certificate::Certificate;
use crate::security::trust::version::{FEBRUARY_2005, VERSION_1_3, Version};

/// Least time between two sessions that are started because of `InvalidSecurity` for a token that was accepted before.
/// If the fault has another cause, a new session does not help.
pub(crate) const REBOOTSTRAP_PAUSE: Duration = Duration::from_secs(60);

/// How long a token that could not be replaced in time is used before the next attempt.
pub(crate) const REISSUE_PAUSE: Duration = Duration::from_secs(60);

/// A session of one certificate with one endpoint; all clients of a connection share it.
///
/// Locks are held briefly, except `issuing`, which is held during the exchange with the token service.
pub(crate) struct Session {
    security: Security,
    certificate: Certificate,
    circuit: Circuit,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    issuing: tokio::sync::Mutex<()>,
    /// Attempts to get a token that have failed, and that have succeeded: calls that waited for one share its outcome.
    failures: AtomicU64,
    successes: AtomicU64,
}

#[derive(Default)]
struct State {
    token: Option<Arc<SessionToken>>,
    /// The earliest time of the next attempt to replace a token that is still good, by the monotonic clock.
    next_reissue: Option<Duration>,
    /// When `InvalidSecurity` last led to a new token, by the monotonic clock.
    rebootstrapped: Option<Duration>,
    /// Tokens that were replaced while calls were using them, and whose server is still to be sent a Cancel.
    retired: Vec<Arc<SessionToken>>,
    /// Why the last attempt failed.
    failure: Option<Error>,
}

/// The token available to a call.
enum Current {
    Good(Arc<SessionToken>),
    /// Valid, but old enough to be replaced.
    Aging,
    None,
}

impl Session {
    pub(crate) fn new(security: Security, certificate: Certificate, circuit: Circuit, clock: Arc<dyn Clock>) -> Self {
        Self {
            security,
            certificate,
            circuit,
            clock,
            state: Mutex::default(),
            issuing: tokio::sync::Mutex::default(),
            failures: AtomicU64::new(0),
            successes: AtomicU64::new(0),
        }
    }

    pub(super) fn version(&self) -> &'static Version {
        if self.security.version_1_3 { &VERSION_1_3 } else { &FEBRUARY_2005 }
    }

    /// The server keeps the session in its memory until it is cancelled, and not in a cookie.
    pub(super) fn is_held_by_server(&self) -> bool {
        !self.security.must_not_cancel
    }

    pub(super) fn reply_security(&self) -> ReplySecurity {
        ReplySecurity::with_timestamp(self.security.timestamp)
    }

    /// A token for a call. Concurrent calls that need a new one share one exchange.
    ///
    /// # Errors
    /// There is no token and none could be obtained. The call was not sent.
    pub(super) async fn token(&self, endpoint: &Endpoint<'_>) -> Result<Arc<SessionToken>, Error> {
        let now = endpoint.settings.now();
        self.circuit.check()?;
        self.certificate.check(now)?;
        let token = match self.current(now) {
            Current::Good(token) => token,
            Current::Aging => self.replace(endpoint).await?,
            Current::None => self.start(endpoint).await?,
        };
        token.touch(now);
        Ok(token)
    }

    fn current(&self, now: SystemTime) -> Current {
        let Some(token) = self.usable(now) else { return Current::None };
        let is_time = |next| self.clock.monotonic() >= next;
        let due = now >= token.life.reissue && self.state().next_reissue.is_none_or(is_time);
        if due { Current::Aging } else { Current::Good(token) }
    }

    /// The token, whether it is to be replaced or not.
    fn usable(&self, now: SystemTime) -> Option<Arc<SessionToken>> {
        self.state().token.clone().filter(|token| self.is_good(token, now))
    }

    fn is_good(&self, token: &SessionToken, now: SystemTime) -> bool {
        now < token.life.end && !(self.is_held_by_server() && token.idle(now) > IDLE)
    }

    /// Requests a new token while the old one is valid. Other calls use the old one meanwhile.
    async fn replace(&self, endpoint: &Endpoint<'_>) -> Result<Arc<SessionToken>, Error> {
        let Ok(_issuing) = self.issuing.try_lock() else {
            // Another call is replacing it. If the old one has been discarded meanwhile, this call has to wait.
            return match self.usable(endpoint.settings.now()) {
                Some(token) => Ok(token),
                None => self.start(endpoint).await,
            };
        };
        // Both may have changed since this call looked.
        self.circuit.check()?;
        if let Current::Good(token) = self.current(endpoint.settings.now()) {
            return Ok(token);
        }
        match self.issue(endpoint).await {
            Ok(token) => Ok(token),
            // The circuit is open now, and the old token would only hide it.
            Err(error) if error.kind() == ErrorKind::Authentication => Err(error),
            Err(error) => {
                tracing::warn!(error = ?error.kind(), "a security token could not be replaced in time; the old one is used on");
                self.state().next_reissue = Some(self.clock.monotonic() + REISSUE_PAUSE);
                self.usable(endpoint.settings.now()).ok_or(error)
            }
        }
    }

    /// Requests the first token. Calls that need one meanwhile wait, for no longer than for their reply, and share the
    /// outcome.
    async fn start(&self, endpoint: &Endpoint<'_>) -> Result<Arc<SessionToken>, Error> {
        let (failures, successes) = (self.failures.load(Ordering::Acquire), self.successes.load(Ordering::Acquire));
        let issuing = timeout(endpoint.reply_timeout, self.issuing.lock()).await;
        let _issuing = issuing.map_err(|_| {
            let what =
                "not sent: another call starts the session, and that took longer than the reply time-out of this one";
            Error::new(ErrorKind::Transport, what)
        })?;
        if let Current::Good(token) = self.current(endpoint.settings.now()) {
            return Ok(token);
        }
        // Even one that expired while its callers waited: otherwise each of them would request another.
        if self.successes.load(Ordering::Acquire) > successes
            && let Some(token) = &self.state().token
        {
            return Ok(Arc::clone(token));
        }
        if self.failures.load(Ordering::Acquire) > failures
            && let Some(error) = &self.state().failure
        {
            return Err(error.again().with_context("not sent: another call could not start the session"));
        }
        // It may have opened after this call looked at it.
        self.circuit.check()?;
        self.issue(endpoint).await
    }

    /// Requests a token, and retries while the service is too busy. `issuing` is locked. A certificate that no service has
    /// accepted yet is sent by one session alone: endpoints of one host may share a circuit.
    async fn issue(&self, endpoint: &Endpoint<'_>) -> Result<Arc<SessionToken>, Error> {
        let trial = self.circuit.admit(endpoint.reply_timeout).await?;
        let mut history = History::default();
        let mut busy = BusyRetry::default();
        let outcome = loop {
            match exchange::issue(endpoint, self.version(), &self.certificate, self.reply_security()).await {
                Ok(issued) => break Ok(issued),
                Err(error) => match busy.pause_after(&error, endpoint.settings.random()) {
                    Some(pause) => {
                        history.add(error);
                        tokio::time::sleep(pause).await;
                    }
                    None => break Err(history.end(error)),
                },
            }
        };
        // Only the service itself can say that the certificate is accepted.
        let is_refused = outcome.as_ref().is_err_and(|error| error.kind() == ErrorKind::Authentication);
        trial.conclude(if is_refused { Verdict::Refused } else { Verdict::None });
        match outcome {
            Ok((issued, headers)) => {
                let now = endpoint.settings.now();
                let life = Life::new(now, issued.life, self.is_held_by_server());
                let token = Arc::new(SessionToken::new(issued.token, issued.key, life, now));
                token.jar.learn(&headers, now);
                let is_first = self.state().token.is_none();
                self.install(&token, now);
                let lifetime_s = issued.life.as_secs();
                let server = endpoint.url.host();
                match is_first {
                    true => tracing::debug!(server.address = server, lifetime_s, "a session was issued"),
                    false => tracing::debug!(server.address = server, lifetime_s, "a session was reissued"),
                }
                self.cancel_retired(endpoint).await;
                Ok(token)
            }
            Err(error) => Err(self.failed(error)),
        }
    }

    pub(crate) fn install(&self, token: &Arc<SessionToken>, now: SystemTime) {
        self.successes.fetch_add(1, Ordering::AcqRel);
        let mut state = self.state();
        let old = state.token.replace(Arc::clone(token));
        state.next_reissue = None;
        state.failure = None;
        if self.is_held_by_server() {
            state.retired.extend(old.filter(|old| self.is_good(old, now)));
        }
    }

    fn failed(&self, error: Error) -> Error {
        self.state().failure = Some(error.again());
        self.failures.fetch_add(1, Ordering::AcqRel);
        error.with_context("the session could not be started")
    }

    /// Discards a token with its cookies, if it is still the current one.
    pub(super) fn discard(&self, token: &Arc<SessionToken>) {
        let mut state = self.state();
        if state.token.as_ref().is_some_and(|current| Arc::ptr_eq(current, token)) {
            state.token = None;
            tracing::debug!("a session was dropped: the service does not know it any more");
        }
    }

    /// After `InvalidSecurity`: discards a token that was accepted before, unless that happened less than a minute ago.
    ///
    /// Returns whether another try makes sense: the token is discarded, now or by another call.
    pub(super) fn discard_suspect(&self, token: &Arc<SessionToken>) -> bool {
        if !token.is_proven() {
            return false;
        }
        let mut state = self.state();
        if !state.token.as_ref().is_some_and(|current| Arc::ptr_eq(current, token)) {
            return true;
        }
        let now = self.clock.monotonic();
        let recently = |last: Duration| now < last + REBOOTSTRAP_PAUSE;
        if state.rebootstrapped.is_some_and(recently) {
            return false;
        }
        state.rebootstrapped = Some(now);
        state.token = None;
        tracing::debug!("a session was dropped: the service refuses its token, which was good before");
        true
    }

    /// Cancels the replaced tokens that no call uses any more. If that fails, the server keeps them until they time
    /// out.
    async fn cancel_retired(&self, endpoint: &Endpoint<'_>) {
        let (unused, used) =
            std::mem::take(&mut self.state().retired).into_iter().partition(|token| Arc::strong_count(token) == 1);
        self.state().retired = used;
        self.cancel(endpoint, unused).await;
    }

    /// Ends the session. The next call starts another one.
    pub(crate) async fn close(&self, endpoint: &Endpoint<'_>) {
        let _issuing = self.issuing.lock().await;
        let tokens = {
            let mut state = self.state();
            let mut tokens = std::mem::take(&mut state.retired);
            tokens.extend(state.token.take());
            tokens
        };
        if self.is_held_by_server() {
            let now = endpoint.settings.now();
            let alive = tokens.into_iter().filter(|token| self.is_good(token, now)).collect();
            self.cancel(endpoint, alive).await;
        }
    }

    async fn cancel(&self, endpoint: &Endpoint<'_>, tokens: Vec<Arc<SessionToken>>) {
        for token in tokens {
            match exchange::cancel(endpoint, self.version(), &token, self.reply_security()).await {
                Ok(()) => tracing::debug!(server.address = endpoint.url.host(), "a session was cancelled"),
                Err(error) => {
                    tracing::info!(error = ?error.kind(), "a session could not be cancelled; its server will let it go by itself");
                }
            }
        }
    }

    /// Whether the server holds a session that has not been cancelled.
    pub(crate) fn needs_cancel(&self, now: SystemTime) -> bool {
        self.is_held_by_server() && self.is_alive(now)
    }

    /// Whether it has a token that can still be used.
    pub(crate) fn is_alive(&self, now: SystemTime) -> bool {
        let state = self.state();
        state.token.iter().chain(&state.retired).any(|token| self.is_good(token, now))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("certificate", &self.certificate)
            .field("token", &self.state().token)
            .field("circuit", &self.circuit)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use http::Uri;

    use super::*;
    use crate::client::connection::Connection;
    use crate::clock::SystemClock;
    use crate::message::addressing::Edition;
    use crate::schema::descriptor::Replies;
    use crate::secret::Secret;
    use crate::security::trust::context_token::{SecurityContextToken, TokenParts};
    use crate::soap::SoapVersion;
    use crate::transport::{BoxFuture, Request, Response, Transport, TransportError};

    /// A network that must not be used.
    #[derive(Debug)]
    struct Unused;

    impl Transport for Unused {
        fn send(&self, _: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
            Box::pin(async { panic!("a request") })
        }
    }

    fn certificate() -> Certificate {
        let file = |name: &str| {
            std::fs::read(format!("{}/../tests/fixtures/security/vectors/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
        };
        Certificate::from_pem(file("test-cert.pem"), file("test-key.pem")).unwrap()
    }

    /// A call that finds an ageing token, which another call is replacing and which is given up at that moment.
    #[tokio::test]
    async fn a_call_waits_for_the_token_that_another_call_gets() {
        let connection = Connection::builder("https://localhost").transport(Unused).build().unwrap();
        let url = Uri::from_static("https://localhost/");
        let endpoint = Endpoint {
            settings: connection.settings(),
            url: &url,
            to: "https://localhost/",
            soap: SoapVersion::Soap12,
            addressing: Some(Edition::V1),
            soap_action: None,
            replies: Replies::Wcf,
            http_headers: &http::HeaderMap::new(),
            log: None,
            reply_timeout: Duration::from_secs(1),
            transfer_timeout: Duration::from_secs(1),
        };
        let clock = Arc::new(SystemClock) as Arc<dyn Clock>;
        let circuit = Circuit::new(Arc::default(), Arc::clone(&clock), Duration::ZERO, Secret::from(""));
        let session = Session::new(Security::secure_conversation(), certificate(), circuit, clock);
        let issuing = session.issuing.try_lock().unwrap();
        let mut waiting = pin!(session.replace(&endpoint));
        let mut context = Context::from_waker(Waker::noop());
        assert!(waiting.as_mut().poll(&mut context).is_pending());

        let now = connection.settings().now();
        let wire = SecurityContextToken::new(session.version(), TokenParts::default());
        let life = Life::new(now, Duration::from_secs(3600), true);
        let token = Arc::new(SessionToken::new(wire, Vec::new().into(), life, now));
        session.install(&token, now);
        drop(issuing);
        let Poll::Ready(Ok(found)) = waiting.poll(&mut context) else { panic!("no token") };
        assert!(Arc::ptr_eq(&found, &token));
    }
}
