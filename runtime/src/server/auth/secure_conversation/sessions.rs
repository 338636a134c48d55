//! The sessions of a service: in its memory, or in the cookies of their tokens.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use zeroize::Zeroizing;

use crate::error::Error;
use crate::random::Random;
use crate::security::timestamp::CLOCK_SKEW;
use crate::security::username_token::no_random;
use crate::server::auth::secure_conversation::seal::{SEAL_KEY, Seal};

/// The sessions (WS-SecureConversation) of one or several services, which share them: a token that one issues is good at
/// all of them. Cheap to clone.
///
/// Where the policy forbids to cancel a session (`MustNotSendCancel`), everything about it is in the cookie of its token,
/// and the service remembers nothing; else it is in memory, and lost with it.
///
/// ```
/// use std::time::Duration;
/// use soap_runtime::server::{Service, Sessions};
///
/// # fn example(orders: Service, invoices: Service) -> (Service, Service) {
/// let sessions = Sessions::default().life(Duration::from_secs(3600));
/// (orders.sessions(sessions.clone()), invoices.sessions(sessions))
/// # }
/// ```
#[derive(Clone)]
pub struct Sessions {
    life: Duration,
    idle: Duration,
    most: usize,
    takes_derived_keys: bool,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    seal: OnceLock<Seal>,
    open: Mutex<HashMap<String, Session>>,
    #[cfg(feature = "test-util")]
    installed: Mutex<Vec<(Vec<u8>, Session)>>,
}

/// What is known of a session.
#[derive(Clone)]
pub(super) struct Session {
    /// `u:Id` of its token, which every message repeats.
    pub(super) id: String,
    pub(super) identifier: String,
    /// Of its key, once it has been renewed.
    pub(super) instance: Option<String>,
    pub(super) key: Zeroizing<Vec<u8>>,
    pub(super) created: SystemTime,
    pub(super) expires: SystemTime,
    /// Of its caller, in DER.
    pub(super) certificate: Arc<[u8]>,
    /// The instance and the key before a renewal, and until when they are taken.
    before: Option<(Option<String>, Zeroizing<Vec<u8>>, SystemTime)>,
    used: SystemTime,
}

/// Life of a session, as in .NET.
const LIFE: Duration = Duration::from_secs(10 * 3600);
/// So that its end is a time that XML can name.
const LONGEST_LIFE: Duration = Duration::from_secs(10 * 365 * 24 * 3600);
/// How long a session in memory may be silent, as in WCF.
const IDLE: Duration = Duration::from_secs(2 * 60);
/// Most sessions in memory.
const MOST: usize = 10_000;
/// How long the key before a renewal is taken, as in WCF.
const ROLLOVER: Duration = Duration::from_secs(5 * 60);

impl Default for Sessions {
    fn default() -> Self {
        Self { life: LIFE, idle: IDLE, most: MOST, takes_derived_keys: false, state: Arc::default() }
    }
}

impl Sessions {
    /// How long a token is good, at most ten years. 10 hours unless it is set.
    #[must_use]
    pub fn life(mut self, life: Duration) -> Self {
        self.life = life.min(LONGEST_LIFE);
        self
    }

    /// How long a session in memory may be silent. 2 minutes unless it is set.
    #[must_use]
    pub fn idle(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self
    }

