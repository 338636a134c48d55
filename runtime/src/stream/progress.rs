//! Reports the progress of a stream to its caller.

use std::fmt;
use std::sync::Arc;

/// Takes the bytes so far and, where known, of all.
type Callback = dyn Fn(u64, Option<u64>) + Send + Sync;

/// The caller's callback, if there is one.
#[derive(Clone, Default)]
pub(super) struct Progress(Option<Arc<Callback>>);

impl Progress {
    pub(super) fn new(callback: impl Fn(u64, Option<u64>) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(callback)))
    }

    pub(super) fn report(&self, bytes: u64, total: Option<u64>) {
        if let Some(callback) = &self.0 {
            callback(bytes, total);
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Progress(callback)" } else { "Progress" })
    }
}
