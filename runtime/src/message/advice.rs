//! What a caller can do about an error.

use crate::error::{Delivery, Error, ErrorKind};
use crate::fault::Fault;
use crate::message::fault_table::general;
use crate::soap::SoapVersion;

/// What a caller can do about an error of a call: see [`Error::advice`].
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Advice {
    /// The request was proven not to be processed: the same one can be sent later.
    RetryLater,
    /// The service may have acted on the request: look first, by its reference, and send it again only if nothing was done.
    LookFirst,
    /// The service refuses the credentials, or a one-time code is used up or too old: a new code or password is needed. The
    /// same ones again count as a failed log-in.
    NewCode,
    /// The service refuses what the request says, or it cannot be written: change it.
    FixRequest,
    /// No request will succeed before somebody mends the set-up: an address, a certificate, a clock, the configuration.
    GiveUp,
}

impl Error {
    /// What to do about it: by what went wrong, by how far the request came, and by the fault.
    ///
    /// | [`kind`](Self::kind) | not sent | answered | [`delivery`](Self::delivery) unknown |
    /// |---|---|---|---|
    /// | `Transport` | `RetryLater` | `LookFirst`¹ | `LookFirst` |
    /// | `Busy` | `RetryLater` | `LookFirst`¹ | `LookFirst` |
    /// | `Session` | `RetryLater` | `LookFirst`¹ | `LookFirst` |
    /// | `Http` | `RetryLater`² | `LookFirst`² | `LookFirst` |
    /// | `Malformed` | `FixRequest`³ | `LookFirst` | `LookFirst` |
    /// | `Fault` | `RetryLater` | `NewCode`⁴; `FixRequest` if the code blames the caller (`Client`, `Sender`), else `LookFirst` | `LookFirst` |
    /// | `Authentication` | `NewCode` | `NewCode` | `LookFirst` |
    /// | `Security`, `Configuration` | `GiveUp` | `GiveUp` after a fault, `LookFirst` if it is the answer that is refused | `LookFirst` |
    ///
    /// 1. `RetryLater` if every try that was sent was answered by a fault that says it was not processed, on a port with
    ///    WS-Security: such a fault comes before the service itself.
    /// 2. `GiveUp` for a redirect and HTTP 401, 403, 404, 405, 407, 410 and 415; `FixRequest` for 413.
    /// 3. `GiveUp` if it is an answer of the token service that is malformed.
    /// 4. If it is about a credential by what the contract's configuration says, such as a one-time code that is used up,
    ///    although no password was refused.
    ///
    /// What a service means by a fault of its own is in its detail. It may know better than this table.
    ///
    /// ```
    /// use soap_runtime::{Advice, Connection};
    ///
    /// let error = Connection::to("https://").unwrap_err();
    /// assert_eq!(error.advice(), Advice::GiveUp);
    /// ```
    pub fn advice(&self) -> Advice {
        let was_sent = match self.delivery() {
            Delivery::Unknown => return Advice::LookFirst,
            Delivery::Answered => true,
            Delivery::NotSent => false,
        };
        let unless_sent = |advice| if was_sent { Advice::LookFirst } else { advice };
        match self.kind() {
            ErrorKind::Transport | ErrorKind::Busy | ErrorKind::Session if self.is_passed_by() => Advice::RetryLater,
            ErrorKind::Transport | ErrorKind::Busy | ErrorKind::Session => unless_sent(Advice::RetryLater),
            ErrorKind::Http => match self.http_status() {
                Some(300..=399 | 401 | 403..=405 | 407 | 410 | 415) => Advice::GiveUp,
                Some(413) => Advice::FixRequest,
                _ => unless_sent(Advice::RetryLater),
            },
            ErrorKind::Malformed if !was_sent && self.http_status().is_some() => Advice::GiveUp,
            ErrorKind::Malformed => unless_sent(Advice::FixRequest),
            ErrorKind::Fault if !was_sent => Advice::RetryLater,
            ErrorKind::Fault if self.is_about_credentials() => Advice::NewCode,
            ErrorKind::Fault if self.fault().is_some_and(Fault::blames_caller) => Advice::FixRequest,
            ErrorKind::Fault => Advice::LookFirst,
            ErrorKind::Authentication => Advice::NewCode,
            ErrorKind::Security | ErrorKind::Configuration if self.fault().is_some() => Advice::GiveUp,
            ErrorKind::Security | ErrorKind::Configuration => unless_sent(Advice::GiveUp),
        }
    }
}

