//! The double of a service, with generated clients: values in, values out, and no XML in between.

use std::time::{Duration, Instant};

use altinn_soap::broker_streamed::basic::{
    DownloadFileStreamedBasic, ReceiptExternalStreamedBE, UploadFileStreamedBasic,
};
use altinn_soap::receipt::types::{
    AltinnFault, Receipt, ReceiptSearch, ReceiptStatusEnum, ReceiptType, Reference, ReferenceType,
};
use altinn_soap::server::ServiceFault;
use altinn_soap::testing::Service;
use altinn_soap::transport::{Phase, TransportError};
use altinn_soap::{
    AltinnFaultKind, Connection, Credentials, Delivery, Download, ErrorKind, Upload, broker_streamed, receipt,
};

fn connection(service: &Service) -> Connection {
    Connection::builder("https://localhost").transport(service.clone()).build().unwrap()
}

fn system() -> Credentials {
    Credentials::new("1001", "password")
}

fn basic(service: &Service) -> receipt::basic::Client {
    receipt::basic::Client::new(&connection(service), system())
}

fn archived(id: i32) -> Receipt {
    Receipt {
        receipt_id: Some(id),
        receipt_status: Some(ReceiptStatusEnum::OK),
        receipt_text: Some("<received> & archived".into()),
        references: vec![Reference {
            reference_type: ReferenceType::ArchiveReference,
            reference_value: Some("AR1".into()),
        }],
        sub_receipts: vec![Receipt { receipt_id: Some(id + 1), ..Receipt::default() }],
        ..Receipt::default()
    }
}

fn search(id: i32) -> ReceiptSearch {
    ReceiptSearch { receipt_id: Some(id), ..ReceiptSearch::default() }
}

fn not_found() -> ServiceFault {
    ServiceFault::sender("An error occurred").detail(&AltinnFault {
        altinn_error_message: Some("No receipt found".into()),
        error_guid: Some("guid-7".into()),
        error_id: Some(30_008),
        ..AltinnFault::default()
    })
}

async fn content(mut download: Download) -> Vec<u8> {
    let mut octets = Vec::new();
    while let Some(piece) = download.chunk().await.unwrap() {
        octets.extend_from_slice(&piece);
    }
    octets
}

/// Whether it is the receipt of [`archived`].
fn assert_archived(receipt: Option<Receipt>, id: i32) {
    let receipt = receipt.unwrap();
    assert_eq!((receipt.receipt_id, receipt.receipt_status), (Some(id), Some(ReceiptStatusEnum::OK)));
    assert_eq!(receipt.receipt_text.as_deref(), Some("<received> & archived"));
    assert_eq!(receipt.references[0].archive_reference(), Some("AR1"));
    assert_eq!(receipt.sub_receipts[0].receipt_id, Some(id + 1));
}

#[tokio::test]
async fn each_operation_has_its_answers_in_order() {
    let altinn = Service::new(&receipt::basic::PORT)
        .reply("GetReceiptBasicV2", Some(archived(1)))
        .reply("GetReceiptListBasicV2", vec![archived(5), archived(6)])
        .fault("GetReceiptBasicV2", not_found())
        .reply("GetReceiptBasicV2", None::<Receipt>);
    let client = basic(&altinn);
    let list = receipt::basic::GetReceiptListBasicV2::new(ReceiptType::BrokerService);
    let listed = client.get_receipt_list_basic_v2(list).await.unwrap();
    assert_eq!(listed.iter().map(|receipt| receipt.receipt_id).collect::<Vec<_>>(), [Some(5), Some(6)]);
    assert_archived(client.get_receipt_basic_v2(search(1)).await.unwrap(), 1);

    let error = client.get_receipt_basic_v2(search(2)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery(), error.reason()),
        (ErrorKind::Fault, Delivery::Answered, Some("An error occurred"))
    );
    let fault = error.fault().unwrap().detail::<AltinnFault>().unwrap();
    assert_eq!((fault.kind(), fault.error_id), (AltinnFaultKind::NotFound, Some(30_008)));
    assert_eq!(fault.error_guid.as_deref(), Some("guid-7"));

    assert!(client.get_receipt_basic_v2(search(3)).await.unwrap().is_none());
    altinn.assert_done();
    let asked = altinn.requests::<receipt::basic::GetReceiptBasicV2>("GetReceiptBasicV2");
    assert_eq!(asked.iter().map(|asked| asked.receipt.receipt_id).collect::<Vec<_>>(), [Some(1), Some(2), Some(3)]);
    let listed = altinn.requests::<receipt::basic::GetReceiptListBasicV2>("GetReceiptListBasicV2");
    assert_eq!(listed[0].receipt_type_name, ReceiptType::BrokerService);
    assert!(altinn.requests::<receipt::basic::Test>("Test").is_empty());
}

