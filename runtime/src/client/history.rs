//! The tries of one message before the last: what an error says is true of all of them.

use crate::error::{Delivery, Error};
use crate::fault::Fault;

/// What is known of the tries so far.
#[derive(Debug)]
pub(crate) struct History {
    delivery: Delivery,
    /// The latest one.
    fault: Option<Fault>,
}

impl Default for History {
    fn default() -> Self {
        Self { delivery: Delivery::NotSent, fault: None }
    }
}

impl History {
    /// Takes in a try that failed and is followed by another.
    pub(crate) fn add(&mut self, error: Error) {
        self.delivery = self.delivery.and(error.delivery());
        self.fault = error.into_fault().or(self.fault.take());
    }

    /// The error of the last try, with what is known of those before. As each of them was followed by another, the service
    /// has looked at none.
    pub(crate) fn end(self, error: Error) -> Error {
        let is_passed_by =
            error.is_passed_by() || error.delivery() == Delivery::NotSent && self.delivery == Delivery::Answered;
        let error = error.passed_by(is_passed_by);
        error.after(self.delivery, self.fault)
    }
}
