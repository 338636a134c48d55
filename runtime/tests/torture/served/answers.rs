//! Answers as their octets say them.

/// An answer, or the beginning of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    /// It has come to its end.
    pub is_complete: bool,
    pub text: String,
}

/// The answers in what has come over a connection. `ended`: nothing more comes.
pub fn answers(mut octets: &[u8], ended: bool) -> Vec<Answer> {
    let mut all = Vec::new();
    while let Some(end) = memchr::memmem::find(octets, b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&octets[..end]).to_ascii_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
        let rest = &octets[end + 4..];
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let (body, taken) = match length {
            _ if status / 100 == 1 => {
                octets = rest;
                continue;
            }
            _ if head.contains("transfer-encoding: chunked") => unchunked(rest),
            Some(length) => {
                (rest[..rest.len().min(length)].to_vec(), Some(length).filter(|length| *length <= rest.len()))
            }
            None => (rest.to_vec(), ended.then_some(rest.len())),
        };
        all.push(Answer { status, is_complete: taken.is_some(), text: String::from_utf8_lossy(&body).into_owned() });
        let Some(taken) = taken else { break };
        octets = &rest[taken..];
    }
    all
}

/// What is in chunks, and how many octets they take if the last is there.
fn unchunked(octets: &[u8]) -> (Vec<u8>, Option<usize>) {
    let (mut body, mut at) = (Vec::new(), 0);
    while let Some(line) = memchr::memmem::find(&octets[at..], b"\r\n") {
        let length = std::str::from_utf8(&octets[at..at + line]).ok();
        let Some(length) = length.and_then(|length| usize::from_str_radix(length, 16).ok()) else { break };
        at += line + 2;
        if length == 0 {
            return (body, octets.get(at..at + 2).map(|_| at + 2));
        }
        body.extend_from_slice(&octets[at..octets.len().min(at + length)]);
        at += length + 2;
        if at > octets.len() {
            break;
        }
    }
    (body, None)
}

#[test]
fn answers_are_read_as_far_as_they_go() {
    let octets = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab\
        HTTP/1.1 500 x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n";
    let of = |status, is_complete, text: &str| Answer { status, is_complete, text: text.to_owned() };
    let whole = [of(200, true, "ab"), of(500, true, "abcd")];
    assert_eq!(answers(octets, false), whole);
    for end in 0..octets.len() {
        for (at, answer) in answers(&octets[..end], true).iter().enumerate() {
            assert!(*answer == whole[at] || !answer.is_complete && whole[at].text.starts_with(&answer.text), "{end}");
        }
    }
    assert_eq!(answers(b"HTTP/1.1 200 OK\r\n\r\nab", false), [of(200, false, "ab")]);
    assert_eq!(answers(b"HTTP/1.1 200 OK\r\n\r\nab", true), [of(200, true, "ab")]);
}
