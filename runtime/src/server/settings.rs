//! What a service is set up with.

use std::sync::Arc;
use std::time::Duration;

use http::Uri;

use crate::clock::{Clock, SystemClock};
use crate::limits::{IDLE_TIMEOUT, Limits, MINIMUM_RATE, TRANSFER_TIME};
use crate::random::{Random, SystemRandom};
use crate::schema::descriptor::REPLY_TIMEOUT;
use crate::server::auth::Auth;
use crate::transport::time_limit::TimeLimit;
use crate::value::spill::Spill;

/// The settings of a service.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) limits: Limits,
    pub(super) spill: Option<Arc<Spill>>,
    pub(super) time: TimeLimit,
    /// Without it a handler takes as long as it does.
    pub(super) handler_timeout: Option<Duration>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) auth: Auth,
    /// The URL under which callers know the service, where a gateway stands before it.
    pub(super) public_url: Option<Uri>,
    /// `wsa:To` has to name this endpoint.
    pub(super) checks_to: bool,
}

impl Default for Settings {
    fn default() -> Self {
        let transfer_timeout = TRANSFER_TIME.saturating_add(Duration::from_secs(REPLY_TIMEOUT.into()));
        Self {
            limits: Limits::default(),
            spill: None,
            handler_timeout: None,
            time: TimeLimit { transfer_timeout, minimum_rate: MINIMUM_RATE, idle_timeout: IDLE_TIMEOUT },
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            auth: Auth::default(),
            public_url: None,
            checks_to: true,
        }
    }
}
