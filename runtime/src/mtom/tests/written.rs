//! What is written: part for part what .NET's client writes, and none of the forms that its reader refuses.

use bytes::Bytes;

use crate::mtom::media_type::MediaType;
use crate::mtom::parts::{Attachments, Ids};
use crate::mtom::tests::fixtures::{Message, recorded};
use crate::mtom::write::OutgoingPackage;
use crate::schema::encode::Attach;
use crate::soap::SoapVersion;
use crate::wiped::Wiped;

fn written(soap: SoapVersion, parts: usize, stream: bool) -> (String, Vec<u8>, String) {
    let mut attachments = Attachments::new(Ids::new([0xAB; 16]), 768, stream);
    let mut envelope = String::from("<s:Envelope>");
    for part in 0..parts {
        envelope.push_str(&attachments.push(Bytes::from(vec![b'0' + u8::try_from(part).unwrap(); 800])));
    }
    if stream {
        envelope.push_str(&attachments.include_stream().unwrap());
    }
    envelope.push_str("</s:Envelope>");
    let mut package = OutgoingPackage::new(soap, &Wiped::new(envelope.clone().into_bytes(), Vec::new()), attachments);
    if let Some(tail) = package.tail.take() {
        package.head.extend([Bytes::from_static(b"the stream"), tail]);
    }
    (package.content_type.clone(), package.to_bytes(), envelope)
}

fn as_message(content_type: &str, body: Vec<u8>) -> Message {
    Message { headers: vec![("content-type".into(), content_type.into())], body: body.into() }
}

type Pairs = Vec<(String, String)>;

/// The parameters, and the header lines of each part, without boundary and content ids.
fn form(message: &Message) -> (Pairs, Vec<Pairs>) {
    let without_id = |(name, value): &(String, String)| {
        let value = if ["boundary", "content-id"].contains(&&**name) { String::new() } else { value.clone() };
        (name.clone(), value)
    };
    let parameters = message.media_type().parameters().iter().map(without_id).collect();
    let parts = message.parts().iter().map(|(head, _)| head.lines.iter().map(without_id).collect()).collect();
    (parameters, parts)
}

#[test]
fn the_requests_of_dotnet_part_for_part() {
    let mut compared = 0;
    for (name, theirs) in recorded() {
        let is_request = name.starts_with("wcf/both/") || name.starts_with("wcf/client/");
        if !is_request || !name.ends_with("-request.http") || !theirs.content_type().starts_with("multipart/") {
            continue;
        }
        let soap12 = theirs.media_type().parameter("start-info") == Some("application/soap+xml");
        let soap = if soap12 { SoapVersion::Soap12 } else { SoapVersion::Soap11 };
        let parts = theirs.parts().len() - 1;
        let (content_type, body, _) = written(soap, parts, false);
        assert_eq!(form(&as_message(&content_type, body)), form(&theirs), "{name}");
        if parts > 0 {
            let (content_type, body, _) = written(soap, parts - 1, true);
            assert_eq!(form(&as_message(&content_type, body)), form(&theirs), "{name} with a stream");
        }
        // To the byte, where the ids have the same length.
        let start = format!(
            "\r\n--{}\r\nContent-ID: <http://tempuri.org/0>\r\n",
            theirs.media_type().parameter("boundary").unwrap()
        );
        assert!(theirs.body.starts_with(start.as_bytes()), "{name}");
        compared += 1;
    }
    println!("{compared} requests compared");
    assert!(compared >= 35, "{compared}");
}

/// The spaces of .NET 5 and later; .NET Framework leaves them out.
#[test]
fn the_content_type_to_the_byte() {
    let theirs = Message::load("wcf/both/basic-upload-mtom/001-request.http");
    let (ours, ..) = written(SoapVersion::Soap11, 0, true);
    let without =
        |text: &str| text.replace(MediaType::parse(text.as_bytes()).unwrap().parameter("boundary").unwrap(), "");
    assert_eq!(without(&ours), without(&theirs.content_type()));
}

/// Each form that `client-reactions.txt` shows .NET to refuse, and that a request could have.
mod refused_by_dotnet {
    use super::*;

