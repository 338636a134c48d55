//! The shapes.

use crate::testing::hostile::contract::NS;
use crate::testing::hostile::{HostileAnswer, HostileShape, Reader};

/// One that is read, in few steps.
const fn shape(name: &'static str, answer: fn(usize) -> HostileAnswer) -> HostileShape {
    HostileShape { name, answer, most: usize::MAX, steps: 5.0, refusal: "" }
}

impl HostileShape {
    /// The limits end it at this length.
    const fn at_most(self, most: usize) -> Self {
        Self { most, ..self }
    }

    /// It takes this many steps for each byte.
    const fn in_steps(self, steps: f64) -> Self {
        Self { steps, ..self }
    }

    /// It is refused for this reason.
    const fn refused(self, refusal: &'static str) -> Self {
        Self { refusal, ..self }
    }
}

const XML: &str = "text/xml; charset=utf-8";

pub(super) static ALL: &[HostileShape] = &[
    shape("elements in the scope of 250 declarations", |n| values(&declarations(), &fill(n, "<p0:x/>"), "")),
    shape("elements with prefixes of 200 letters", |n| {
        let prefix = |number: usize| format!("{}{number}", "p".repeat(200));
        let declared: String = (0..200).map(|number| format!(" xmlns:{}='urn:{number}'", prefix(number))).collect();
        values(&declared, &fill(n, &format!("<{}:x/>", prefix(0))), "")
    }),
    shape("declarations on each of 100 levels", |n| {
        let open: String =
            (0..100).map(|level| format!("<p{level}:x xmlns:p{level}='urn:x' xmlns:q='urn:y'>")).collect();
        let close: String = (0..100).rev().map(|level| format!("</p{level}:x>")).collect();
        open_content("", &fill(n, &format!("<Any>{open}{close}</Any>")))
    }),
    shape("512 attributes on each element", |n| {
        let attributes: String = (0..500).map(|number| format!(" a{number}=''")).collect();
        open_content("", &fill(n, &format!("<Any{attributes}/>")))
    }),
    shape("attributes in the scope of 250 declarations", |n| {
        open_content(&declarations(), &fill(n, "<Any p0:a='' p1:b='' p2:c=''/>"))
    }),
    shape("one attribute of references and line ends", |n| {
        values(&format!(" a='{}'", fill(n, "&#13;\r\n&amp;")), "", "")
    }),
    shape("comments, instructions and white space between elements", |n| values("", &fill(n, "<!----> <?x?>\n"), "")),
    shape("text of references", |n| values("", &format!("<Text>{}</Text>", fill(n, "&amp;&#65; ")), "")),
    shape("text of line ends and white space", |n| values("", &format!("<Text>{}x</Text>", fill(n, "\r\n \r\t")), "")),
    shape("text of CDATA and comments", |n| {
        values("", &format!("<Text>{}</Text>", fill(n, "<![CDATA[x]]><!---->")), "")
    }),
    shape("qualified names in the scope of 250 declarations", |n| {
        values(&declarations(), &fill(n, "<Name>p0:x</Name>"), "")
    }),
    shape("numbers of any length", |n| {
        let digits = fill(n / 4, "1234567890");
        values("", &format!("<Integer>{digits}</Integer><Double>{digits}.{digits}e-{digits}</Double>"), "")
    }),
    shape("a decimal of any length", |n| values("", &format!("<Decimal>0.{}1</Decimal>", fill(n, "0")), ""))
        .refused("at most 28 digits"),
    shape("a moment of any length", |n| {
        values("", &format!("<Moment>2020-01-01T00:00:00.{}Z</Moment>", fill(n, "0")), "")
    }),
    shape("a span of any length", |n| values("", &format!("<Span>PT0.{}S</Span>", fill(n, "0")), "")),
    shape("header blocks that must be understood", |n| {
        values("", "", &fill(n, "<h:x xmlns:h='urn:h' s:mustUnderstand='1' s:actor='urn:a' h:y='1'/>"))
    }),
    shape("base64 in lines", |n| {
        values("", &format!("<Bytes>{}</Bytes>", fill(n, &format!("{}&#13;\n", "QUJD".repeat(19)))), "")
    }),
    shape("base64 in CDATA of one letter", |n| {
        values("", &format!("<Bytes>{}</Bytes>", fill(n, &"<![CDATA[A]]>".repeat(4))), "")
    }),
    // Each copies the declarations in scope, which XmlLimits::memory counts.
    shape("open content in the scope of 100 declarations", |n| {
        let declared: String = (0..100).map(|number| format!(" xmlns:p{number}='urn:example:{number}'")).collect();
        open_content(&declared, &format!("<Any>{}</Any>", fill(n, "<p1:x>text</p1:x>")))
    })
    .at_most(1 << 20)
    .in_steps(200.0),
    shape("a fault of codes in the scope of 250 declarations", |n| {
        fault(&declarations(), &fill(n, "<faultcode>p0:x</faultcode>"))
    })
    .refused("answered with a fault"),
    shape("a fault of details in the scope of 250 declarations", |n| {
        fault(&declarations(), &format!("<faultcode>x</faultcode>{}", fill(n, "<detail><p0:x/></detail>")))
    })
    .refused("answered with a fault"),
    shape("a fault of reasons with markup in them", |n| {
        fault(&declarations(), &fill(n, "<faultstring>x<p0:x/><p0:x>x</p0:x></faultstring>"))
    })
    .refused("answered with a fault"),
    shape("a fault that is no fault of its version", |n| {
        fault("", &fill(n, "<Code><Value>p:x</Value><Subcode/></Code>"))
    })
    .refused("answered with a fault"),
    shape("UTF-16", |n| {
        let text = envelope("", &format!("<Values xmlns='{NS}'><Text>{}</Text></Values>", fill(n / 2, "æ ")));
        HostileAnswer {
            body: text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>().into(),
            content_type: "text/xml; charset=utf-16".to_owned(),
            ..whole(text)
        }
    }),
    shape("pieces of one byte", |n| HostileAnswer { piece: 1, ..values("", &fill(n, "<x/>"), "") }),
    shape("a media type of many parameters", |n| HostileAnswer {
        content_type: format!("text/xml{}", numbered(n, |at| format!(";p{at}=1"))),
        ..values("", "", "")
    })
    .refused("MEDIA_TYPE_PARAMETERS")
    .at_most(400 << 10),
    shape("a media type of long parameters", |n| {
        let escaped = fill(n / 100, "\\\"");
        let parameters: String = (0..90).map(|at| format!(";p{at}=\"{escaped}\"")).collect();
        HostileAnswer { content_type: format!("text/xml{parameters}"), ..values("", "", "") }
    })
    .at_most(400 << 10),
    shape("parts with long heads", |n| {
        let parameters: String = (0..90).map(|at| format!(";parameter{at}=value")).collect();
        let head = format!("{}Content-Type: x/y{parameters}\r\n\r\n", fill(6000, "X-Nothing: in it\r\n continued\r\n"));
        package("<Values/>", &fill(n, &format!("\r\n--b\r\n{head}")))
    })
    .at_most(7 << 20),
    shape("parts with long names, each included", |n| {
        let name = |at: usize| format!("{}{at}", "%41".repeat(100));
        let count = n / 740;
        let included: String = (0..count)
            .rev()
            .map(|at| {
                format!(
                    "<Part><i:Include xmlns:i='http://www.w3.org/2004/08/xop/include' href='cid:{}'/></Part>",
                    name(at)
                )
            })
            .collect();
        let parts: String = (0..count).map(|at| format!("\r\n--b\r\nContent-ID: <{}>\r\n\r\nx", name(at))).collect();
        package(&format!("<Values>{included}</Values>"), &parts)
    })
    .at_most(640 << 10),
    shape("lines that are nearly boundaries", |n| package("<Values/>", &format!("\r\n--b\r\n\r\n{}", near(n)))),
    shape("lines that are nearly boundaries, byte by byte", |n| HostileAnswer {
        piece: 1,
        ..package("<Values/>", &format!("\r\n--b\r\n\r\n{}", near(n)))
    }),
    shape("a list of empty items in large tags", |n| list(&declarations(), &fill(n, "<Name/>"))),
    shape("a list with comments, instructions and strangers", |n| list(&declarations(), &fill(n, "<!----><?x?><x/>"))),
    shape("a list with strangers before it", |n| {
        let before = fill(n, "<x/><?x?>");
        items(&format!("<ListResponse xmlns='{NS}'{}>{before}<List/></ListResponse>", declarations()))
    }),
    shape("a list of one text in small pieces", |n| HostileAnswer {
        piece: 7,
        ..list("", &format!("<Name>{}</Name>", fill(n, "text")))
    })
    .at_most(16 << 20),
    shape("a list of one text in pieces of one byte", |n| HostileAnswer {
        piece: 1,
        ..list("", &format!("<Name>{}</Name>", fill(n, "text")))
    })
    .at_most(16 << 20),
    shape("a list of one comment behind a text, in small pieces", |n| HostileAnswer {
        piece: 7,
        ..list("", &format!("<Name>{}<!-- {} --></Name>", fill(n / 2, "text"), fill(n / 2, "- text")))
    })
    .at_most(16 << 20),
    shape("a list of one tag in small pieces", |n| HostileAnswer {
        piece: 7,
        ..list("", &format!("<Name a='{}'/>", fill(n, "a&lt;\">")))
    })
    .at_most(16 << 20),
    #[cfg(feature = "secure-conversation")]
    shape("signatures over everything, with long lists of prefixes", signed).refused("its digest differs"),
];