impl Fault {
    /// Whether its outermost code says that the message was wrong, and not that the service failed.
    fn blames_caller(&self) -> bool {
        let (soap_11, soap_12) = (SoapVersion::Soap11.namespace(), SoapVersion::Soap12.namespace());
        let first = self.code().names().next();
        first.is_some_and(|(namespace, local)| {
            [(soap_11, "Client"), (soap_12, "Sender")].contains(&(namespace, general(namespace, local)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::security::names::{CONVERSATION_2005, MICROSOFT, SECEXT};

    fn fault(namespace: &str, local: &str) -> Fault {
        Fault::new(vec![(namespace.to_owned(), local.to_owned())], String::new(), None)
    }

    #[test]
    fn every_kind_has_its_advice() {
        use Advice::{FixRequest, GiveUp, LookFirst, NewCode, RetryLater};
        use ErrorKind::*;
        let table = [
            (Transport, [RetryLater, LookFirst]),
            (Busy, [RetryLater, LookFirst]),
            (Session, [RetryLater, LookFirst]),
            (Http, [RetryLater, LookFirst]),
            (Malformed, [FixRequest, LookFirst]),
            (Fault, [RetryLater, LookFirst]),
            (Authentication, [NewCode, NewCode]),
            (Security, [GiveUp, LookFirst]),
            (Configuration, [GiveUp, LookFirst]),
        ];
        for (kind, [not_sent, answered]) in table {
            let advice = |delivery| Error::new(kind, "").in_operation("Get").delivered(delivery).advice();
            assert_eq!(advice(Delivery::NotSent), not_sent, "{kind:?}");
            assert_eq!(advice(Delivery::Answered), answered, "{kind:?}");
            assert_eq!(advice(Delivery::Unknown), LookFirst, "{kind:?}");
        }
    }

    #[test]
    fn faults_and_statuses_say_more() {
        let of = |namespace, local| {
            let fault = fault(namespace, local);
            Error::from_fault(fault.kind(), fault).delivered(Delivery::Answered)
        };
        let (soap_11, soap_12) = (SoapVersion::Soap11.namespace(), SoapVersion::Soap12.namespace());
        for (namespace, local, advice) in [
            (soap_11, "Client", Advice::FixRequest),
            (soap_11, "Client.Authentication", Advice::FixRequest),
            (soap_12, "Sender", Advice::FixRequest),
            (soap_11, "MustUnderstand", Advice::GiveUp),
            (SECEXT, "InvalidSecurity", Advice::GiveUp),
            (SECEXT, "FailedAuthentication", Advice::NewCode),
            (soap_11, "Server", Advice::LookFirst),
            (soap_12, "Receiver", Advice::LookFirst),
            (soap_11, "Server.userException", Advice::LookFirst),
            ("urn:own", "Client", Advice::LookFirst),
            ("urn:own", "Client.Any", Advice::LookFirst),
            // By itself, it is the word of a peer that nobody knows.
            (MICROSOFT, "ServerTooBusy", Advice::LookFirst),
        ] {
            assert_eq!(of(namespace, local).advice(), advice, "{local}");
        }
        assert_eq!(of(MICROSOFT, "ServerTooBusy").passed_by(true).advice(), Advice::RetryLater);
        assert_eq!(of(CONVERSATION_2005, "BadContextToken").passed_by(true).advice(), Advice::RetryLater);

        let page = |status| Error::new(ErrorKind::Http, "").with_status(status).delivered(Delivery::Answered).advice();
        assert_eq!([200, 500, 502].map(page), [Advice::LookFirst; 3]);
        assert_eq!([302, 401, 403, 404, 405, 407, 410, 415].map(page), [Advice::GiveUp; 8]);
        assert_eq!(page(413), Advice::FixRequest);
        let token = Error::malformed("").with_status(200).delivered(Delivery::NotSent);
        assert_eq!(token.advice(), Advice::GiveUp);
    }
}
