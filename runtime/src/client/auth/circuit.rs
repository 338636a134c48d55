//! A circuit breaker for a credential: its first try goes alone, and after a refusal it is not sent again for a while,
//! so that failures do not add up to a locked account.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Uri;
use tokio::sync::OwnedMutexGuard;
use tokio::time::timeout;

use crate::clock::Clock;
use crate::error::{Error, ErrorKind};
use crate::schema::descriptor::{self, AuthenticationScope};
use crate::secret::Secret;

/// How long calls are refused after a service has refused their credential, unless the contract's configuration or the
/// connection says otherwise: 5 min.
pub const AUTHENTICATION_PAUSE: Duration = Duration::from_secs(descriptor::AUTHENTICATION_PAUSE as u64);

/// Identifies a circuit: a credential, and where its refusal counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CircuitKey {
    pub(crate) place: Place,
    /// The account's name. The same user name in two roles is two credentials.
    pub(crate) role: &'static str,
    pub(crate) identity: Identity,
}

/// Where a refusal counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
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

impl Hash for Identity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::User(name) => name.expose().hash(state),
            #[cfg(feature = "secure-conversation")]
            Self::Certificate(thumbprint) => thumbprint.hash(state),
        }
    }
}

impl Place {
    pub(crate) fn new(url: &Uri, scope: AuthenticationScope) -> Self {
        match scope {
            AuthenticationScope::Endpoint => Self::Endpoint(url.clone()),
            AuthenticationScope::Host => {
                let scheme = url.scheme_str().unwrap_or_default().to_ascii_lowercase();
                let default_port = if scheme == "http" { 80 } else { 443 };
                let host = url.host().unwrap_or_default().to_ascii_lowercase();
                Self::Host { scheme, host, port: url.port_u16().unwrap_or(default_port) }
            }
        }
    }
}

/// What is known of a credential, shared by all clients that use it.
#[derive(Default)]
pub(crate) struct CircuitState {
    /// Locked by the call that tries a password alone. The lock is fair: it goes to the call that waited longest.
    first: Arc<tokio::sync::Mutex<()>>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// The password that the service accepted last, and the turn in which it was sent.
    accepted: Option<(Secret, u64)>,
    /// Until when calls are refused, by the monotonic clock.
    refused_until: Option<Duration>,
    /// The number of refusals and resets so far.
    turn: u64,
}

/// The circuit of a credential. Clones share its state.
#[derive(Clone)]
pub(crate) struct Circuit {
    state: Arc<CircuitState>,
    clock: Arc<dyn Clock>,
    /// How long it stays open. If zero it never opens, and nothing waits.
    pause: Duration,
    /// The password of this client. A certificate has none: its thumbprint says it all.
    password: Secret,
}

/// What the outcome of a message says about a credential in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accepted,
    Refused,
    /// Nothing: the network failed, the service was busy, its answer could not be read.
    None,
}

/// One message with a credential. Dropped without a verdict, it lets the next call try.
#[derive(Debug)]
#[must_use]
pub(crate) struct Trial {
    circuit: Circuit,
    /// The turn in which the message is sent.
    turn: u64,
    /// Keeps other calls with an unproven password waiting.
    alone: Option<OwnedMutexGuard<()>>,
}

impl Circuit {
    pub(crate) fn new(state: Arc<CircuitState>, clock: Arc<dyn Clock>, pause: Duration, password: Secret) -> Self {
        Self { state, clock, pause, password }
    }

