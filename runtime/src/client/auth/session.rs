//! A session with one endpoint: when a token is asked for, replaced, given up.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use crate::client::auth::circuit::Circuit;
use crate::client::auth::exchange;
use crate::client::auth::token::{ContextToken, IDLE};
use crate::client::post::Line;
use crate::client::retry::Patience;
use crate::error::{Delivery, Error, ErrorKind};
use crate::security::certificate::Certificate;
use crate::security::trust::version::Version;

/// How often a session may be started anew because a service finds fault with the security of a message, whose token
/// it accepted before. It may be wrong about the message, and then a new session does not help.
pub(crate) const REBOOTSTRAP_PAUSE: Duration = Duration::from_secs(60);

/// How long a token that could not be replaced in time is used before the next try.
pub(crate) const REISSUE_PAUSE: Duration = Duration::from_secs(60);

/// A session of one certificate with one endpoint; all clients of a connection share it.
///
/// Locks are held for moments only, but for `turn`: whoever holds that is talking to the token service.
pub(crate) struct Session {
    version: &'static Version,
    certificate: Certificate,
    /// The server keeps the session in its memory, and wants to be told when it is needed no more.
    pub(crate) held_in_memory: bool,
    pub(crate) circuit: Circuit,
    state: Mutex<State>,
    turn: tokio::sync::Mutex<()>,
    /// Attempts to get a token that have failed, and that have not: who waited for one of them shares its outcome.
    failures: AtomicU64,
    successes: AtomicU64,
}

#[derive(Default)]
struct State {
    token: Option<Arc<ContextToken>>,
    /// Not before this is a token replaced that is still good.
    next_reissue: Option<SystemTime>,
    /// When `InvalidSecurity` last started the session anew.
    rebootstrapped: Option<SystemTime>,
    /// Tokens that were replaced while calls were using them, at a server that wants to be told.
    retired: Vec<Arc<ContextToken>>,
    /// Why the last attempt failed.
    failure: Option<(ErrorKind, String)>,
}

/// What a call finds.
enum Finding {
    Good(Arc<ContextToken>),
    /// Good for now, and old enough to be replaced.
    Aging,
    None,
}

impl Session {
    pub(crate) fn new(version: &'static Version, certificate: Certificate, held_in_memory: bool) -> Self {
        Self {
            version,
            certificate,
            held_in_memory,
            circuit: Circuit::default(),
            state: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            failures: AtomicU64::new(0),
            successes: AtomicU64::new(0),
        }
    }

