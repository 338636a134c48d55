//! Typed reading and writing of a large list, beside the bare parser and serde.

use altinn_soap_generated::reportee_element_list::types::{
    CorrespondenceStatusTypeV2, LastChangeTypeV2, ReporteeElementBEV2, ReporteeElementTypeV2,
};
use serde::{Deserialize, Serialize};
use soap_runtime::generated::v1;

use crate::ratio::{Case, compare};

const NS: &str = <ReporteeElementBEV2 as v1::Record>::SHAPE.name().namespace;
static LIST: v1::Field = v1::Field::required(NS, "List").items(NS, "ReporteeElementBEV2");

pub(crate) fn run() {
    for (name, bytes, rounds) in [("1 MB", 1 << 20, 40), ("50 MB", 50 << 20, 7)] {
        let items = items(bytes);
        let xml = String::from_utf8(write(&items)).unwrap_or_default();
        let list: List = quick_xml::de::from_str(&xml).expect("serde reads it");
        println!("{name}: {} items, {} bytes", items.len(), xml.len());
        println!(" read");
        let cases: Vec<Case<'_>> = vec![
            ("quick-xml events, default checks", Box::new(|| Box::new(events(&xml)))),
            ("typed", Box::new(|| Box::new(read(&xml)))),
            ("serde by quick-xml", Box::new(|| Box::new(quick_xml::de::from_str::<List>(&xml)))),
        ];
        compare(rounds, cases);
        println!(" write");
        let cases: Vec<Case<'_>> = vec![
            ("serde by quick-xml", Box::new(|| Box::new(quick_xml::se::to_string(&list)))),
            ("typed", Box::new(|| Box::new(write(&items)))),
        ];
        compare(rounds, cases);
    }
}

/// Elements of a list that are about this many bytes as XML; every seventh optional field is nil.
fn items(bytes: usize) -> Vec<ReporteeElementBEV2> {
    let item = |n: i32| {
        let some = |field: i32| (n + field) % 7 != 0;
        ReporteeElementBEV2 {
            allow_delete: Some(n % 2 == 0),
            archive_id: Some(n),
            archive_reference: some(1).then(|| format!("AR{n:07}")),
            correspondence_status: Some(CorrespondenceStatusTypeV2::Read),
            due_date: some(2).then(|| "2013-06-01T12:30:00".parse().unwrap_or_default()),
            end_user_system_id: Some(n * 3),
            external_service_code: some(3).then(|| "PSA".to_owned()),
            is_case_archived: Some(false),
            last_change_type: Some(LastChangeTypeV2::Saved),
            last_changed_by: some(4).then(|| "Ola Nordmann & sønner".to_owned()),
            last_changed_date: Some("2020-02-29T08:15:30.1234567".parse().unwrap_or_default()),
            reportee_element_id: Some(n + 1_000_000),
            reportee_element_type: Some(ReporteeElementTypeV2::FormTask),
            reportee_name: some(5).then(|| "Bakeriet på hjørnet AS".to_owned()),
            service_owner_description: some(6).then(|| "Skatteetaten".to_owned()),
            status_name: some(1).then(|| "Klar for signering".to_owned()),
            title: some(2).then(|| format!("Melding nr. {n} om noe som gjerne er litt lengre")),
            ..ReporteeElementBEV2::default()
        }
    };
    let size = write(&[item(1)]).len() - write(&[]).len();
    let count = i32::try_from(bytes / size).unwrap_or(i32::MAX);
    (0..count).map(item).collect()
}

fn write(items: &[ReporteeElementBEV2]) -> Vec<u8> {
    let slots = v1::Slots::default();
    let mut encoder = v1::Encoder::new(v1::Style::Client, &slots);
    encoder.start(LIST.name());
    for item in items {
        v1::Slot::write(item, &v1::Field::required(NS, "ReporteeElementBEV2"), &mut encoder).expect("writes");
    }
    encoder.end();
    encoder.finish()
}

fn read(xml: &str) -> Vec<ReporteeElementBEV2> {
    let mut decoder = v1::Decoder::new(xml.as_bytes(), &v1::XmlLimits::default());
    decoder.next().expect("a list");
    v1::Slot::read(&LIST, &mut decoder).expect("reads")
}

fn events(xml: &str) -> u64 {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut events = 0_u64;
    while !matches!(reader.read_event(), Ok(quick_xml::events::Event::Eof) | Err(_)) {
        events += 1;
    }
    events
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "List")]
struct List {
    #[serde(rename = "ReporteeElementBEV2", default)]
    items: Vec<Item>,
}

/// The same fields for serde, which reads and writes them by local name.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_delete: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    archive_id: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    archive_reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    correspondence_status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_date: Option<String>,
    #[serde(rename = "EndUserSystemID", skip_serializing_if = "Option::is_none")]
    end_user_system_id: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_service_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_case_archived: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_change_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_changed_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_changed_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reportee_element_id: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reportee_element_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reportee_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_owner_description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
}
