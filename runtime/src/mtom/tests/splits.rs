//! However a package is cut into pieces, it is read the same; and whatever is missing of it, it is not read at all.

use bytes::Bytes;
use proptest::prelude::*;

use crate::mtom::tests::{Content, cut, read};

/// Everything that is allowed around the parts, and content that looks like boundaries.
const SMALL: &[u8] =
    b"preamble --b\r\n\r\n--b \t\r\nContent-ID: <0>\r\nContent-Type: application/xop+xml;\r\n charset=utf-8\r\n\r\n\
    <a/>\r\n--b\r\nContent-ID: <1>\r\n\r\n\r\n--\r\n--bb\r\r\n--b\r\n\r\nno id\r\n--b\r\nContent-ID: <2>\r\n\r\n--b--";

const LF: &[u8] = b"--b\nContent-ID: <0>\n\n<a/>\n--b\nContent-ID: <1>\n\nx\r\n\n\r\n--bc\n\n--b\nContent-ID: <2>\n\n\n--b--\n\n--b\n";

const TYPE: &str = r#"multipart/related; type="application/xop+xml"; start="<0>"; boundary=b"#;

fn small() -> Content {
    (b"<a/>".to_vec(), vec![("1".into(), b"\r\n--\r\n--bb\r".to_vec()), ("2".into(), vec![])])
}

fn lf() -> Content {
    (b"<a/>".to_vec(), vec![("1".into(), b"x\r\n\n\r\n--bc\n".to_vec()), ("2".into(), vec![])])
}

#[test]
fn small_packages_at_every_two_bytes() {
    for (package, content) in [(SMALL, small()), (LF, lf())] {
        let package = Bytes::from_static(package);
        for one in 0..=package.len() {
            for two in one..=package.len() {
                let read = read(TYPE, cut(&package, vec![one, two]));
                assert_eq!(read.unwrap(), content, "{one} {two}");
            }
        }
        assert_eq!(read(TYPE, package.chunks(1).map(Bytes::copy_from_slice).collect()).unwrap(), content);
    }
}

#[test]
fn cut_off_at_every_byte() {
    for package in [SMALL, LF] {
        let end = package.windows(5).position(|window| window == b"--b--").unwrap() + 5;
        for to in 0..package.len() {
            for pieces in
                [vec![Bytes::from_static(&package[..to])], package[..to].chunks(3).map(Bytes::from_static).collect()]
            {
                assert_eq!(read(TYPE, pieces).is_ok(), to >= end, "{to} of {}", package.len());
            }
        }
    }
}

#[test]
fn cut_off_at_every_byte_of_what_wcf_wrote() {
    let fixture = super::fixtures::Message::load("wcf/both/basic-download-mtom/001-response.http");
    let end = memchr::memmem::rfind(&fixture.body, b"--\r\n").unwrap() + 2;
    for to in 0..fixture.body.len() {
        let read = read(&fixture.content_type(), vec![fixture.body.slice(..to)]);
        assert_eq!(read.is_ok(), to >= end, "{to}");
    }
}

/// Octets that are mostly those of which delimiters are made.
fn tricky(len: usize) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => Just(b"\r\n--boundar".to_vec()),
        4 => Just(b"\r\n--boundaryz".to_vec()),
        2 => Just(b"\r".to_vec()),
        2 => Just(b"\n".to_vec()),
        2 => Just(b"--boundary--".to_vec()),
        2 => Just(b"\n--boundary\n".to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..200),
    ];
    // A line break before would make it a boundary.
    let clean = |pieces: Vec<Vec<u8>>| {
        let content = pieces.concat();
        let boundary = [&b"\r\n--boundary--"[..], b"\r\n--boundary\r\n", b"\r\n--boundary\n"];
        let starts = [&b"--boundary--"[..], b"--boundary\r\n", b"--boundary\n"];
        let is_content = !boundary.iter().any(|line| memchr::memmem::find(&content, line).is_some())
            && !starts.iter().any(|line| content.starts_with(line));
        is_content.then_some(content)
    };
    proptest::collection::vec(piece, 0..len).prop_filter_map("holds a boundary", clean)
}

proptest! {
    #[test]
    fn larger_packages_at_random_places(
        root in tricky(60),
        others in proptest::collection::vec(tricky(60), 0..4),
        cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..60),
    ) {
        // A beginning that shows UTF-8, whatever follows.
        let contents = [vec![[b"<root>", &root[..]].concat()], others].concat();
        let mut package = Vec::new();
        for (at, content) in contents.iter().enumerate() {
            package.extend_from_slice(format!("\r\n--boundary\r\nContent-ID: <{at}>\r\n\r\n").as_bytes());
            package.extend_from_slice(content);
        }
        package.extend_from_slice(b"\r\n--boundary--\r\n");
        let package = Bytes::from(package);
        let cuts = cuts.iter().map(|cut| cut.index(package.len() + 1)).collect();
        let (root, parts) = read("multipart/related; boundary=boundary", cut(&package, cuts)).unwrap();
        prop_assert_eq!(&root, &contents[0]);
        let parts: Vec<Vec<u8>> = parts.into_iter().map(|(_, content)| content).collect();
        prop_assert_eq!(&parts[..], &contents[1..]);
    }

    #[test]
    fn anything_is_read_or_refused(pieces in proptest::collection::vec(tricky(8), 0..8)) {
        let pieces = pieces.into_iter().map(Bytes::from).collect();
        let _ = read("multipart/related; boundary=boundary", pieces);
    }
}
