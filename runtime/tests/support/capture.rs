//! Keeps all that a process logs.

use std::fmt::{Debug, Write as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use soap_runtime::Error;
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber, span};

/// All that was logged in this process, by `tracing` and by `log`, at every level.
static LOGGED: Mutex<String> = Mutex::new(String::new());

struct Capture(AtomicU64);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl Subscriber for Capture {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        let mut logged = LOGGED.lock().unwrap();
        let _ = write!(logged, "\nspan {}", span.metadata().name());
        span.record(&mut Line(&mut logged));
        span::Id::from_u64(self.0.fetch_add(1, Ordering::Relaxed))
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        values.record(&mut Line(&mut LOGGED.lock().unwrap()));
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut logged = LOGGED.lock().unwrap();
        let _ = write!(logged, "\nevent {} {}", event.metadata().target(), event.metadata().level());
        event.record(&mut Line(&mut logged));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

impl log::Log for Capture {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let _ = write!(LOGGED.lock().unwrap(), "\nlog {}: {}", record.target(), record.args());
    }

    fn flush(&self) {}
}

static LOG: Capture = Capture(AtomicU64::new(1));

/// Begins to keep it. Once in a process.
pub fn start() {
    tracing::subscriber::set_global_default(Capture(AtomicU64::new(1))).unwrap();
    log::set_logger(&LOG).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
}

/// What was logged until now.
pub fn logged() -> String {
    std::mem::take(&mut *LOGGED.lock().unwrap())
}

/// Adds all that can be printed of an error: one line for each text.
pub fn print_error(error: &Error, text: &mut String) {
    let _ = writeln!(text, "{error}\n{error:?}\n{error:#?}\n{:?}", error.fault());
    let mut next = std::error::Error::source(error);
    while let Some(error) = next {
        let _ = writeln!(text, "{error}\n{error:?}");
        next = error.source();
    }
}