/// A text as often as it fits.
fn fill(bytes: usize, text: &str) -> String {
    text.repeat((bytes / text.len()).max(1))
}

/// Texts that differ, as many as fit.
fn numbered(bytes: usize, text: impl Fn(usize) -> String) -> String {
    let mut all = String::with_capacity(bytes);
    for at in 0.. {
        if all.len() >= bytes {
            break;
        }
        all.push_str(&text(at));
    }
    all
}

fn declarations() -> String {
    (0..250).map(|number| format!(" xmlns:p{number}='urn:{number}'")).collect()
}

/// What is like a boundary up to its last byte.
fn near(bytes: usize) -> String {
    fill(bytes, &format!("\r\n--b{}x\r\n-\r\n--", " ".repeat(120)))
}

fn envelope(headers: &str, body: &str) -> String {
    format!(
        "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Header>{headers}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
}

fn whole(text: String) -> HostileAnswer {
    HostileAnswer { how: Reader::Values, status: 200, content_type: XML.to_owned(), body: text.into(), piece: 4 << 10 }
}

fn values(attributes: &str, content: &str, headers: &str) -> HostileAnswer {
    whole(envelope(headers, &format!("<Values xmlns='{NS}'{attributes}>{content}</Values>")))
}

fn open_content(attributes: &str, content: &str) -> HostileAnswer {
    let text = envelope("", &format!("<Open xmlns='{NS}'{attributes}>{content}</Open>"));
    HostileAnswer { how: Reader::Open, ..whole(text) }
}

fn fault(attributes: &str, content: &str) -> HostileAnswer {
    HostileAnswer { status: 500, ..whole(envelope("", &format!("<s:Fault{attributes}>{content}</s:Fault>"))) }
}

fn items(body: &str) -> HostileAnswer {
    HostileAnswer { how: Reader::Items, ..whole(envelope("", body)) }
}

fn list(attributes: &str, content: &str) -> HostileAnswer {
    items(&format!("<ListResponse xmlns='{NS}'{attributes}><List>{content}</List></ListResponse>"))
}

fn package(value: &str, parts: &str) -> HostileAnswer {
    let root = envelope("", &value.replacen("<Values", &format!("<Values xmlns='{NS}'"), 1));
    let content_type = "multipart/related; type='application/xop+xml'; boundary=b".replace('\'', "\"");
    HostileAnswer { content_type, ..whole(format!("--b\r\n\r\n{root}{parts}\r\n--b--\r\n")) }
}

/// Signatures that refer to the whole message again and again.
#[cfg(feature = "secure-conversation")]
fn signed(bytes: usize) -> HostileAnswer {
    let prefixes = numbered(bytes / 3, |at| format!(" p{at}"));
    let reference = format!(
        "<d:Reference URI='#all'><d:Transforms><d:Transform Algorithm='{0}'><e:InclusiveNamespaces xmlns:e='{0}' PrefixList='{1}'/></d:Transform></d:Transforms><d:DigestMethod Algorithm='http://www.w3.org/2000/09/xmldsig#sha1'/><d:DigestValue>AAAA</d:DigestValue></d:Reference>",
        "http://www.w3.org/2001/10/xml-exc-c14n#", prefixes
    );
    let security = format!(
        "<o:Security xmlns:o='http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd' xmlns:d='http://www.w3.org/2000/09/xmldsig#'><d:Signature><d:SignedInfo>{reference}</d:SignedInfo></d:Signature></o:Security>"
    );
    let body = format!(
        "<x u:Id='all'{} xmlns:u='http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd'>{}</x>",
        declarations(),
        fill(bytes / 3 * 2, "<p0:x p1:a='' p2:b=''/>")
    );
    HostileAnswer { how: Reader::Signatures, ..whole(envelope(&security, &body)) }
}