    /// Refuses while the circuit is open, except for a password that the service has accepted.
    ///
    /// # Errors
    /// An [`Authentication`](ErrorKind::Authentication) error.
    #[cfg(feature = "secure-conversation")]
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.pass(&self.state.known()).map(drop)
    }

    /// Lets a message with the credential be sent: at once if the service has accepted the password before, else alone,
    /// after at most so much time.
    ///
    /// # Errors
    /// The circuit is open, or the call that tries the credential has not ended in time. Nothing is to be sent.
    pub(crate) async fn admit(&self, wait: Duration) -> Result<Trial, Error> {
        if let Some(trial) = self.pass(&self.state.known())? {
            return Ok(trial);
        }
        let alone = timeout(wait, Arc::clone(&self.state.first).lock_owned()).await;
        let alone = alone.map_err(|_| {
            let what = "not sent: another call tries these credentials first, and its outcome took longer than the reply \
                        time-out of this one";
            Error::new(ErrorKind::Transport, what)
        })?;
        let known = self.state.known();
        // Whoever was first may have settled it.
        Ok(self.pass(&known)?.unwrap_or_else(|| self.trial(&known, Some(alone))))
    }

    /// A trial that need not be alone, if there is one.
    fn pass(&self, known: &Known) -> Result<Option<Trial>, Error> {
        let is_accepted = known.accepted.as_ref().is_some_and(|(accepted, _)| *accepted == self.password);
        if is_accepted || self.pause.is_zero() {
            return Ok(Some(self.trial(known, None)));
        }
        let Some(left) = known.left(self.clock.monotonic()) else { return Ok(None) };
        let minutes = left.as_millis().div_ceil(60_000);
        Err(Error::new(
            ErrorKind::Authentication,
            format!(
                "not sent: the service has refused these credentials, and repeated failures lock the account; refused \
                 for {minutes} min more, or until Connection::reset_authentication"
            ),
        ))
    }

    fn trial(&self, known: &Known, alone: Option<OwnedMutexGuard<()>>) -> Trial {
        Trial { circuit: self.clone(), turn: known.turn, alone }
    }
}

impl Trial {
    /// Takes in the outcome of the message, and lets the next call try if that is still open.
    ///
    /// When a password that was accepted is changed at the service, any number of calls may be under way with the old
    /// one. The first refusal opens the circuit. The others do not count: they can't be taken back, they do not make the
    /// pause longer, and they do not shut out a new password after a reset. So "once" is a promise about what is sent
    /// after the first refusal, not about what was sent before.
    pub(crate) fn conclude(self, verdict: Verdict) {
        let Circuit { state, clock, pause, password } = &self.circuit;
        let mut known = state.known();
        let turn = match &known.accepted {
            Some((accepted, since)) if accepted == password => *since,
            _ => known.turn,
        };
        match verdict {
            Verdict::None => {}
            _ if self.turn < turn || pause.is_zero() => {}
            Verdict::Accepted if known.turn == self.turn => known.accepted = Some((password.clone(), self.turn)),
            Verdict::Accepted => {}
            Verdict::Refused => {
                known.accepted.take_if(|(accepted, _)| accepted == password);
                known.refused_until = clock.monotonic().checked_add(*pause).or(Some(Duration::MAX));
                known.turn += 1;
            }
        }
        // The next call looks at what is known as soon as it may try.
        drop(known);
        drop(self.alone);
    }
}

impl CircuitState {
    /// Time until calls are let through again, if the circuit is open.
    pub(crate) fn left(&self, now: Duration) -> Option<Duration> {
        self.known().left(now)
    }

    /// Lets calls through again. Outcomes of messages that were sent before do not count any more.
    pub(crate) fn close(&self) {
        let mut known = self.known();
        known.refused_until = None;
        known.turn += 1;
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn left(&self, now: Duration) -> Option<Duration> {
        self.refused_until?.checked_sub(now).filter(|left| !left.is_zero())
    }
}

impl fmt::Debug for Circuit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let never_opened = self.state.known().refused_until.is_none();
        f.write_str(if never_opened { "Circuit(closed)" } else { "Circuit(was opened)" })
    }
}

#[cfg(test)]
mod tests {
    use std::pin::{Pin, pin};
    use std::task::{Context, Poll, Waker};
    use std::time::SystemTime;

    use tokio::task::unconstrained;

    use super::*;

    const WAIT: Duration = Duration::from_secs(100);
    const PAUSE: u64 = 3600;

    /// A clock that is set by hand, in seconds.
    #[derive(Debug, Default)]
    struct Hand(Mutex<u64>);

    impl Clock for Hand {
        fn now(&self) -> SystemTime {
            panic!("the time of day is nothing to go by")
        }

        fn monotonic(&self) -> Duration {
            Duration::from_secs(*self.0.lock().unwrap())
        }
    }

    /// Clients of one user, each with its password.
    #[derive(Default)]
    struct Bench {
        state: Arc<CircuitState>,
        clock: Arc<Hand>,
    }

    impl Bench {
        fn client(&self, password: &str) -> Circuit {
            self.paused(password, PAUSE)
        }

