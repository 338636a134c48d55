//! The exact bytes of requests of different shapes, as the Basic clients send them.

use std::fs;
use std::future::Future;

use altinn_soap::testing::ScriptedTransport;
use altinn_soap::{
    Binary, Connection, Credentials, EndUser, Error, broker, correspondence, intermediary_inbound, prefill, receipt,
    reportee_element_list, service_metadata, system_authentication, workflow,
};

use crate::support::environment::update;
use crate::support::root;

/// Calls a client, and compares the request with the file of this name. The call itself fails: the service says so at once.
async fn check<F: Future<Output = Result<(), Error>>>(name: &str, call: impl FnOnce(Connection) -> F) {
    let network = ScriptedTransport::new().fault("Server", "enough", "");
    let connection = Connection::builder("https://localhost").transport(network.clone()).build().unwrap();
    let error = call(connection).await.unwrap_err();
    assert!(error.fault().is_some(), "{name}: {error}");
    let request = &network.requests()[0];
    let written = format!(
        "POST {}\nContent-Type: {}\nSOAPAction: {}\n\n{}\n",
        request.url.path(),
        request.header("content-type").unwrap(),
        request.header("soapaction").unwrap(),
        request.text()
    );
    let path = root().join(format!("tests/fixtures/wire/{name}.http"));
    if update() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &written).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(written, expected, "{name}: if this is meant, run with UPDATE=1 and read what it wrote");
}

fn system() -> Credentials {
    Credentials::new("1001", "sys<tem")
}

fn person() -> EndUser {
    EndUser::new("01017012345", "pass&word").pin_code("SMSPin", "12345")
}

#[tokio::test]
async fn receipts() {
    use receipt::basic::{Client, GetReceiptListBasicV2};
    use receipt::types::{ReceiptSave, ReceiptSearch, ReceiptStatusEnum, ReceiptType, Reference, ReferenceType};

    check("Test", async |connection| Client::new(&connection, system()).test().await).await;
    check("GetReceiptBasicV2", async |connection| {
        let reference =
            Reference { reference_type: ReferenceType::SendersReference, reference_value: Some("a&b".into()) };
        let search = ReceiptSearch { receipt_id: Some(42), references: vec![reference] };
        Client::new(&connection, system()).get_receipt_basic_v2(search).await.map(drop)
    })
    .await;
    check("GetReceiptListBasicV2", async |connection| {
        let request = GetReceiptListBasicV2 {
            receipt_type_name: ReceiptType::Unrecognized("Unheard<of>".into()),
            date_from: Some("2020-01-31T00:00:00".parse().unwrap()),
            date_to: Some("2020-02-01T12:30:00.5Z".parse().unwrap()),
        };
        Client::new(&connection, system()).get_receipt_list_basic_v2(request).await.map(drop)
    })
    .await;
    check("UpdateReceiptBasic", async |connection| {
        let sub = ReceiptSave {
            archive_reference: None,
            receipt_id: Some(7),
            receipt_status: ReceiptStatusEnum::Rejected,
            receipt_text: None,
            references: Vec::new(),
            sub_receipts: Vec::new(),
        };
        let receipt = ReceiptSave { receipt_text: Some(" \r\n\t".into()), sub_receipts: vec![sub.clone()], ..sub };
        Client::new(&connection, system()).update_receipt_basic(receipt).await.map(drop)
    })
    .await;
}

