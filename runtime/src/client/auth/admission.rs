//! The credentials in the messages of a client: each goes first alone, and none goes while it is refused.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::client::auth::circuit::{Circuit, CircuitKey, Identity, Place, Trial, Verdict};
use crate::client::auth::registry::Registry;
use crate::error::{Error, ErrorKind};
use crate::fault::Fault;
use crate::message::refusal;
use crate::schema::account::{Account, Accounts};
use crate::schema::descriptor::{Operation, PortDescriptor};
use crate::schema::slots::Slots;
use crate::secret::Secret;

/// The credentials that the messages of a client may have.
#[derive(Clone, Debug)]
pub(crate) struct Presented {
    accounts: Option<&'static Accounts>,
    place: Place,
    pause: Duration,
    /// What the scheme of the port presents: a user name and password, or a certificate.
    header: Option<(&'static str, Circuit)>,
    /// The accounts that the client's own credentials fill. What is known of them lasts as long as the client.
    own: Arc<[(&'static str, Circuit)]>,
}

impl Presented {
    /// `slots` hold the client's own credentials.
    pub(crate) fn new(
        registry: &Registry,
        port: &PortDescriptor,
        (place, pause): (Place, Duration),
        header: Option<(&'static str, Circuit)>,
        slots: &Slots,
    ) -> Self {
        let mut presented = Self { accounts: port.accounts, place, pause, header, own: Arc::default() };
        let is_used = |account: &&Account| port.operations.iter().any(|one| one.accounts.contains(&account.name));
        let own = presented.all().iter().filter(is_used);
        presented.own = own.filter_map(|account| presented.in_fields(registry, account, slots)).collect();
        presented
    }

    fn all(&self) -> &'static [Account] {
        self.accounts.map_or(&[], |accounts| accounts.all)
    }

    /// The circuit of an account whose user name and password are fields of a message, if the message has both.
    fn in_fields(&self, registry: &Registry, account: &Account, slots: &Slots) -> Option<(&'static str, Circuit)> {
        let (user, password) = (slots.get(account.user_name)?, slots.get(account.password)?);
        let identity = Identity::User(user.clone());
        let key = CircuitKey { place: self.place.clone(), role: account.name, identity };
        Some((account.name, registry.circuit(key, self.pause, password.clone())))
    }

    /// The circuit of a token, which is all of a credential.
    fn of_token(&self, registry: &Registry, token: &Secret) -> Circuit {
        let identity = Identity::User(token.clone());
        let key = CircuitKey { place: self.place.clone(), role: "", identity };
        registry.circuit(key, self.pause, token.clone())
    }

    /// Lets a message be sent as soon as each of its credentials has been accepted before, or goes alone.
    ///
    /// # Errors
    /// A credential is refused, or the call that tries it has not ended within this time. Nothing is to be sent.
    pub(crate) async fn admit(
        &self,
        registry: &Registry,
        operation: &Operation,
        (slots, token): (&Slots, Option<&Secret>),
        wait: Duration,
    ) -> Result<Admission, Error> {
        let header = token.map(|token| ("", self.of_token(registry, token))).or_else(|| self.header.clone());
        let name = header.as_ref().map(|(name, _)| *name);
        let mut circuits: Vec<(&'static str, Circuit)> = header.into_iter().collect();
        for account in self.all().iter().filter(|account| operation.accounts.contains(&account.name)) {
            if name != Some(account.name) {
                circuits.extend(self.in_fields(registry, account, slots));
            }
        }
        // All calls wait in the same order, so that no two can wait for each other.
        circuits.sort_by_key(|(name, _)| *name);
        let began = Instant::now();
        let mut trials = Vec::with_capacity(circuits.len());
        for (account, circuit) in circuits {
            trials.push((account, circuit.admit(wait.saturating_sub(began.elapsed())).await?));
        }
        Ok(Admission { accounts: self.accounts, header: name, trials })
    }
}

/// The credentials of one message that may be sent. Dropped without an outcome, it lets the next call try.
#[derive(Debug)]
#[must_use]
pub(crate) struct Admission {
    accounts: Option<&'static Accounts>,
    header: Option<&'static str>,
    trials: Vec<(&'static str, Trial)>,
}

impl Admission {
    /// Takes in the outcome of the message: a reply or a fault of the application says that the credentials were
    /// accepted, unless the fault says otherwise. Where it refuses one of them, the error becomes an
    /// [`Authentication`](ErrorKind::Authentication) error.
    pub(crate) fn conclude<T>(self, outcome: Result<T, Error>) -> Result<T, Error> {
        let kind = outcome.as_ref().err().map(Error::kind);
        let is_fault = outcome.as_ref().is_err_and(Error::is_application_fault);
        let speaks = if is_fault { self.refused_by(outcome.as_ref().err().and_then(Error::fault)) } else { None };
        let is_about_credentials = speaks.is_some();
        // The accounts that may have been refused, and what is known of the others.
        let (suspects, others) = match kind {
            None => (Vec::new(), Verdict::Accepted),
            Some(ErrorKind::Authentication) => match self.header {
                Some(header) => (vec![header], Verdict::None),
                None => (self.trials.iter().map(|(account, _)| *account).collect(), Verdict::None),
            },
            Some(_) if is_fault => match speaks {
                Some(suspects) => (suspects, Verdict::None),
                None => (Vec::new(), Verdict::Accepted),
            },
            Some(_) => (Vec::new(), Verdict::None),
        };
        let mut meant = self.trials.iter().map(|(account, _)| *account).filter(|account| suspects.contains(account));
        // Of several, none is known to be refused.
        let refused = meant.next().filter(|_| meant.next().is_none());
        for (account, trial) in self.trials {
            trial.conclude(if refused == Some(account) {
                Verdict::Refused
            } else if is_fault && self.header == Some(account) && !suspects.contains(&account) {
                // The application has seen the message, so what stands before it has let the message through.
                Verdict::Accepted
            } else {
                others
            });
        }
        outcome.map_err(|error| match refused {
            Some(account) if is_fault => {
                let what = format!("the service refused the user name and password (account \"{account}\")");
                error.reinterpreted(ErrorKind::Authentication, what)
            }
            _ if is_about_credentials => error.about_credentials(),
            _ => error,
        })
    }

    fn refused_by(&self, fault: Option<&Fault>) -> Option<Vec<&'static str>> {
        refusal::refused(self.accounts?, fault?)
    }
}