    pub(crate) fn version(&self) -> &'static Version {
        self.version
    }

    /// A token to call with. Any number of calls that need a new one make one exchange.
    ///
    /// # Errors
    /// There is none and none could be had: the call was not sent.
    pub(crate) async fn token(&self, line: &Line<'_>) -> Result<Arc<ContextToken>, Error> {
        let now = line.connection.now();
        self.circuit.check(now)?;
        self.certificate.check(now)?;
        let token = match self.find(now) {
            Finding::Good(token) => token,
            Finding::Aging => self.replace(line).await?,
            Finding::None => self.start(line).await?,
        };
        token.touch(now);
        Ok(token)
    }

    fn find(&self, now: SystemTime) -> Finding {
        let state = self.state();
        let Some(token) = state.token.as_ref().filter(|token| self.is_alive(token, now)) else { return Finding::None };
        let due = now >= token.life.reissue && state.next_reissue.is_none_or(|next| now >= next);
        if due { Finding::Aging } else { Finding::Good(Arc::clone(token)) }
    }

    fn is_alive(&self, token: &ContextToken, now: SystemTime) -> bool {
        now < token.life.end && !(self.held_in_memory && token.idle(now) > IDLE)
    }

    /// Gets a new token while the old one is good. Other calls go on with the old one meanwhile.
    async fn replace(&self, line: &Line<'_>) -> Result<Arc<ContextToken>, Error> {
        let old = || self.state().token.clone();
        let Ok(_turn) = self.turn.try_lock() else {
            return old().ok_or_else(Self::gone);
        };
        // Both may have changed since this call looked.
        let now = line.connection.now();
        self.circuit.check(now)?;
        if let Finding::Good(token) = self.find(now) {
            return Ok(token);
        }
        match self.issue(line).await {
            Ok(token) => Ok(token),
            // The circuit is open now, and the old token would only hide it.
            Err(error) if error.kind() == ErrorKind::Authentication => Err(error),
            Err(error) => {
                tracing::warn!(error = ?error.kind(), "a security token could not be replaced in time; the old one is used on");
                self.state().next_reissue = Some(line.connection.now() + REISSUE_PAUSE);
                old().ok_or(error)
            }
        }
    }

    /// Gets a token where there is none. Calls that come meanwhile wait, and share what comes of it.
    async fn start(&self, line: &Line<'_>) -> Result<Arc<ContextToken>, Error> {
        let (failures, successes) = (self.failures.load(Ordering::Acquire), self.successes.load(Ordering::Acquire));
        let _turn = self.turn.lock().await;
        if let Finding::Good(token) = self.find(line.connection.now()) {
            return Ok(token);
        }
        // Also one that did not live as long as its callers had to wait: else each would ask for another.
        if self.successes.load(Ordering::Acquire) > successes
            && let Some(token) = &self.state().token
        {
            return Ok(Arc::clone(token));
        }
        if self.failures.load(Ordering::Acquire) > failures
            && let Some((kind, what)) = &self.state().failure
        {
            return Err(Error::new(*kind, format!("not sent: another call could not start the session ({what})")));
        }
        // It may have opened after this call had passed it.
        self.circuit.check(line.connection.now())?;
        self.issue(line).await
    }

    fn gone() -> Error {
        Error::new(ErrorKind::Session, "not sent: the session ended at this moment")
    }

    /// Asks the token service, and again while it is too busy. The turn is held.
    async fn issue(&self, line: &Line<'_>) -> Result<Arc<ContextToken>, Error> {
        let mut patience = Patience::default();
        let outcome = loop {
            match exchange::issue(line, self.version, &self.certificate, self.held_in_memory).await {
                Ok(token) => break Ok(Arc::new(token)),
                Err(error) => match patience.after(&error, line.connection.random()) {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => break Err(error),
                },
            }
        };
        match outcome {
            Ok(token) => {
                self.install(&token, line.connection.now());
                self.cancel_retired(line).await;
                Ok(token)
            }
            Err(error) => Err(self.failed(error, line.connection.now())),
        }
    }

    pub(super) fn install(&self, token: &Arc<ContextToken>, now: SystemTime) {
        self.successes.fetch_add(1, Ordering::AcqRel);
        let mut state = self.state();
        let old = state.token.replace(Arc::clone(token));
        state.next_reissue = None;
        state.failure = None;
        if self.held_in_memory {
            state.retired.extend(old.filter(|old| self.is_alive(old, now)));
        }
    }

    fn failed(&self, error: Error, now: SystemTime) -> Error {
        if error.kind() == ErrorKind::Authentication {
            self.circuit.open(now);
        }
        self.state().failure = Some((error.kind(), error.to_string()));
        self.failures.fetch_add(1, Ordering::AcqRel);
        // What was sent is the request for a token. The call itself was not, and without a fault nobody answered it.
        let error = if error.fault().is_none() { error.delivered(Delivery::NotSent) } else { error };
        error.because("the session could not be started")
    }

    /// Gives a token up, if it is still the current one. Its cookies go with it.
    pub(crate) fn discard(&self, token: &Arc<ContextToken>) {
        let mut state = self.state();
        if state.token.as_ref().is_some_and(|current| Arc::ptr_eq(current, token)) {
            state.token = None;
        }
    }

    /// After `InvalidSecurity`: gives a token up that was good before, unless that happened a moment ago.
    ///
    /// Says whether another try makes sense: the token is given up, now or by another call.
    pub(crate) fn discard_suspect(&self, token: &Arc<ContextToken>, now: SystemTime) -> bool {
        if !token.is_proven() {
            return false;
        }
        let mut state = self.state();
        if !state.token.as_ref().is_some_and(|current| Arc::ptr_eq(current, token)) {
            return true;
        }
        let recently = |last: SystemTime| now < last + REBOOTSTRAP_PAUSE;
        if state.rebootstrapped.is_some_and(recently) {
            return false;
        }
        state.rebootstrapped = Some(now);
        state.token = None;
        true
    }

    /// Tells the server about tokens that no call uses any more. Failures only cost the server's memory, for minutes.
    async fn cancel_retired(&self, line: &Line<'_>) {
        let (unused, used) =
            std::mem::take(&mut self.state().retired).into_iter().partition(|token| Arc::strong_count(token) == 1);
        self.state().retired = used;
        self.cancel(line, unused).await;
    }

    /// Ends the session. The next call starts another one.
    pub(crate) async fn close(&self, line: &Line<'_>) {
        let _turn = self.turn.lock().await;
        let tokens = {
            let mut state = self.state();
            let mut tokens = std::mem::take(&mut state.retired);
            tokens.extend(state.token.take());
            tokens
        };
        if self.held_in_memory {
            let now = line.connection.now();
            let alive = tokens.into_iter().filter(|token| self.is_alive(token, now)).collect();
            self.cancel(line, alive).await;
        }
    }

    async fn cancel(&self, line: &Line<'_>, tokens: Vec<Arc<ContextToken>>) {
        for token in tokens {
            if let Err(error) = exchange::cancel(line, self.version, &token).await {
                tracing::info!(error = ?error.kind(), "a session could not be cancelled; its server will let it go by itself");
            }
        }
    }

    /// Whether a server holds a session that nobody told it to let go.
    pub(crate) fn is_held(&self, now: SystemTime) -> bool {
        self.held_in_memory && self.lives(now)
    }

    /// Whether nothing would be lost with it.
    pub(crate) fn is_over(&self, now: SystemTime) -> bool {
        !self.lives(now) && self.circuit.is_closed(now)
    }

    fn lives(&self, now: SystemTime) -> bool {
        let state = self.state();
        state.token.iter().chain(&state.retired).any(|token| self.is_alive(token, now))
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
