//! Heads of HTTP answers that are nearly right, and bodies in other encodings.

use std::io::Write as _;

use altinn_soap::testing::Answer;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, DATE, HeaderName, LOCATION, RETRY_AFTER, SET_COOKIE};
use http::{HeaderValue, StatusCode};

use crate::PLANTED;
use crate::choices::{Choices, Plan, Random};
use crate::outcome::Verdict;
use crate::reply::in_three_ways;
use crate::service::{self, Call};

const STATUS: [u16; 12] = [200, 202, 204, 301, 307, 400, 401, 403, 404, 500, 502, 503];
const TYPES: [&str; 14] = [
    "text/xml",
    "text/xml; charset=utf-8",
    "TEXT/XML ;charset=\"UTF-8\" ; action=\"urn:a;b\"",
    "application/soap+xml; charset=us-ascii",
    "application/soap+xml; charset=iso-8859-1",
    "text/xml; charset=utf-16",
    "text/xml; charset=no-such-charset",
    "text/xml; charset=",
    "text/xml; charset=\"utf-8",
    "text/html",
    "multipart/related",
    "multipart/related; boundary=x; type=\"application/xop+xml\"",
    "",
    ";;;=",
];
const COOKIES: [&str; 8] = [
    "a=b; Path=/; Secure; HttpOnly",
    "a=; Max-Age=0",
    "a=b; Expires=Thu, 99 Foo 99999 99:99:99 GMT",
    "=b",
    ";",
    "a=b; Domain=other.example",
    "a=QUOTED-01017012345; Max-Age=99999999999999999999",
    "a=\u{e6}",
];
const DATES: [&str; 5] = [
    "Mon, 15 Jan 2024 10:00:00 GMT",
    "Mon, 15 Jan 2024 12:30:00 GMT",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    PLANTED,
];
const LOCATIONS: [&str; 4] = ["https://other.example/", "/QUOTED-01017012345", "http://[::1", "https://a:b@c/?d"];
const CODINGS: [&str; 6] = ["gzip", "identity", "x-gzip", "br", "gzip, gzip", PLANTED];

/// The head is changed, but for what the error of a redirect or of an unknown media type names.
fn change(answer: &mut Answer, choices: &mut Choices<'_>) {
    for _ in 0..choices.below(4) {
        let mut set = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
                answer.headers.append(name, value);
            }
        };
        match choices.below(9) {
            0 => answer.status = StatusCode::from_u16(choices.of(&STATUS)).unwrap_or_default(),
            1 => service::content_type(answer, choices.of(&TYPES).as_bytes()),
            2 => (0..choices.of(&[1, 2, 200])).for_each(|_| set(SET_COOKIE, choices.of(&COOKIES))),
            3 => set(DATE, choices.of(&DATES)),
            4 => set(LOCATION, choices.of(&LOCATIONS)),
            5 => set(CONTENT_ENCODING, choices.of(&CODINGS)),
            6 => set(RETRY_AFTER, choices.of(&["1", "-1", "99999999999999999999", PLANTED])),
            7 => {
                let parameters = "; a=b".repeat(choices.of(&[1, 63, 64, 65, 1000]));
                service::content_type(answer, format!("text/xml{parameters}; charset=utf-8").as_bytes());
            }
            _ => drop(answer.headers.remove(CONTENT_TYPE)),
        }
    }
    let mut body = answer.body.to_vec();
    match choices.below(12) {
        8 | 9 => {
            // Cut off, or changed, within what is packed.
            answer.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            body = packed(&body);
            let at = choices.below(body.len());
            if choices.one_in(2) {
                body.truncate(at);
            } else {
                body[at] ^= 1 << choices.below(8);
            }
        }
        10 => body.clear(),
        11 => body = b"<html>QUOTED-01017012345".repeat(choices.of(&[1, 100])),
        _ => {}
    }
    answer.body = body.into();
}

fn packed(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(body).and_then(|()| encoder.finish()).unwrap_or_else(|error| panic!("{error}"))
}

/// The same answer: packed by gzip, in UTF-16, with a mark of its byte order.
fn encoded(answer: &mut Answer, seed: u64) {
    if answer.headers.contains_key(CONTENT_ENCODING) || answer.body.is_empty() {
        return;
    }
    let mut random = Random::new(seed);
    let stated = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if let (Some(media_type), Ok(text)) = (stated.strip_suffix("charset=utf-8"), std::str::from_utf8(&answer.body)) {
        let (order, name) = match random.below(2) {
            0 => (u16::to_be_bytes as fn(u16) -> [u8; 2], "utf-16be"),
            _ => (u16::to_le_bytes as _, "utf-16le"),
        };
        let (body, charset) = match random.below(3) {
            0 => (format!("\u{FEFF}{text}").into_bytes(), "utf-8"),
            1 => (text.encode_utf16().flat_map(order).collect(), name),
            _ => (format!("\u{FEFF}{text}").encode_utf16().flat_map(order).collect(), "utf-16"),
        };
        let media_type = format!("{media_type}charset={charset}");
        (answer.body, _) = (body.into(), service::content_type(answer, media_type.as_bytes()));
    }
    answer.body = packed(&answer.body).into();
    answer.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
}

/// A right reply or token under a head that is nearly right.
pub(crate) fn head(input: &[u8]) -> Verdict {
    let plan = Plan::of(input);
    let mut choices = Choices::new(plan.choices);
    let exchange = match choices.below(3) {
        0 => &service::conversations()[choices.below(2)],
        _ => choices.of(service::generated()),
    };
    let call = Call::sample(exchange, choices.below(1 << 8) as u64);
    let octets = choices.rest().to_vec();
    in_three_ways(&plan, exchange, true, |form, pieces| {
        let octets = octets.clone();
        call.make(pieces, move |_, mut answer| {
            change(&mut answer, &mut Choices::new(&octets));
            if form != 0 {
                encoded(&mut answer, form);
            }
            answer
        })
    })
}