#[tokio::test]
async fn ports_with_ws_security_and_sessions_are_no_different() {
    let altinn =
        Service::new(&receipt::ws::PORT).reply("GetReceiptV2", Some(archived(1))).fault("GetReceiptV2", not_found());
    let client = receipt::ws::Client::new(&connection(&altinn), system());
    assert_archived(client.get_receipt_v2(search(1)).await.unwrap(), 1);
    let error = client.get_receipt_v2(search(2)).await.unwrap_err();
    assert_eq!(error.fault().unwrap().detail::<AltinnFault>().unwrap().kind(), AltinnFaultKind::NotFound);
    altinn.assert_done();
    let asked = altinn.requests::<receipt::ws::GetReceiptV2>("GetReceiptV2");
    assert_eq!(asked.iter().map(|asked| asked.receipt.receipt_id).collect::<Vec<_>>(), [Some(1), Some(2)]);

    let altinn = Service::new(&receipt::ec2::PORT).reply("GetReceiptECV2", Some(archived(3)));
    let client = receipt::ec2::Client::new(&connection(&altinn), crate::interop::certificate(), system());
    assert_archived(client.get_receipt_ec_v2(search(3)).await.unwrap(), 3);
    altinn.assert_done();
    // The exchange that starts the session is no request of an operation.
    let asked = altinn.requests::<receipt::ec2::GetReceiptECV2>("GetReceiptECV2");
    assert_eq!(asked.iter().map(|asked| asked.receipt.receipt_id).collect::<Vec<_>>(), [Some(3)]);
}

#[tokio::test]
async fn streams_go_both_ways() {
    let file: Vec<u8> = (0..200_000_u32).map(|n| n as u8).collect();
    let altinn = Service::new(&broker_streamed::basic::PORT)
        .reply("UploadFileStreamedBasic", ReceiptExternalStreamedBE { receipt_id: Some(7), ..Default::default() })
        .reply("UploadFileStreamedBasic", ReceiptExternalStreamedBE { receipt_id: Some(8), ..Default::default() })
        .reply_with_stream("DownloadFileStreamedBasic", (), file.clone());
    let client = broker_streamed::basic::Client::new(&connection(&altinn), system());
    let request = |name: &str| UploadFileStreamedBasic::new(name, "reference", "910000000");
    let first = client.upload_file_streamed_basic(request("a.zip"), file.clone()).await.unwrap();
    let second = client.upload_file_streamed_basic(request("b.zip"), Upload::from_reader(&b"short"[..])).await.unwrap();
    assert_eq!((first.receipt_id, second.receipt_id), (Some(7), Some(8)));
    let download =
        client.download_file_streamed_basic(DownloadFileStreamedBasic::new("f-1", "910000000")).await.unwrap();
    assert!(content(download).await == file);
    altinn.assert_done();

    let uploads = altinn.uploads::<UploadFileStreamedBasic>("UploadFileStreamedBasic");
    assert_eq!(uploads.iter().map(|(request, _)| &*request.file_name).collect::<Vec<_>>(), ["a.zip", "b.zip"]);
    assert!(uploads[0].1 == file && uploads[1].1 == "short");
    // As often as a test asks.
    assert!(altinn.uploads::<UploadFileStreamedBasic>("UploadFileStreamedBasic")[0].1 == file);
    let downloads = altinn.requests::<DownloadFileStreamedBasic>("DownloadFileStreamedBasic");
    assert_eq!((&*downloads[0].file_reference, &*downloads[0].reportee), ("f-1", "910000000"));
}