        fn paused(&self, password: &str, seconds: u64) -> Circuit {
            let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
            Circuit::new(Arc::clone(&self.state), clock, Duration::from_secs(seconds), password.into())
        }

        fn pass(&self, seconds: u64) {
            *self.clock.0.lock().unwrap() += seconds;
        }
    }

    fn poll<F: Future>(future: Pin<&mut F>) -> Option<F::Output> {
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }

    /// What a call is told at once, if it need not wait.
    fn at_once(circuit: &Circuit) -> Option<Result<Trial, Error>> {
        poll(pin!(circuit.admit(WAIT)))
    }

    fn sent(circuit: &Circuit) -> Trial {
        at_once(circuit).expect("it waits").expect("it is refused")
    }

    fn is_refused(circuit: &Circuit) -> bool {
        at_once(circuit).expect("it waits").is_err_and(|error| error.kind() == ErrorKind::Authentication)
    }

    #[tokio::test]
    async fn the_first_goes_alone_and_its_success_lets_all_go() {
        let bench = Bench::default();
        let client = bench.client("right");
        let first = sent(&client);
        // Without tokio's turns, in which a task that does so much at once has to pause.
        let mut waiting: Vec<_> = (0..1000).map(|_| Box::pin(unconstrained(client.admit(WAIT)))).collect();
        assert!(waiting.iter_mut().all(|call| poll(call.as_mut()).is_none()));
        first.conclude(Verdict::Accepted);
        // None of them keeps the others waiting, however long its own message takes.
        let trials: Vec<_> = waiting.iter_mut().map(|call| poll(call.as_mut()).unwrap().unwrap()).collect();
        assert!(trials.iter().all(|trial| trial.alone.is_none()));
        assert!(sent(&client).alone.is_none());
    }

