//! What a connection is set up with. Nothing here changes while it is used.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::Uri;

use crate::address::{BaseUrl, Route};
use crate::client::hook::Hook;
use crate::client::log::Logs;
use crate::clock::Clock;
use crate::limits::Limits;
use crate::random::Random;
use crate::schema::descriptor::{AuthenticationScope, PortDescriptor};
use crate::security::options::SecurityOptions;
use crate::transport::Transport;
use crate::value::spill::Spill;

/// The settings of a connection.
pub(crate) struct Settings {
    /// Scheme, host and port of all endpoints, or the contract's own.
    pub(crate) base: Option<BaseUrl>,
    /// Ports whose URL the program gives.
    pub(crate) addresses: Vec<(&'static PortDescriptor, Uri)>,
    pub(crate) route: Route,
    /// The program proves itself in TLS.
    pub(crate) has_client_certificate: bool,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) limits: Limits,
    /// Which parts of MTOM replies go to disk.
    pub(crate) spill: Option<Arc<Spill>>,
    pub(crate) idle_timeout: Duration,
    /// The time of a whole reply, if it is the same for all operations.
    pub(crate) transfer_timeout: Option<Duration>,
    pub(crate) minimum_rate: u64,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) security: SecurityOptions,
    /// Errors say what the service says of its fault.
    pub(crate) shows_reasons: bool,
    /// What people see of messages.
    pub(crate) logs: Logs,
    /// What sees messages, in the order in which it sees requests.
    pub(crate) hooks: Vec<Arc<dyn Hook>>,
    /// Requests are checked against rules that only the documentation states.
    pub(crate) documented_rules: bool,
    /// In place of what the ports say.
    pub(crate) authentication_pause: Option<Duration>,
    pub(crate) authentication_scope: Option<AuthenticationScope>,
}

impl Settings {
    /// The URL of a port.
    ///
    /// # Errors
    /// A text for the user, if there is no URL that may be called.
    pub(crate) fn url(&self, port: &'static PortDescriptor) -> Result<Uri, Cow<'static, str>> {
        let given = self.addresses.iter().find(|(other, _)| std::ptr::eq(*other, port));
        let url = match given {
            Some((_, url)) => url.clone(),
            None => self.route.endpoint(self.base.as_ref(), port.address, port.needs_tls())?,
        };
        if port.needs_tls() && self.route.is_clear(&url) {
            return Err(
                "the contract protects the messages of this port by TLS: its URL must start with https://".into()
            );
        }
        Ok(url)
    }

    /// How long a credential is not sent again after the service has refused it.
    pub(crate) fn authentication_pause(&self, port: &PortDescriptor) -> Duration {
        self.authentication_pause.unwrap_or(Duration::from_secs(port.authentication_pause.into()))
    }

    /// Where such a refusal counts.
    pub(crate) fn authentication_scope(&self, port: &PortDescriptor) -> AuthenticationScope {
        self.authentication_scope.unwrap_or(port.authentication_scope)
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.clock.now()
    }

    pub(crate) fn random(&self) -> &dyn Random {
        &*self.random
    }
}