#[tokio::test]
async fn answers_are_late_and_networks_break() {
    const WAIT: Duration = Duration::from_millis(60);
    let altinn = Service::new(&receipt::basic::PORT)
        .reply_after(WAIT, "GetReceiptBasicV2", Some(archived(1)))
        .reply("GetReceiptBasicV2", Some(archived(2)))
        .broken_after(1, TransportError::timed_out(Phase::Reply))
        .broken_after(0, TransportError::new(Phase::Connect));
    let client = basic(&altinn);
    let start = Instant::now();
    assert_archived(client.get_receipt_basic_v2(search(1)).await.unwrap(), 1);
    assert!(start.elapsed() >= WAIT);
    for delivery in [Delivery::Unknown, Delivery::NotSent] {
        let error = client.get_receipt_basic_v2(search(2)).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, delivery));
    }
    // What broke never came to the service, so its answer is left for the next call.
    assert_eq!(altinn.requests::<receipt::basic::GetReceiptBasicV2>("GetReceiptBasicV2").len(), 1);
    assert_archived(client.get_receipt_basic_v2(search(2)).await.unwrap(), 2);
    altinn.assert_done();
}

/// What a panic says.
fn panicked(wrong: impl FnOnce()) -> String {
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(wrong)).unwrap_err();
    panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap()
}

#[tokio::test]
async fn wrong_use_says_what_is_wrong() {
    let altinn = Service::new(&receipt::basic::PORT);
    let says = panicked(|| drop(altinn.clone().reply("GetReceiptV2", Some(archived(1)))));
    assert_eq!(says, "BasicHttpBinding_IReceiptExternalBasic has no operation GetReceiptV2");
    assert_eq!(says, panicked(|| drop(altinn.clone().fault("GetReceiptV2", not_found()))));
    let says = panicked(|| drop(altinn.requests::<receipt::basic::GetReceiptBasicV2>("GetReceiptV2")));
    assert_eq!(says, "BasicHttpBinding_IReceiptExternalBasic has no operation GetReceiptV2");

    let client = basic(&altinn);
    let error = client.get_receipt_basic_v2(search(1)).await.unwrap_err();
    assert_eq!(error.reason(), Some("the double has no answer left for GetReceiptBasicV2"));
    let says = panicked(|| drop(altinn.requests::<receipt::basic::GetReceiptListBasicV2>("GetReceiptBasicV2")));
    assert!(says.contains("GetReceiptBasicV2") && says.contains("receiptTypeName"), "{says}");

    let altinn = altinn.reply("Test", ());
    let says = panicked(|| altinn.assert_done());
    assert_eq!(says, "answers that were not used: [\"Test\"]");
    basic(&altinn).test().await.unwrap();
    altinn.assert_done();

    // A value of another type than the contract says: what comes of it is told of at its place.
    let altinn = altinn.reply("GetReceiptBasicV2", 12);
    let error = client.get_receipt_basic_v2(search(1)).await.unwrap_err();
    assert_eq!(error.element().as_deref(), Some("GetReceiptBasicV2Response/GetReceiptBasicV2Result"));
    altinn.assert_done();

    // Streams that are missing, and that nobody would read.
    let says = panicked(|| drop(altinn.clone().reply_with_stream("Test", (), b"stray".to_vec())));
    assert_eq!(says, "the reply of Test has no stream");
    let files = Service::new(&broker_streamed::basic::PORT);
    let says = panicked(|| drop(files.clone().reply_after(Duration::ZERO, "DownloadFileStreamedBasic", ())));
    assert_eq!(says, "the reply of DownloadFileStreamedBasic has a stream, which `reply_with_stream` gives");
}