    #[tokio::test]
    async fn the_failure_of_the_first_is_that_of_all() {
        let bench = Bench::default();
        let first = sent(&bench.client("wrong"));
        let (one, two) = (bench.client("wrong"), bench.client("other"));
        let mut waiting: Vec<_> = [&one, &two].map(|client| Box::pin(client.admit(WAIT))).into();
        assert!(waiting.iter_mut().all(|call| poll(call.as_mut()).is_none()));
        first.conclude(Verdict::Refused);
        for call in &mut waiting {
            let error = poll(call.as_mut()).unwrap().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Authentication);
        }
        assert!(is_refused(&one) && is_refused(&two));
    }

    #[tokio::test]
    async fn a_first_without_a_verdict_or_an_end_hands_on() {
        let bench = Bench::default();
        let client = bench.client("right");
        let (first, mut second, mut third, mut fourth) =
            (sent(&client), pin!(client.admit(WAIT)), Box::pin(client.admit(WAIT)), pin!(client.admit(WAIT)));
        assert!([poll(second.as_mut()), poll(third.as_mut()), poll(fourth.as_mut())].iter().all(Option::is_none));
        first.conclude(Verdict::None);
        let second = poll(second.as_mut()).unwrap().unwrap();
        assert!(second.alone.is_some() && poll(third.as_mut()).is_none() && poll(fourth.as_mut()).is_none());
        // Its future is dropped, and so is that of the next in line.
        drop(second);
        drop(third);
        assert!(poll(fourth.as_mut()).unwrap().unwrap().alone.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_longer_than_for_a_reply() {
        let bench = Bench::default();
        let client = bench.client("right");
        let first = sent(&client);
        let began = tokio::time::Instant::now();
        let error = client.admit(WAIT).await.unwrap_err();
        assert_eq!((error.kind(), began.elapsed().as_secs()), (ErrorKind::Transport, WAIT.as_secs()));
        assert!(error.to_string().contains("not sent"), "{error}");
        first.conclude(Verdict::Accepted);
        sent(&client).conclude(Verdict::Accepted);
    }

    #[tokio::test]
    async fn after_the_pause_the_first_goes_alone_again() {
        let bench = Bench::default();
        let client = bench.client("wrong");
        sent(&client).conclude(Verdict::Refused);
        bench.pass(PAUSE - 60);
        let error = client.check().unwrap_err();
        assert!(error.to_string().contains("1 min more"), "{error}");
        bench.pass(60);
        let first = sent(&client);
        assert!(at_once(&client).is_none());
        first.conclude(Verdict::Refused);
        bench.pass(PAUSE - 1);
        assert!(is_refused(&client));
    }

    #[tokio::test]
    async fn an_accepted_password_is_not_shut_by_the_refusal_of_another() {
        let bench = Bench::default();
        let (right, wrong, new) = (bench.client("right"), bench.client("wrong"), bench.client("new"));
        sent(&right).conclude(Verdict::Accepted);
        sent(&wrong).conclude(Verdict::Refused);
        sent(&right).conclude(Verdict::Accepted);
        assert!(is_refused(&wrong) && is_refused(&new), "the account is not to be locked by more tries");
        // It has been changed at the service.
        sent(&right).conclude(Verdict::Refused);
        assert!(is_refused(&right));
        bench.state.close();
        sent(&new).conclude(Verdict::Accepted);
        sent(&right).conclude(Verdict::Refused);
        sent(&new).conclude(Verdict::Accepted);
    }

    /// The old password is in many calls when it is changed.
    #[tokio::test]
    async fn calls_under_way_do_not_count() {
        let bench = Bench::default();
        let (old, new) = (bench.client("old"), bench.client("new"));
        sent(&old).conclude(Verdict::Accepted);
        let mut under_way: Vec<_> = (0..5).map(|_| sent(&old)).collect();
        under_way.pop().unwrap().conclude(Verdict::Refused);
        // They do not make the pause longer, …
        bench.pass(PAUSE - 1);
        under_way.pop().unwrap().conclude(Verdict::Refused);
        assert!(is_refused(&old));
        bench.pass(1);
        // … do not shut out the new password after the pause or a reset, …
        let first = sent(&new);
        under_way.pop().unwrap().conclude(Verdict::Refused);
        bench.state.close();
        under_way.pop().unwrap().conclude(Verdict::Refused);
        first.conclude(Verdict::None);
        sent(&new).conclude(Verdict::Accepted);
        // … and do not prove the old one, which was good when they were received.
        under_way.pop().unwrap().conclude(Verdict::Accepted);
        sent(&new).conclude(Verdict::Accepted);
        assert!(sent(&old).alone.is_some());
    }

    /// A refusal of the one password that is known to be good counts, also where another one was refused meanwhile.
    #[tokio::test]
    async fn a_password_that_was_good_is_refused_once() {
        let bench = Bench::default();
        let (right, wrong) = (bench.client("right"), bench.client("wrong"));
        sent(&right).conclude(Verdict::Accepted);
        let under_way = sent(&right);
        sent(&wrong).conclude(Verdict::Refused);
        under_way.conclude(Verdict::Refused);
        assert!(is_refused(&right));
    }

    #[tokio::test]
    async fn a_pause_of_none_never_opens_and_lets_nobody_wait() {
        let bench = Bench::default();
        let client = bench.paused("wrong", 0);
        let (one, two) = (sent(&client), sent(&client));
        one.conclude(Verdict::Refused);
        two.conclude(Verdict::Refused);
        sent(&client).conclude(Verdict::Refused);
    }

    #[test]
    fn a_host_is_scheme_name_and_port() {
        let place = |url: &str, scope| Place::new(&Uri::try_from(url).unwrap(), scope);
        let host = |url| place(url, AuthenticationScope::Host);
        assert_eq!(host("https://a.example/one"), host("https://A.example:443/two?q"));
        assert_ne!(host("https://a.example/one"), host("https://a.example:8443/one"));
        assert_ne!(host("https://a.example/one"), host("http://a.example:443/one"));
        let endpoint = |url| place(url, AuthenticationScope::Endpoint);
        assert_ne!(endpoint("https://a.example/one"), endpoint("https://a.example/two"));
    }

    #[test]
    fn a_credential_is_a_user_in_a_role_at_a_place() {
        let url = Uri::from_static("https://a.example/one");
        let key = |role, user: &str| CircuitKey {
            place: Place::new(&url, AuthenticationScope::Host),
            role,
            identity: Identity::User(user.into()),
        };
        assert_eq!(key("system", "user"), key("system", "user"));
        assert_ne!(key("system", "user"), key("enterprise", "user"));
        assert_ne!(key("system", "user"), key("system", "other"));
    }
}
