//! One HTTP exchange: octets to octets.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue};
use http::{StatusCode, Uri};

use super::answer;
use crate::connection::Connection;
use crate::descriptor::SoapVersion;
use crate::error::{Delivery, Error, ErrorKind};
use crate::security::instant;
use crate::security::username_token::no_random;
use crate::transport::{Request, Response, TransportError};

/// Clocks that are no further apart than this are not worth a word.
const NOTABLE_SKEW: Duration = Duration::from_secs(60);

/// An endpoint, and how to talk to it.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) url: &'a Uri,
    /// The URL as messages name it.
    pub(crate) to: &'a str,
    pub(crate) soap: SoapVersion,
    /// The action stands in the message.
    pub(crate) addressing: bool,
    pub(crate) reply_timeout: Duration,
}

/// What came back.
pub(crate) struct Posted {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Empty if the body was.
    pub(crate) message: Bytes,
}

impl Line<'_> {
    /// An identifier that no other message has.
    pub(crate) fn message_id(&self) -> Result<String, Error> {
        Ok(format!("urn:uuid:{}", self.connection.random().guid().map_err(no_random)?))
    }

    /// What HTTP says about a message: what it is, and which operation it is for.
    pub(crate) fn headers(&self, action: &str) -> Result<HeaderMap, Error> {
        let mut headers = HeaderMap::with_capacity(2);
        match self.soap {
            SoapVersion::Soap11 => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"));
                headers.insert(HeaderName::from_static("soapaction"), header(&quoted(action))?);
            }
            // Said twice, it would have to be the same twice: WCF compares.
            SoapVersion::Soap12 if self.addressing => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/soap+xml; charset=utf-8"));
            }
            SoapVersion::Soap12 => {
                let value = format!("{}; charset=utf-8; action={}", self.soap.media_type(), quoted(action));
                headers.insert(CONTENT_TYPE, header(&value)?);
            }
        }
        Ok(headers)
    }

    /// Sends a message and waits for the whole answer.
    ///
    /// # Errors
    /// What the network does, or an answer that is no message.
    pub(crate) async fn post(&self, headers: HeaderMap, message: Vec<u8>) -> Result<Posted, Error> {
        let request = Request {
            url: self.url.clone(),
            headers,
            body: message.into(),
            reply_timeout: self.reply_timeout,
            idle_timeout: self.connection.idle_timeout(),
        };
        let response = self.connection.transport().send(request).await.map_err(TransportError::into_error)?;
        let Response { status, headers, body } = response;
        match answer::message(status, &headers, body, self.connection.limits()).await {
            Ok(message) => Ok(Posted { status, headers, message }),
            Err(error) => Err(error.with_status(status.as_u16())),
        }
    }
}

impl Posted {
    /// What became of the exchange, now that the message has been read.
    pub(crate) fn settle(&self, read: Result<(), Error>, connection: &Connection) -> Result<(), Error> {
        let status = self.status;
        let outcome = match read {
            Ok(()) if status.is_success() => Ok(()),
            Ok(()) => Err(Error::new(ErrorKind::Http, "a reply that is no fault came with an error status")
                .delivered(Delivery::Answered)),
            Err(error) if error.fault().is_some() || status.is_success() => Err(match error.delivery() {
                Delivery::NotSent => error.delivered(Delivery::Answered),
                _ => error,
            }),
            Err(error) => Err(answer::not_soap(status, "XML that is no SOAP fault").with_source(error)),
        };
        outcome.map_err(|error| self.explain(error, connection.now()).with_status(status.as_u16()))
    }

    /// Adds what the clocks have to do with a complaint about security: the most frequent reason of all.
    fn explain(&self, error: Error, now: SystemTime) -> Error {
        let date = self.headers.get(DATE).and_then(|date| date.to_str().ok()).and_then(instant::parse_http);
        match date {
            Some(date) if error.kind() == ErrorKind::Security => error.noting(skew(date, now)),
            _ => error,
        }
    }
}

/// How two clocks compare.
fn skew(theirs: SystemTime, ours: SystemTime) -> String {
    let (apart, direction) = match ours.duration_since(theirs) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    if apart <= NOTABLE_SKEW {
        return "this machine's clock agrees with the service's (HTTP Date)".to_owned();
    }
    let minutes = apart.as_secs() / 60;
    let seconds = apart.as_secs() % 60;
    format!(
        "this machine's clock is {minutes} min {seconds} s {direction} the service's (HTTP Date); 5 min are tolerated"
    )
}

fn header(value: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(value)
        .map_err(|_| Error::configuration("the operation's action cannot stand in an HTTP header"))
}

/// An HTTP quoted string.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_compared_in_words() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        assert!(skew(at(1000), at(1060)).contains("agrees"));
        assert!(skew(at(1000), at(1461)).contains("7 min 41 s ahead of the service's"));
        assert!(skew(at(1461), at(1000)).contains("7 min 41 s behind the service's"));
    }
}
