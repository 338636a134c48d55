//! The journal: what was to happen to each message of each call, and what the server received of it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

use super::script::{Act, Nowhere, Step};
use super::trouble::Trouble;

#[derive(Default)]
pub struct Journal {
    calls: Mutex<HashMap<u64, Call>>,
    /// What the server received and could not assign to a message.
    strange: Mutex<Vec<String>>,
    /// Connections that the server closed although the client had reason to keep them.
    closed: AtomicUsize,
}

/// The messages of a call, its requests for tokens included, in the order in which they were handed to the network.
pub struct Call {
    trouble: &'static Trouble,
    pub sends: Vec<Send>,
}

#[derive(Debug)]
pub struct Send {
    pub what: What,
    pub step: Step,
    /// At most one, if nothing is sent twice behind the caller's back.
    pub receipts: Vec<Receipt>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The call's own message.
    Own,
    /// A request for a token.
    Token,
}

/// A message, or the beginning of one, that the server has seen.
#[derive(Debug)]
pub struct Receipt {
    /// What it does about it.
    pub act: Act,
    /// It came over a connection that still carried the reply to another message.
    pub polluted: bool,
}

impl Journal {
    pub fn begin(&self, id: u64, trouble: &'static Trouble) {
        self.calls().insert(id, Call { trouble, sends: Vec::new() });
    }

    /// Records that a message of a call is about to be sent. Returns its number, and where it is led.
    pub fn send(&self, id: u64, what: What) -> (usize, Option<Nowhere>) {
        let mut calls = self.calls();
        let call = calls.get_mut(&id).expect("a call that has begun");
        let script = if what == What::Own { call.trouble.own } else { call.trouble.token };
        let before = call.sends.iter().filter(|send| send.what == what).count();
        let step = script[before.min(script.len() - 1)];
        call.sends.push(Send { what, step, receipts: Vec::new() });
        let nowhere = match step {
            Step::Nowhere(nowhere) => Some(nowhere),
            Step::Act(_) => None,
        };
        (call.sends.len() - 1, nowhere)
    }

    /// Records that the head of a message has come. Returns what is to be done.
    pub fn receive(&self, id: u64, number: usize, polluted: bool) -> Act {
        let mut calls = self.calls();
        let send = calls.get_mut(&id).and_then(|call| call.sends.get_mut(number));
        let Some(Send { step: Step::Act(act), receipts, .. }) = send else {
            self.strange(format!("message {id}.{number} was not to come here"));
            return Act::BROKEN;
        };
        let act = if polluted { Act::BROKEN } else { *act };
        receipts.push(Receipt { act, polluted });
        act
    }

    pub fn strange(&self, what: String) {
        self.strange.lock().unwrap().push(what);
    }

    pub fn closed(&self) {
        self.closed.fetch_add(1, Ordering::Relaxed);
    }

    pub fn closings(&self) -> usize {
        self.closed.load(Ordering::Relaxed)
    }

    /// Everything, when all is over.
    pub fn take(&self) -> (HashMap<u64, Call>, Vec<String>) {
        (std::mem::take(&mut *self.calls()), std::mem::take(&mut *self.strange.lock().unwrap()))
    }

    fn calls(&self) -> MutexGuard<'_, HashMap<u64, Call>> {
        self.calls.lock().unwrap()
    }
}