    /// Most sessions in memory, 10 000 unless it is set. Beyond it new ones are refused as too many.
    #[must_use]
    pub fn most(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    /// Takes messages that are signed with a key derived from the one of the session. WCF refuses them over TLS, and so does
    /// this unless it is set; CXF sends them where a policy says `RequireDerivedKeys`.
    #[must_use]
    pub fn derived_keys(mut self) -> Self {
        self.takes_derived_keys = true;
        self
    }

    /// The secret that cookies are sealed with, 32 random octets, so that several processes or restarts share sessions.
    /// Otherwise each has one of its own.
    #[must_use]
    pub fn seal_key(self, key: &[u8; SEAL_KEY]) -> Self {
        if let Some(seal) = Seal::new(key) {
            let _ = self.state.seal.set(seal);
        }
        self
    }

    pub(super) fn takes_derived_keys(&self) -> bool {
        self.takes_derived_keys
    }

    /// A new session, which has begun now.
    pub(super) fn begun(
        &self,
        names: (String, String),
        key: Zeroizing<Vec<u8>>,
        certificate: Arc<[u8]>,
        now: SystemTime,
    ) -> Session {
        let (id, identifier) = names;
        let expires = now + self.life;
        Session { id, identifier, instance: None, key, created: now, expires, certificate, before: None, used: now }
    }

    /// Keeps a session in memory. `false` if there are too many.
    pub(super) fn keep(&self, session: Session) -> bool {
        let mut open = self.open();
        if open.len() >= self.most {
            let now = session.created;
            open.retain(|_, session| self.is_alive(session, now));
        }
        let fits = open.len() < self.most;
        if fits {
            open.insert(session.identifier.clone(), session);
        }
        fits
    }

    /// The session of a token in memory.
    pub(super) fn find(&self, identifier: &str, now: SystemTime) -> Option<Session> {
        let mut open = self.open();
        let session = open.get(identifier)?;
        if !self.is_alive(session, now) {
            open.remove(identifier);
            return None;
        }
        Some(session.clone())
    }

    /// A message of this session has come, and its signature is right.
    pub(super) fn used(&self, identifier: &str, now: SystemTime) {
        if let Some(session) = self.open().get_mut(identifier) {
            session.used = now;
        }
    }

    /// Ends a session.
    pub(super) fn end(&self, identifier: &str) {
        self.open().remove(identifier);
    }

    /// The key of a session is another one from now on; the old one is taken for a while. `None` if it has ended meanwhile.
    pub(super) fn renew(
        &self,
        session: &Session,
        id: String,
        instance: String,
        key: Zeroizing<Vec<u8>>,
        now: SystemTime,
    ) -> Option<Session> {
        let mut renewed = session.clone();
        renewed.before = Some((session.instance.clone(), session.key.clone(), now + ROLLOVER));
        (renewed.id, renewed.instance, renewed.key) = (id, Some(instance), key);
        (renewed.created, renewed.expires, renewed.used) = (now, now + self.life, now);
        self.open().get_mut(&renewed.identifier)?.clone_from(&renewed);
        Some(renewed)
    }

    fn is_alive(&self, session: &Session, now: SystemTime) -> bool {
        let is_idle = now.duration_since(session.used).is_ok_and(|silent| silent > self.idle);
        !is_idle && !session.is_over(now)
    }

    fn open(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.state.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The cookie that holds a session.
    ///
    /// # Errors
    /// No random octets.
    pub(super) fn cookie(&self, session: &Session, random: &dyn Random) -> Result<Vec<u8>, Error> {
        self.seal(random)?.seal(&session.to_octets(), random)
    }

    /// The session that a cookie holds. `None` if it was not sealed here.
    pub(super) fn opened(&self, cookie: &[u8]) -> Option<Session> {
        #[cfg(feature = "test-util")]
        if let Some((_, session)) = self.installed().iter().rev().find(|(known, _)| known == cookie) {
            return Some(session.clone());
        }
        Session::from_octets(&self.state.seal.get()?.open(cookie)?)
    }

    fn seal(&self, random: &dyn Random) -> Result<&Seal, Error> {
        if let Some(seal) = self.state.seal.get() {
            return Ok(seal);
        }
        let mut key = Zeroizing::new([0; SEAL_KEY]);
        random.fill(&mut *key).map_err(no_random)?;
        let seal = Seal::new(&key).ok_or_else(|| Error::configuration("a key that cannot seal"))?;
        Ok(self.state.seal.get_or_init(|| seal))
    }
}

impl Session {
    /// Whether its life is over, with what two clocks may be apart.
    pub(super) fn is_over(&self, now: SystemTime) -> bool {
        now.duration_since(self.expires).is_ok_and(|since| since > CLOCK_SKEW)
    }

    /// The key of an instance: the present one, or the one before a renewal.
    pub(super) fn key_of(&self, instance: Option<&str>, now: SystemTime) -> Option<Vec<u8>> {
        if self.instance.as_deref() == instance {
            return Some(self.key.to_vec());
        }
        let (before, key, until) = self.before.as_ref()?;
        (before.as_deref() == instance && now <= *until).then(|| key.to_vec())
    }

    fn to_octets(&self) -> Zeroizing<Vec<u8>> {
        let mut octets = Zeroizing::new(Vec::new());
        let millis = |time: SystemTime| {
            let millis = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
            u64::try_from(millis).unwrap_or(u64::MAX).to_be_bytes()
        };
        let (created, expires) = (millis(self.created), millis(self.expires));
        for part in [self.id.as_bytes(), self.identifier.as_bytes(), &self.key, &created, &expires, &self.certificate] {
            octets.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            octets.extend_from_slice(part);
        }
        octets
    }

    fn from_octets(mut octets: &[u8]) -> Option<Self> {
        let mut part = || {
            let (length, rest) = octets.split_first_chunk()?;
            let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
            let (part, rest) = rest.split_at_checked(length)?;
            octets = rest;
            Some(part)
        };
        let text = |octets: &[u8]| String::from_utf8(octets.to_vec()).ok();
        let time =
            |octets: &[u8]| Some(UNIX_EPOCH + Duration::from_millis(u64::from_be_bytes(octets.try_into().ok()?)));
        let (id, identifier, key) = (text(part()?)?, text(part()?)?, Zeroizing::new(part()?.to_vec()));
        let (created, expires, certificate) = (time(part()?)?, time(part()?)?, part()?.into());
        Some(Self { id, identifier, instance: None, key, created, expires, certificate, before: None, used: created })
    }
}

/// Keys are not printed.
impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("open", &self.open().len()).finish_non_exhaustive()
    }
}