#[tokio::test]
async fn submissions() {
    use intermediary_inbound::basic::{Client, CompleteAndSignShipmentBasic};
    use intermediary_inbound::types::{
        Attachment, Form, FormTask, FormTaskShipmentBE, FormTaskUpdate, FormUpdate, Signature,
    };

    check("GetAuthenticationChallenge", async |connection| {
        let request =
            system_authentication::types::AuthenticationChallengeRequestBE { auth_method: Some("SMSPin".into()) };
        let client = system_authentication::basic::Client::new(&connection, system());
        client.get_authentication_challenge(request, Some(&EndUser::new("01017012345", "pass&word"))).await.map(drop)
    })
    .await;
    check("SubmitFormTaskBasic", async |connection| {
        let form = Form {
            completed: Some(true),
            data_format_id: Some("212".into()),
            data_format_version: Some(1),
            form_data: Some("<?xml version='1.0' encoding='utf-16'?>\r\n<melding><![CDATA[x]]></melding>".into()),
            ..Form::default()
        };
        let attachment = Attachment {
            attachement_data: Some(Binary::from(&b"\0\xFF"[..])),
            encrypted: Some(false),
            ..Attachment::default()
        };
        let shipment = FormTaskShipmentBE {
            reportee: Some("910000000".into()),
            form_tasks: Some(FormTask {
                service_code: Some("PSA".into()),
                service_edition: Some(2009),
                forms: vec![form],
            }),
            attachments: vec![attachment],
            ..FormTaskShipmentBE::default()
        };
        Client::new(&connection, system()).submit_form_task_basic(shipment, Some(&person())).await.map(drop)
    })
    .await;
    check("CompleteAndSignShipmentBasic", async |connection| {
        let request = CompleteAndSignShipmentBasic {
            reportee_element_id: -1,
            signatures: vec![Signature::default()],
            language_id: 1044,
        };
        Client::new(&connection, system()).complete_and_sign_shipment_basic(request, None).await.map(drop)
    })
    .await;
    check("UpdateFormDataBasic", async |connection| {
        let update = FormTaskUpdate {
            form_update_list: vec![FormUpdate { data_format_version: 3, ..FormUpdate::default() }],
            ..FormTaskUpdate::default()
        };
        Client::new(&connection, system()).update_form_data_basic(update, &person()).await.map(drop)
    })
    .await;
}

#[tokio::test]
async fn lists_and_the_rest() {
    check("InitiateBrokerServiceBasic", async |connection| {
        use broker::types::{BrokerServiceInitiation, File, Manifest, Recipient};
        let manifest = Manifest {
            external_service_code: Some("3348".into()),
            external_service_edition_code: 160_523,
            file_list: vec![File { check_sum: None, file_name: Some("a.zip".into()) }, File::default()],
            reportee: Some("910000000".into()),
            senders_reference: Some("r-1".into()),
            ..Manifest::default()
        };
        let initiation = BrokerServiceInitiation {
            manifest: Some(manifest),
            recipient_list: vec![Recipient { party_number: Some("920000000".into()) }],
        };
        broker::basic::Client::new(&connection, system()).initiate_broker_service_basic(initiation).await.map(drop)
    })
    .await;
    check("CheckIfAvailableFilesBasic", async |connection| {
        let poll = broker::types::BrokerServicePoll {
            recipients: vec!["910000000".into(), "æ".into()],
            ..Default::default()
        };
        broker::basic::Client::new(&connection, system()).check_if_available_files_basic(poll).await.map(drop)
    })
    .await;
    check("GetReporteeElementListBasicV2", async |connection| {
        let search_be = reportee_element_list::types::ExternalSearchBEV2 {
            reportee: Some("910000000".into()),
            service_code_list: vec!["PSA".into()],
            to_be_processed: Some(true),
            ..Default::default()
        };
        let request = reportee_element_list::basic::GetReporteeElementListBasicV2 { search_be, language_id: 1033 };
        let client = reportee_element_list::basic::Client::new(&connection, system());
        client.get_reportee_element_list_basic_v2(request, &person()).await.map(drop)
    })
    .await;
    check("GetCorrespondenceForEndUserSystemsBasicV2", async |connection| {
        let request =
            correspondence::basic::GetCorrespondenceForEndUserSystemsBasicV2 { correspondence_id: 9, language_id: 0 };
        let client = correspondence::basic::Client::new(&connection, system());
        client.get_correspondence_for_end_user_systems_basic_v2(request, &person()).await.map(drop)
    })
    .await;
    check("GetPrefillDataBasicV2", async |connection| {
        let request = prefill::basic::GetPrefillDataBasicV2 { reportee: "910000000".into(), ..Default::default() };
        prefill::basic::Client::new(&connection, system()).get_prefill_data_basic_v2(request, &person()).await.map(drop)
    })
    .await;
    check("GetFilteredCodeList", async |connection| {
        let request = service_metadata::basic::GetFilteredCodeList { language_id: Some(2068), ..Default::default() };
        service_metadata::basic::Client::new(&connection, system()).get_filtered_code_list(request).await.map(drop)
    })
    .await;
    check("DoSigningBasic", async |connection| {
        let request = workflow::basic::DoSigningBasic {
            selected_forms: vec![1, -2],
            signature_text: Some("Jeg godkjenner".into()),
            ..Default::default()
        };
        workflow::basic::Client::new(&connection, system()).do_signing_basic(request, Some(&person())).await.map(drop)
    })
    .await;
}
