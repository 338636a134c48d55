//! What people may see of the exchanges of a connection: the wire log and support bundles.
//!
//! A [`CallLog`] belongs to a call, and each of its exchanges, those with a token service included, is a [`Record`] of it. Without
//! a log there are no records, and nothing is noted.

pub(crate) mod bundle;
mod head;
pub(crate) mod wire;

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{HeaderMap, StatusCode, Uri};

use self::bundle::SupportBundle;
use self::wire::WireLog;
use crate::address;
use crate::client::settings::Settings;
use crate::clock::Clock;
use crate::error::Error;
use crate::fault::Fault;
use crate::message::fault::FaultDetail;
use crate::printed::Cut;
use crate::schema::shown::{Marks, Shown, ShownItems, shown};
use crate::security::instant;

/// Most bytes of the detail of one fault that are shown.
const DETAIL_BYTES: usize = 10_000;

/// The logs of a connection.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    pub(crate) wire: Option<Arc<WireLog>>,
    pub(crate) bundle: Option<SupportBundle>,
    pub(crate) details: Vec<Detail>,
}

impl Logs {
    /// What takes the items of a list to the wire log, which outlive the exchange that brings them.
    pub(crate) fn items(&self, operation: &'static str, clock: &Arc<dyn Clock>) -> Option<ShownItems> {
        let (wire, clock) = (Arc::clone(self.wire.as_ref()?), Arc::clone(clock));
        let mut number = 0_u64;
        Some(ShownItems::new(move |item| {
            number += 1;
            wire.write(&format!("{} {operation}: item {number} of the answer\n{item}", instant::text(clock.now())));
        }))
    }
}

/// Prints the detail of a fault as a type of a contract, if it is one.
#[derive(Clone, Copy)]
pub(crate) struct Detail(fn(&Fault) -> Option<String>);

impl Detail {
    pub(crate) fn of<T: FaultDetail + fmt::Debug>() -> Self {
        Self(|fault| fault.detail::<T>().map(|detail| format!("{detail:#?}")))
    }
}

impl fmt::Debug for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Detail")
    }
}

/// The exchanges of one call, for people to see.
pub(crate) struct CallLog<'a> {
    settings: &'a Settings,
    /// What a support bundle would hold.
    seen: Mutex<String>,
}

impl<'a> CallLog<'a> {
    /// None if nobody is to see it.
    pub(crate) fn begin(settings: &'a Settings) -> Option<Self> {
        let Logs { wire, bundle, .. } = &settings.logs;
        (wire.is_some() || bundle.is_some()).then(|| Self { settings, seen: Mutex::default() })
    }

    /// The call has failed.
    pub(crate) fn failed(&self, operation: &str, error: &Error) {
        let Some(bundle) = &self.settings.logs.bundle else { return };
        let time = self.time();
        let seen = self.seen();
        bundle.write(&time, operation, &format!("time: {time}\n{}\n{seen}", self.told(error)));
    }

    /// An error, and the detail of its fault where its type is known.
    fn told(&self, error: &Error) -> String {
        let mut text = format!("error: {}\ndelivery: {:?}\n", error.without_reason(), error.delivery());
        let details = &self.settings.logs.details;
        if let Some(detail) = error.fault().and_then(|fault| details.iter().find_map(|detail| detail.0(fault))) {
            text.push_str("detail: ");
            // Cannot fail: what it writes to does not.
            let _ = Cut::at(DETAIL_BYTES, &mut text).write_str(&detail);
            text.push('\n');
        }
        text
    }

    fn time(&self) -> String {
        instant::text(self.settings.now())
    }

    fn seen(&self) -> MutexGuard<'_, String> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One exchange, for people to see. It is logged when it is dropped, so also if its call is given up.
pub(crate) struct Record<'a> {
    log: Option<&'a CallLog<'a>>,
    what: &'static str,
    text: String,
    request: Option<String>,
    reply: Shown,
}

impl<'a> Record<'a> {
    pub(crate) fn new(log: Option<&'a CallLog<'a>>, what: &'static str) -> Self {
        Self { log, what, text: String::new(), request: None, reply: Shown::default() }
    }

    /// Whether anybody is to see it.
    pub(crate) fn is_seen(&self) -> bool {
        self.log.is_some()
    }

    /// The envelope that is about to be sent, with the texts in it that may be shown; none without marks.
    pub(crate) fn envelope(&mut self, envelope: &[u8], marks: Option<&Marks>) {
        if self.is_seen() {
            self.request = Some(shown(envelope, marks));
        }
    }

    /// A request goes out.
    pub(crate) fn sent(&mut self, url: &Uri, headers: &HeaderMap) {
        let Some(log) = self.log else { return };
        let (time, url) = (log.time(), address::without_query(url));
        let _ = writeln!(self.text, "{time} {}: sent to {url}\n{}", self.what, head::of_request(headers));
        if let Some(envelope) = self.request.take() {
            let _ = writeln!(self.text, "{envelope}\n");
        }
    }

    /// The head of its answer has come.
    pub(crate) fn answered(&mut self, status: StatusCode, headers: &HeaderMap) {
        let Some(log) = self.log else { return };
        let time = log.time();
        let _ = writeln!(
            self.text,
            "{time} {}: answered, HTTP {}\n{}",
            self.what,
            status.as_u16(),
            head::of_answer(headers)
        );
    }

    /// Where the envelope of the answer is left, once it has been read.
    pub(crate) fn reply(&self) -> Option<&Shown> {
        self.log.map(|_| &self.reply)
    }

    /// The envelope of an answer of which no text may be shown.
    #[cfg(feature = "secure-conversation")]
    pub(crate) fn redacted_reply(&self, envelope: &[u8]) {
        if self.is_seen() {
            self.reply.set(shown(envelope, None));
        }
    }

    /// The exchange has failed.
    pub(crate) fn failed(&mut self, error: &Error) {
        let Some(log) = self.log else { return };
        self.take_reply();
        self.text.push_str(&log.told(error));
    }

    fn take_reply(&mut self) {
        if let Some(envelope) = self.reply.take() {
            let _ = writeln!(self.text, "{envelope}");
        }
    }
}

impl Drop for Record<'_> {
    fn drop(&mut self) {
        let Some(log) = self.log else { return };
        self.take_reply();
        if self.text.is_empty() {
            return;
        }
        if let Some(wire) = &log.settings.logs.wire {
            wire.write(self.text.trim_end());
        }
        if log.settings.logs.bundle.is_some() {
            let _ = writeln!(log.seen(), "\n{}", self.text.trim_end());
        }
    }
}
