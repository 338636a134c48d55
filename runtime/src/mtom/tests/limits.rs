//! What a package may cost, and what is read of those that are not quite right.

use bytes::Bytes;

use crate::limits::Limits;
use crate::mtom::tests::{read, read_with};

const TYPE: &str = "multipart/related; boundary=b";

#[track_caller]
fn assert_refused(limits: &Limits, content_type: &str, package: impl Into<Bytes>, says: &str) {
    let package = package.into();
    for pieces in [vec![package.clone()], package.chunks(7).map(Bytes::copy_from_slice).collect()] {
        let error = read_with(limits, content_type, pieces).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn limits_are_named() {
    let mut limits = Limits { reply_bytes: 10, ..Limits::default() };
    limits.mtom.parts = 2;
    limits.mtom.part_header_bytes = 20;
    limits.mtom.around_bytes = 8;
    assert!(read_with(&limits, TYPE, vec!["--b\r\n\r\n12345\r\n--b\r\n\r\n67890\r\n--b--".into()]).is_ok());
    assert_refused(&limits, TYPE, "--b\r\n\r\n12345\r\n--b\r\n\r\n678901\r\n--b--", "reply_bytes");
    assert_refused(&limits, TYPE, "--b\r\n\r\nx\r\n--b\r\n\r\n\r\n--b\r\n\r\n\r\n--b--", "MtomLimits::parts");
    assert_refused(&limits, TYPE, "--b\r\nX: 345678901234567890\r\n\r\n\r\n--b--", "part_header_bytes");
    assert_refused(&limits, TYPE, format!("--b\r\n{}", "x".repeat(30)), "part_header_bytes");
    assert_refused(&limits, TYPE, "123456789\r\n--b\r\n\r\n\r\n--b--", "around_bytes");
}

#[test]
fn what_is_no_package() {
    let limits = Limits::default();
    let whole = "--b\r\n\r\n<a/>\r\n--b--";
    assert_refused(&limits, "multipart/mixed; boundary=b", whole, "multipart/related");
    assert_refused(&limits, "multipart/related; type=text/html; boundary=b", whole, "application/xop+xml");
    assert_refused(&limits, "multipart/related", whole, "boundary");
    assert_refused(&limits, "multipart/related; boundary=\"\"", whole, "boundary");
    assert_refused(&limits, &format!("multipart/related; boundary={}", "b".repeat(300)), whole, "boundary");
    assert_refused(&limits, "multipart/related; boundary=c", whole, "without any part");
    assert_refused(&limits, TYPE, "", "without any part");
    assert_refused(&limits, TYPE, "--b--", "without any part");
    assert_refused(&limits, "multipart/related; boundary=b; start=\"<x>\"", whole, "start");
    assert_refused(&limits, TYPE, "--b\r\nContent-Type: text/html\r\n\r\n<a/>\r\n--b--", "no XML");
    assert_refused(&limits, TYPE, "--b\r\n\r\n\r\n--b--", "whose root part is empty");
    assert_refused(&limits, TYPE, "--b\r\nContent-Type: text/xml; charset=utf-16\r\n\r\n<a/>\r\n--b--", "charset");
    assert_refused(
        &limits,
        TYPE,
        "--b\r\nContent-Type: text/xml; charset=utf-7\r\n\r\n<a/>\r\n--b--",
        "encoding that is not known",
    );
    assert_refused(&limits, TYPE, "--b\r\nContent-Transfer-Encoding: base64\r\n\r\n<a/>\r\n--b--", "transfer encoding");
}

/// What client-reactions.txt shows the .NET reader to refuse or accept, and what is read here.
#[test]
fn forms_that_are_read() {
    let outer = r#"multipart/related; type="application/xop+xml"; start="<0>"; boundary="b"; start-info="text/xml""#;
    let root = "Content-ID: <0>\r\nContent-Transfer-Encoding: 8bit\r\nContent-Type: application/xop+xml;charset=utf-8;type=\"text/xml\"";
    let part = "Content-ID: <1>\r\nContent-Transfer-Encoding: binary\r\nContent-Type: application/octet-stream";
    let package =
        |root: &str, part: &str| format!("\r\n--b\r\n{root}\r\n\r\n<a/>\r\n--b\r\n{part}\r\n\r\nxyz\r\n--b--\r\n");
    let usual = package(root, part);
    let start_info = r#"; start-info="text/xml""#;
    let long = "b".repeat(71);
    let root_last = format!("\r\n--b\r\n{part}\r\n\r\nxyz\r\n--b\r\n{root}\r\n\r\n<a/>\r\n--b--\r\n");
    let forms = [
        ("mtom", outer.to_owned(), usual.clone()),
        ("nostart", outer.replace(r#" start="<0>";"#, ""), usual.clone()),
        ("nostartinfo", outer.replace(start_info, ""), usual.clone()),
        ("actionstartinfo", outer.replace(start_info, r#"; start-info="text/xml; action=\"urn:x\"""#), usual.clone()),
        ("actionparam", format!("{outer}; action=\"urn:x\""), usual.clone()),
        ("unquoted", outer.replace('"', ""), usual.clone()),
        ("nocte", outer.to_owned(), package(root, "Content-ID: <1>")),
        ("cte7bit", outer.to_owned(), package(root, "Content-ID: <1>\r\nContent-Transfer-Encoding: 7bit")),
        ("rootxml", outer.to_owned(), package("Content-ID: <0>\r\nContent-Type: text/xml; charset=utf-8", part)),
        (
            "rootnotype",
            outer.to_owned(),
            package("Content-ID: <0>\r\nContent-Type: application/xop+xml;charset=utf-8", part),
        ),
        ("nocharset", outer.to_owned(), package("Content-ID: <0>\r\nContent-Type: application/xop+xml", part)),
        (
            "rootnocte",
            outer.to_owned(),
            package("Content-ID: <0>\r\nContent-Type: application/xop+xml;charset=utf-8", part),
        ),
        ("preamble", outer.to_owned(), format!("This is MIME.{usual}")),
        ("lf", outer.to_owned(), usual.replace("\r\n", "\n")),
        ("rootlast", outer.to_owned(), root_last),
        ("boundary71", outer.replace(r#""b""#, &long), usual.replace("--b", &format!("--{long}"))),
        ("noctype", outer.to_owned(), package(root, "Content-ID: <1>\r\nContent-Transfer-Encoding: binary")),
        ("bracketless", outer.to_owned(), package(root, "Content-ID: 1")),
        ("names", outer.to_owned(), package(&root.to_uppercase().replace("UTF", "utf"), &part.to_lowercase())),
        ("type with parameters", outer.replace("xop+xml\"", "xop+xml; charset=utf-8\""), usual.clone()),
        ("type in capitals", outer.replace("application/xop+xml", "Application/XOP+XML"), usual.clone()),
        ("type xml", outer.replace("xop+xml", "xml"), usual.clone()),
        ("type soap 1.2", outer.replace("xop+xml\"", "soap+xml;action=\\\"urn:x\\\"\""), usual.clone()),
        ("percent", outer.replace("<0>", "<%30>"), usual.clone()),
    ];
    for (name, content_type, package) in forms {
        let content = read(&content_type, vec![package.into()]).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(content, (b"<a/>".to_vec(), vec![("1".to_owned(), b"xyz".to_vec())]), "{name}");
    }
}

/// The part's charset decides before the declaration of its document, and a byte order mark before both.
#[test]
fn roots_in_other_encodings_are_read() {
    let package = |head: &str, root: &[u8]| {
        let head = format!("--b\r\nContent-Type: application/xop+xml{head}\r\n\r\n");
        Bytes::from([head.as_bytes(), root, b"\r\n--b--"].concat())
    };
    let utf16: Vec<u8> = "\u{FEFF}<a>\u{e6}</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (package, text) in [
        (
            package("; charset=utf-8", "<?xml encoding='utf-16'?><a>æ</a>".as_bytes()),
            "<?xml encoding='utf-16'?><a>æ</a>",
        ),
        (package("; charset=iso-8859-1", b"<a>\xE6</a>"), "<a>æ</a>"),
        (package("", b"<?xml encoding='latin1'?><a>\xE6</a>"), "<?xml encoding='latin1'?><a>æ</a>"),
        (package("; charset=utf-8", &utf16), "<a>æ</a>"),
        (package("", "\u{FEFF}<a>æ</a>".as_bytes()), "<a>æ</a>"),
    ] {
        for pieces in [vec![package.clone()], package.chunks(3).map(Bytes::copy_from_slice).collect()] {
            assert_eq!(read(TYPE, pieces).unwrap().0, text.as_bytes());
        }
    }
    let grows = package("; charset=latin1", &[0xE6; 20]);
    for (reply_bytes, fits) in [(40, true), (39, false)] {
        let limits = Limits { reply_bytes, ..Limits::default() };
        assert_eq!(read_with(&limits, TYPE, vec![grows.clone()]).is_ok(), fits, "{reply_bytes}");
    }
}