/// A session that another server has begun, for tests that replay what was recorded.
#[cfg(feature = "test-util")]
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "it holds a key")]
pub struct RecordedSession {
    /// `u:Id` of its token.
    pub id: String,
    /// Identifier of its token.
    pub identifier: String,
    /// Instance of its token, after a renewal.
    pub instance: Option<String>,
    /// The octets of its cookie. `None` for a session in memory.
    pub cookie: Option<Vec<u8>>,
    /// Its key.
    pub key: Vec<u8>,
    /// When it began.
    pub created: SystemTime,
    /// The certificate that it was begun with, in DER.
    pub certificate: Vec<u8>,
}

#[cfg(feature = "test-util")]
impl Sessions {
    /// Takes the messages of a session that another server has begun.
    pub fn install(&self, recorded: RecordedSession) {
        let RecordedSession { id, identifier, instance, cookie, key, created, certificate } = recorded;
        let mut session = self.begun((id, identifier), Zeroizing::new(key), certificate.into(), created);
        session.instance = instance;
        let Some(cookie) = cookie else {
            let mut open = self.open();
            if let Some(other) = open.get(&session.identifier) {
                session.before =
                    Some((other.instance.clone(), other.key.clone(), created.max(other.created) + ROLLOVER));
            }
            open.insert(session.identifier.clone(), session);
            return;
        };
        self.installed().push((cookie, session));
    }

    fn installed(&self) -> MutexGuard<'_, Vec<(Vec<u8>, Session)>> {
        self.state.installed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    const START: SystemTime = UNIX_EPOCH;

    fn after(seconds: u64) -> SystemTime {
        START + Duration::from_secs(seconds)
    }

    fn begun(sessions: &Sessions, name: &str, seconds: u64) -> Session {
        let names = (format!("id-{name}"), name.to_owned());
        sessions.begun(names, Zeroizing::new(name.as_bytes().to_vec()), Arc::from(*b"der"), after(seconds))
    }

    #[test]
    fn so_many_are_kept_and_those_that_are_silent_make_room() {
        let sessions = Sessions::default().most(2);
        assert!(sessions.keep(begun(&sessions, "a", 0)) && sessions.keep(begun(&sessions, "b", 0)));
        assert!(!sessions.keep(begun(&sessions, "c", 100)));
        sessions.used("b", after(100));
        assert!(sessions.keep(begun(&sessions, "c", 121)));
        assert!(sessions.find("a", after(121)).is_none() && sessions.find("b", after(121)).is_some());
        // To be asked for is not to be used: only what is signed keeps a session.
        assert!(sessions.find("b", after(220)).is_some() && sessions.find("b", after(221)).is_none());
    }

    #[test]
    fn a_session_is_over_after_its_life_and_what_clocks_may_be_apart() {
        let sessions = Sessions::default().life(Duration::from_secs(60)).idle(Duration::MAX);
        assert!(sessions.keep(begun(&sessions, "a", 0)));
        let end = 60 + CLOCK_SKEW.as_secs();
        assert!(sessions.find("a", after(end)).is_some() && sessions.find("a", after(end + 1)).is_none());
        let _ = begun(&Sessions::default().life(Duration::MAX), "b", 0);
    }

    #[test]
    fn the_old_key_is_taken_for_a_while_and_what_has_ended_is_not_renewed() {
        let sessions = Sessions::default();
        let session = begun(&sessions, "a", 0);
        assert!(sessions.keep(session.clone()));
        let renew = || sessions.renew(&session, "id-2".into(), "two".into(), Zeroizing::new(vec![2]), after(10));
        let renewed = renew().unwrap();
        assert_eq!(renewed.key_of(Some("two"), after(10)), Some(vec![2]));
        assert_eq!(renewed.key_of(None, after(310)), Some(b"a".to_vec()));
        assert_eq!((renewed.key_of(None, after(311)), renewed.key_of(Some("three"), after(10))), (None, None));
        assert_eq!(sessions.find("a", after(10)).unwrap().id, "id-2");
        sessions.end("a");
        assert!(renew().is_none() && sessions.find("a", after(10)).is_none());
    }

    #[test]
    fn who_has_the_seal_key_opens_a_cookie() {
        let [one, other] = [0, 1].map(|_| Sessions::default().seal_key(&[7; SEAL_KEY]));
        let session = begun(&one, "a", 0);
        let mut cookie = one.cookie(&session, &SystemRandom).unwrap();
        let opened = other.opened(&cookie).unwrap();
        assert_eq!((opened.identifier, opened.key, opened.expires), (session.identifier, session.key, session.expires));
        let strange = Sessions::default().seal_key(&[8; SEAL_KEY]);
        assert!(strange.opened(&cookie).is_none() && Sessions::default().opened(&cookie).is_none());
        *cookie.last_mut().unwrap() ^= 1;
        assert!(other.opened(&cookie).is_none());
    }
}
