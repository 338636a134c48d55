//! The journal of the handlers: what they are to do with each request, and what they saw of it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::abuse::Conduct;

#[derive(Default)]
pub struct Journal {
    conducts: Mutex<HashMap<u64, Conduct>>,
    runs: Mutex<HashMap<u64, Vec<Run>>>,
    /// Handlers and streams of replies that have not ended.
    running: AtomicUsize,
}

/// One run of a handler.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Run {
    pub content: Content,
    /// It has begun to answer.
    pub is_answered: bool,
}

/// What a handler saw of the stream in its request.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Content {
    /// Not its end.
    #[default]
    Unread,
    /// An end behind all octets.
    Right,
    /// An end behind other octets than were sent.
    Wrong,
    /// An error.
    Broken,
}

/// A run that has not ended.
pub struct Running {
    journal: Arc<Journal>,
    pub id: u64,
    at: usize,
}

impl Journal {
    /// What the handler is to do with a request.
    pub fn expect(&self, id: u64, conduct: Conduct) {
        self.conducts.lock().unwrap().insert(id, conduct);
    }

    /// A handler has been called.
    pub fn begin(self: &Arc<Self>, id: u64) -> (Running, Conduct) {
        self.running.fetch_add(1, Ordering::SeqCst);
        let conduct = self.conducts.lock().unwrap().get(&id).copied().unwrap_or_default();
        let mut runs = self.runs.lock().unwrap();
        let of_request = runs.entry(id).or_default();
        of_request.push(Run::default());
        (Running { journal: Arc::clone(self), id, at: of_request.len() - 1 }, conduct)
    }

    pub fn running(&self) -> usize {
        self.running.load(Ordering::SeqCst)
    }

    pub fn take(&self) -> HashMap<u64, Vec<Run>> {
        std::mem::take(&mut *self.runs.lock().unwrap())
    }
}

impl Running {
    fn note(&self, note: impl FnOnce(&mut Run)) {
        let mut runs = self.journal.runs.lock().unwrap();
        // Nothing is left of runs that go on when all is over.
        if let Some(run) = runs.get_mut(&self.id).and_then(|runs| runs.get_mut(self.at)) {
            note(run);
        }
    }

    pub fn content(&self, content: Content) {
        self.note(|run| run.content = content);
    }

    pub fn answered(&self) {
        self.note(|run| run.is_answered = true);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.journal.running.fetch_sub(1, Ordering::SeqCst);
    }
}