    fn each(check: impl Fn(&Message, &str, SoapVersion)) {
        for soap in [SoapVersion::Soap11, SoapVersion::Soap12] {
            for (parts, stream) in [(0, false), (1, false), (0, true), (3, true)] {
                let (content_type, body, envelope) = written(soap, parts, stream);
                check(&as_message(&content_type, body), &envelope, soap);
            }
        }
    }

    fn line<'a>(head: &'a [(String, String)], name: &str) -> Option<&'a str> {
        head.iter().find_map(|(known, value)| (known == name).then_some(&**value))
    }

    #[test]
    fn actionstartinfo() {
        each(|message, _, soap| {
            assert_eq!(message.media_type().parameter("start-info"), Some(soap.media_type()));
            assert_eq!(message.media_type().parameter("action"), None);
        });
    }

    #[test]
    fn unquoted() {
        each(|message, _, _| {
            let value = message.content_type();
            for (_, parameter) in message.media_type().parameters() {
                assert!(value.contains(&format!("=\"{parameter}\"")), "{value}");
            }
        });
    }

    #[test]
    fn nocte_and_cte7bit() {
        each(|message, _, _| {
            for (at, (head, _)) in message.parts().iter().enumerate() {
                let expected = if at == 0 { "8bit" } else { "binary" };
                assert_eq!(line(&head.lines, "content-transfer-encoding"), Some(expected));
            }
        });
    }

    #[test]
    fn rootxml_rootnotype_and_nocharset() {
        each(|message, _, soap| {
            let parts = message.parts();
            let root = parts[0].0.media_type.as_ref().unwrap();
            assert_eq!(root.essence(), "application/xop+xml");
            assert_eq!(root.parameter("type"), Some(soap.media_type()));
            assert_eq!(root.parameter("type"), message.media_type().parameter("start-info"));
            assert_eq!(root.parameter("charset"), Some("utf-8"));
        });
    }

    #[test]
    fn twice_and_missing() {
        each(|message, envelope, _| {
            let parts = message.parts();
            assert_eq!(envelope.matches("cid:").count(), parts.len() - 1);
            let mut ids: Vec<&str> = parts.iter().filter_map(|(head, _)| head.content_id.as_deref()).collect();
            for id in &ids[1..] {
                assert_eq!(envelope.matches(&format!("\"cid:{id}\"")).count(), 1, "{id}");
            }
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), parts.len());
        });
    }

    #[test]
    fn lf() {
        each(|message, _, _| {
            for at in memchr::memchr_iter(b'\n', &message.body) {
                assert_eq!(message.body[at - 1], b'\r');
            }
        });
    }

    #[test]
    fn boundary71() {
        each(|message, _, _| assert!(message.media_type().parameter("boundary").unwrap().len() <= 70));
    }

    #[test]
    fn bracketless() {
        each(|message, _, _| {
            for (head, _) in message.parts() {
                let id = line(&head.lines, "content-id").unwrap();
                assert!(id.starts_with('<') && id.ends_with('>'), "{id}");
            }
        });
    }
}

/// The stream may be as long as it likes, so it comes last; and what is announced is what is sent.
#[test]
fn the_stream_is_last_and_the_length_is_right() {
    let mut attachments = Attachments::new(Ids::new([7; 16]), 768, true);
    let stream = attachments.include_stream().unwrap();
    let later = attachments.push(Bytes::from_static(b"a part that a security header adds"));
    assert_ne!(stream, later);
    let package = OutgoingPackage::new(SoapVersion::Soap11, &Wiped::new(b"<e/>".to_vec(), Vec::new()), attachments);
    let tail = package.tail.clone().unwrap();
    let length: usize = package.head.iter().map(Bytes::len).sum::<usize>() + tail.len();
    assert_eq!(package.len(), length as u64);
    let message =
        as_message(&package.content_type, [package.head.concat(), b"content".to_vec(), tail.to_vec()].concat());
    let parts = message.parts();
    assert_eq!(parts[1].1, b"a part that a security header adds");
    assert_eq!(parts[2].1, b"content");
    assert!(stream.contains(parts[2].0.content_id.as_deref().unwrap()));
}
