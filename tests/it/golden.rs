//! Every golden output of the generator is compiled, and each of its messages and types is written and read again.

use std::collections::BTreeSet;
use std::fs;

use altinn_soap::generated::v1;
use proptest::prelude::*;

use crate::round_trip;
use crate::support::root;

/// What one case of `tests/fixtures/codegen` was generated to.
struct Case {
    name: &'static str,
    text: &'static str,
    exchanges: &'static [&'static [v1::Exchange]],
    types: &'static [&'static [v1::MessageType]],
}

/// Compiles the output of each case; lists its modules with `EXCHANGES` and those with `TYPES`.
macro_rules! cases {
    ($($case:ident: [$($($exchanges:ident)::+),*], [$($($types:ident)::+),*];)*) => {
        $(pub(crate) mod $case {
            include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/codegen/", stringify!($case), "/expected.rs"));
        })*

        static CASES: &[Case] = &[$(Case {
            name: stringify!($case),
            text: include_str!(concat!("../fixtures/codegen/", stringify!($case), "/expected.rs")),
            exchanges: &[$($case::$($exchanges)::+::EXCHANGES),*],
            types: &[$($case::$($types)::+::TYPES),*],
        }),*];
    };
}

cases! {
    attachments: [gallery::gallery, gallery::guarded], [];
    derived: [derived::derived], [derived::types];
    documentation: [documentation::documentation], [documentation::types];
    documents: [], [dog::types, tax_form::types];
    encoded: [library::library_port, library::library12_port], [library::types];
    enumerations: [enumerations::enumerations], [enumerations::types];
    facts: [facts::facts], [facts::types];
    faults: [faults::faults], [faults::types];
    fields: [toll::toll], [toll::types];
    finite: [finite::finite], [finite::types];
    headers: [headers::basic], [];
    hostile_texts: [hostile_texts::p], [hostile_texts::types];
    http: [http::bearer, http::digest, http::mutual, http::negotiate, http::stated], [];
    names: [type_::types_], [type_::types];
    namespaces: [gamma::basic], [gamma::types];
    no_service: [camera::head_binding, camera::recorder_binding], [];
    occurrence: [occurrence::occurrence], [occurrence::types];
    optional_headers: [optional_headers::basic], [];
    overloaded: [words::words], [];
    partial: [garden::garden], [];
    prelude: [prelude::prelude], [prelude::types, prelude::types::prelude, prelude::types::v1_];
    recursion: [recursion::recursion], [recursion::types];
    restriction: [restriction::restriction], [restriction::types];
    rpc: [ferry::ferry, ferry::pier], [ferry::types];
    security: [security::client_certificate, security::http_basic, security::sealed, security::stated, security::timestamp], [];
    served: [depot::depot, depot::scales], [depot::types];
    several_parts: [office::office], [office::types];
    shared: [alpha::alpha, beta::beta, gamma::gamma],
        [alpha::types, beta::types, gamma::types, gamma::types::common, gamma::types::gamma];
    split: [split::basic, split::ec2], [split::basic::types, split::ec2::types, split::types];
    typed_parts: [museum::museum], [];
    two_shapes: [shapes::basic], [shapes::basic::types];
    values: [values::values], [values::types];
    versions: [parcels_v1::parcels, parcels_v2::parcels], [parcels_v1::types, parcels_v2::types];
    wrappers: [wrappers::basic], [wrappers::types];
}

#[test]
fn no_case_is_forgotten() {
    let folders = fs::read_dir(root().join("tests/fixtures/codegen")).unwrap().map(|entry| entry.unwrap().path());
    let on_disk: BTreeSet<_> = folders
        .filter(|folder| folder.join("expected.rs").exists())
        .map(|folder| folder.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(on_disk, CASES.iter().map(|case| case.name.to_owned()).collect());
    for case in CASES {
        assert_eq!(case.text.matches("pub static EXCHANGES:").count(), case.exchanges.len(), "{}", case.name);
        assert_eq!(case.text.matches("pub static TYPES:").count(), case.types.len(), "{}", case.name);
    }
}

/// What was written for a contract compiles for one whose messages and types have another optional element.
#[test]
fn an_optional_element_more_breaks_no_caller() {
    macro_rules! caller {
        ($version:ident) => {{
            use versions::$version::parcels::Track;
            use versions::$version::types::{Options, Speed};
            let options = Options::new(Speed::Fast);
            assert_eq!((&options.speed, options.insured), (&Speed::Fast, None));
            let track = Track { options: Some(options), ..Track::new("1") };
            #[allow(clippy::needless_update, reason = "one of the versions has a member more")]
            let with_default = Track { number: "1".to_owned(), options: track.options.clone(), ..Track::default() };
            assert_eq!(track, with_default);
        }};
    }
    caller!(parcels_v1);
    caller!(parcels_v2);
    assert_eq!(versions::parcels_v2::parcels::Track::new("1").language, None);
}

#[test]
fn types_have_eq_and_hash_where_all_that_they_hold_has() {
    fn hash<T: Eq + std::hash::Hash>() {}
    fn total<T: Eq>() {}
    hash::<recursion::recursion::types::Tree>();
    hash::<derived::derived::types::AnyPerson>();
    // Octets may be on disk, where a hash would have to read them.
    total::<headers::headers::basic::Store>();
}

/// A header part that nothing requires is a member that may be `None`, in requests and in replies.
#[test]
fn absent_header_parts_are_none() {
    use optional_headers::optional_headers::basic::{EXCHANGES, Upload, UploadResponse};
    let exchange = EXCHANGES.iter().find(|exchange| exchange.operation().name == "Upload").unwrap();
    let soap = exchange.port().soap;
    let slots = v1::Slots::of_client("user".into(), "password".into());
    let request = v1::Direction::Request(exchange.operation());
    let xml = v1::write_message(soap, request, &Upload::default(), v1::Style::Client, &slots, None).unwrap();
    let xml = String::from_utf8(xml).unwrap();
    assert!(!xml.contains("FileName") && !xml.contains("Reference"), "{xml}");
    assert!(xml.contains(">user<"), "a part with a credential is always written: {xml}");

    let reply = v1::Direction::Reply(exchange.operation());
    let message = UploadResponse { reference: Some("1".to_owned()), ..UploadResponse::default() };
    for reference in [Some("1".to_owned()), None] {
        let message = UploadResponse { reference, ..message.clone() };
        let xml = v1::write_message(soap, reply, &message, v1::Style::Client, &slots, None).unwrap();
        assert_eq!(String::from_utf8_lossy(&xml).contains("Reference"), message.reference.is_some());
        let mut decoder = v1::Decoder::new(&xml, &v1::XmlLimits::default());
        let again = v1::read_any_message(soap, reply, exchange.reply(), &mut decoder).unwrap();
        assert!(v1::Slot::same(&message, &*again));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_message_is_read_as_it_was_written(seed: u64) {
        CASES.iter().flat_map(|case| case.exchanges).copied().flatten().for_each(|of| round_trip::exchange(of, seed));
    }

    #[test]
    fn every_type_is_read_as_it_was_written(seed: u64) {
        CASES.iter().flat_map(|case| case.types).copied().flatten().for_each(|of| round_trip::value(*of, seed));
    }
}
