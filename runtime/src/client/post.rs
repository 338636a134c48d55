//! One HTTP exchange: sends a message as octets, and receives the head of the response.

use std::time::{Duration, SystemTime};

use http::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue};
use http::{StatusCode, Uri};

use crate::client::log::{CallLog, Record};
use crate::client::settings::Settings;
use crate::error::{Error, ErrorKind};
use crate::message::addressing::Edition;
use crate::schema::descriptor::{Replies, SoapAction};
use crate::security::username_token::no_random;
use crate::soap::SoapVersion;
use crate::transport::time_limit::{Handover, TimeLimit};
use crate::transport::{Body, Request, Response, TransportError};

/// Clocks that differ by no more than this count as equal.
const NEGLIGIBLE_SKEW: Duration = Duration::from_secs(60);

/// Where messages are sent and in which form.
#[derive(Clone, Copy)]
pub(crate) struct Endpoint<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) url: &'a Uri,
    /// The URL as `wsa:To` names it.
    pub(crate) to: &'a str,
    pub(crate) soap: SoapVersion,
    /// Messages have WS-Addressing headers.
    pub(crate) addressing: Option<Edition>,
    /// How the action stands in the HTTP head, if not as usual.
    pub(crate) soap_action: Option<SoapAction>,
    /// What is asked of replies.
    pub(crate) replies: Replies,
    /// What the program adds to the HTTP head of each message.
    pub(crate) http_headers: &'a HeaderMap,
    /// What people see of the exchanges of the call.
    pub(crate) log: Option<&'a CallLog<'a>>,
    pub(crate) reply_timeout: Duration,
    /// From the head of a reply to its end.
    pub(crate) transfer_timeout: Duration,
}

/// The head of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    /// `Date`: the service's clock.
    date: Option<SystemTime>,
}

impl<'a> Endpoint<'a> {
    /// An exchange that is about to begin, for people to see.
    pub(crate) fn record(&self, what: &'static str) -> Record<'a> {
        Record::new(self.log, what)
    }

    /// A new identifier for a message.
    pub(crate) fn message_id(&self) -> Result<String, Error> {
        Ok(format!("urn:uuid:{}", self.settings.random().guid().map_err(no_random)?))
    }

    /// The HTTP headers of an envelope: its media type and its action.
    pub(crate) fn headers(&self, action: &str) -> Result<HeaderMap, Error> {
        self.headers_of(action, format!("{}; charset=utf-8", self.soap.media_type()))
    }

    /// The HTTP headers of an MTOM package.
    pub(crate) fn package_headers(&self, action: &str, content_type: &str) -> Result<HeaderMap, Error> {
        let mut headers = self.headers_of(action, content_type.to_owned())?;
        headers.insert(HeaderName::from_static("mime-version"), HeaderValue::from_static("1.0"));
        Ok(headers)
    }

    fn headers_of(&self, action: &str, mut content_type: String) -> Result<HeaderMap, Error> {
        let mut headers = HeaderMap::with_capacity(4);
        let how = self.soap_action.unwrap_or(match self.soap {
            // `wsa:Action` names it. WCF refuses a message in which the two differ, so there is only one.
            SoapVersion::Soap12 if self.addressing.is_some() => SoapAction::Absent,
            SoapVersion::Soap11 | SoapVersion::Soap12 => SoapAction::Quoted,
        });
        let action = match how {
            SoapAction::Quoted => Some(quoted(action)),
            SoapAction::Empty => Some(quoted("")),
            SoapAction::Absent => None,
        };
        match (self.soap, action) {
            (_, None) => {}
            (SoapVersion::Soap11, Some(action)) => {
                headers.insert(HeaderName::from_static("soapaction"), header(&action)?);
            }
            (SoapVersion::Soap12, Some(action)) => {
                content_type.push_str("; action=");
                content_type.push_str(&action);
            }
        }
        headers.insert(CONTENT_TYPE, header(&content_type)?);
        Ok(headers)
    }

    /// Adds what the program adds to each HTTP head, but for what is there already.
    pub(crate) fn add_program_headers(&self, headers: &mut HeaderMap) {
        for name in self.http_headers.keys().filter(|name| !headers.contains_key(*name)).cloned().collect::<Vec<_>>() {
            for value in self.http_headers.get_all(&name) {
                headers.append(&name, value.clone());
            }
        }
    }

    /// Sends a message and waits for the head of the answer. The time of its body begins then; it has to end in time
    /// unless it is handed over as a stream.
    ///
    /// # Errors
    /// A failure of the network. Its delivery is set: not sent if no connection could be made, else unknown.
    pub(crate) async fn post(
        &self,
        mut headers: HeaderMap,
        body: Body,
        record: &mut Record<'_>,
    ) -> Result<(Response, Handover), Error> {
        self.add_program_headers(&mut headers);
        record.sent(self.url, &headers);
        let Settings { idle_timeout, minimum_rate, .. } = *self.settings;
        let request = Request {
            url: self.url.clone(),
            headers,
            body,
            reply_timeout: self.reply_timeout,
            idle_timeout,
            minimum_rate,
        };
        let mut response = self.settings.transport.send(request).await.map_err(TransportError::into_error)?;
        record.answered(response.status, &response.headers);
        let limit = TimeLimit { transfer_timeout: self.transfer_timeout, minimum_rate, idle_timeout };
        let (body, handover) = limit.apply(response.body);
        response.body = body;
        Ok((response, handover))
    }
}

impl Head {
    pub(crate) fn of(response: &Response) -> Self {
        let date = response.headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
        Self { status: response.status, date }
    }

    /// Adds the HTTP status to an error. To an error about security it also adds how the two clocks compare: the most
    /// frequent cause of such errors is a wrong clock.
    pub(crate) fn explain(&self, error: Error, now: SystemTime) -> Error {
        let error = error.with_status(self.status.as_u16());
        match self.date {
            Some(date) if error.kind() == ErrorKind::Security => error.with_hint(skew(date, now)),
            _ => error,
        }
    }
}

/// How two clocks compare, for the user.
fn skew(theirs: SystemTime, ours: SystemTime) -> String {
    let (apart, direction) = match ours.duration_since(theirs) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    if apart <= NEGLIGIBLE_SKEW {
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
