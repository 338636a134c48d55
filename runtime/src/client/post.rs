//! One HTTP exchange: octets to octets.

use std::time::{Duration, SystemTime};

use http::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue};
use http::{StatusCode, Uri};

use crate::client::connection::Connection;
use crate::error::{Error, ErrorKind};
use crate::security::username_token::no_random;
use crate::soap::SoapVersion;
use crate::transport::{Body, Request, Response, TransportError};

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

/// What is known of an answer while its body is still to come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    /// The service's clock.
    date: Option<SystemTime>,
}

impl Line<'_> {
    /// An identifier that no other message has.
    pub(crate) fn message_id(&self) -> Result<String, Error> {
        Ok(format!("urn:uuid:{}", self.connection.random().guid().map_err(no_random)?))
    }

    /// What HTTP says about a message that is text: what it is, and which operation it is for.
    pub(crate) fn headers(&self, action: &str) -> Result<HeaderMap, Error> {
        self.say(action, format!("{}; charset=utf-8", self.soap.media_type()))
    }

    /// The same of a message that is a package.
    pub(crate) fn package_headers(&self, action: &str, content_type: &str) -> Result<HeaderMap, Error> {
        let mut headers = self.say(action, content_type.to_owned())?;
        headers.insert(HeaderName::from_static("mime-version"), HeaderValue::from_static("1.0"));
        Ok(headers)
    }

    fn say(&self, action: &str, mut content_type: String) -> Result<HeaderMap, Error> {
        let mut headers = HeaderMap::with_capacity(4);
        match self.soap {
            SoapVersion::Soap11 => {
                headers.insert(HeaderName::from_static("soapaction"), header(&quoted(action))?);
            }
            // The message says it. Said twice, it would have to be the same twice: WCF compares.
            SoapVersion::Soap12 if self.addressing => {}
            SoapVersion::Soap12 => {
                content_type.push_str("; action=");
                content_type.push_str(&quoted(action));
            }
        }
        headers.insert(CONTENT_TYPE, header(&content_type)?);
        Ok(headers)
    }

    /// Sends a message and waits for the head of the answer.
    ///
    /// # Errors
    /// What the network does.
    pub(crate) async fn post(&self, headers: HeaderMap, body: Body) -> Result<Response, Error> {
        let request = Request {
            url: self.url.clone(),
            headers,
            body,
            reply_timeout: self.reply_timeout,
            idle_timeout: self.connection.idle_timeout(),
        };
        self.connection.transport().send(request).await.map_err(TransportError::into_error)
    }
}

impl Head {
    pub(crate) fn of(response: &Response) -> Self {
        let date = response.headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
        Self { status: response.status, date }
    }

    /// Adds to an error what the head says. Of a complaint about security, the clocks are the most frequent reason.
    pub(crate) fn explain(&self, error: Error, now: SystemTime) -> Error {
        let error = error.with_status(self.status.as_u16());
        match self.date {
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
        "this machine's clock is {minutes} min {seconds} s {direction} the service's (HTTP Date); most tolerate 5 min"
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
