//! The wire log and support bundles of calls with Altinn's own types: what was planted is in none of them.

use std::fs;
use std::path::PathBuf;

use altinn_soap::intermediary_inbound::types::{
    Attachment, EcForm, EcFormTask, EcFormTaskShipmentBE, Form, FormTask, FormTaskShipmentBE, ReceiptExternalBE,
};
use altinn_soap::receipt::types::{AltinnFault, Reference, ReferenceType};
use altinn_soap::reportee_archive::types::{ArchivedFormBE, ArchivedFormTaskV2};
use altinn_soap::server::ServiceFault;
use altinn_soap::testing::Service;
use altinn_soap::{
    Connection, ConnectionBuilder, Credentials, Document, EndUser, SupportBundle, WireLog, intermediary_inbound,
    receipt, reportee_archive,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const PERSON: &str = "01017012345";
const ORGANISATION: &str = "910000000";
const GUID: &str = "ed4c23c0-7de6-4343-a442-89bd3a6f38d8";

/// The logs of one test, in a folder that begins empty.
struct Logs(PathBuf);

impl Logs {
    fn new(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("logs").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("bundles")).unwrap();
        Self(folder)
    }

    fn of(&self, altinn: &Service) -> ConnectionBuilder {
        Connection::builder("https://localhost")
            .transport(altinn.clone())
            .reasons_in_errors(true)
            .wire_log(WireLog::to_file(self.0.join("wire.log")).unwrap())
            .support_bundle(SupportBundle::to_folder(self.0.join("bundles")).unwrap())
    }

    fn wire(&self) -> String {
        fs::read_to_string(self.0.join("wire.log")).unwrap()
    }

    fn bundles(&self) -> Vec<String> {
        let files = fs::read_dir(self.0.join("bundles")).unwrap();
        files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect()
    }

    fn assert_nothing_planted(&self) {
        let attachment = STANDARD.encode("planted attachment");
        for text in self.bundles().into_iter().chain([self.wire()]) {
            for planted in ["planted", PERSON, ORGANISATION, &attachment] {
                let line = text.lines().find(|line| line.contains(planted));
                assert!(line.is_none(), "{planted} in {line:?}");
            }
        }
    }
}

fn system() -> Credentials {
    Credentials::new("planted-system", "planted-password")
}

fn person() -> EndUser {
    EndUser::new(PERSON, "planted-secret").pin_code("AltinnPin", "planted-pin")
}

fn form_data() -> Document {
    format!("<melding><navn>planted</navn>{PERSON}</melding>").into()
}

fn shipment() -> FormTaskShipmentBE {
    let form = Form {
        data_format_id: Some("212".into()),
        end_user_system_reference: Some("form-1".into()),
        form_data: Some(form_data()),
        ..Form::default()
    };
    let task = FormTask { service_code: Some("PSA".into()), service_edition: Some(2009), forms: vec![form] };
    FormTaskShipmentBE {
        reportee: Some(ORGANISATION.into()),
        external_shipment_reference: Some("shipment-1".into()),
        form_tasks: Some(task),
        attachments: vec![Attachment {
            attachement_data: Some(b"planted attachment"[..].to_vec().into()),
            ..Attachment::default()
        }],
        ..FormTaskShipmentBE::default()
    }
}

fn ec_shipment() -> EcFormTaskShipmentBE {
    let form =
        EcForm { end_user_system_reference: Some("form-1".into()), form_data: Some(form_data()), ..EcForm::default() };
    EcFormTaskShipmentBE {
        reportee: Some(ORGANISATION.into()),
        external_shipment_reference: Some("shipment-1".into()),
        form_tasks: Some(EcFormTask { forms: vec![form], ..EcFormTask::default() }),
        ..EcFormTaskShipmentBE::default()
    }
}

fn refused() -> ServiceFault {
    ServiceFault::sender(format!("planted: {PERSON}")).detail(&AltinnFault {
        altinn_error_message: Some("Shipment Already Exists".into()),
        error_guid: Some(GUID.into()),
        error_id: Some(30_010),
        ..AltinnFault::default()
    })
}

#[tokio::test]
async fn submissions_in_every_variant() {
    let logs = Logs::new("submissions");
    let inbound = |port, operation| Service::new(port).fault(operation, refused());
    let basic = inbound(&intermediary_inbound::basic::PORT, "SubmitFormTaskBasic")
        .reply("SubmitFormTaskBasic", Some(ReceiptExternalBE { receipt_id: Some(4711), ..Default::default() }));
    let ws = inbound(&intermediary_inbound::ws::PORT, "SubmitFormTask");
    let ec2 = inbound(&intermediary_inbound::ec2::PORT, "SubmitFormTaskEC");

    let client = intermediary_inbound::basic::Client::new(&logs.of(&basic).build().unwrap(), system());
    client.submit_form_task_basic(shipment(), &person()).await.unwrap_err();
    client.submit_form_task_basic(shipment(), &person()).await.unwrap();
    let client = intermediary_inbound::ws::Client::new(&logs.of(&ws).build().unwrap(), system());
    client.submit_form_task(shipment(), &person()).await.unwrap_err();
    let connection = logs.of(&ec2).build().unwrap();
    let client = intermediary_inbound::ec2::Client::new(&connection, crate::interop::certificate(), system());
    client.submit_form_task_ec(ec_shipment()).await.unwrap_err();

    // All of it was sent.
    let sent = basic.requests::<intermediary_inbound::basic::SubmitFormTaskBasic>("SubmitFormTaskBasic");
    let shipment = sent[0].form_task_shipment.as_ref().unwrap();
    let form = &shipment.form_tasks.as_ref().unwrap().forms[0];
    assert!(form.form_data.as_ref().unwrap().as_xml().contains("planted"));
    logs.assert_nothing_planted();
    // And the logs show what they may: the shipment, not what is in it. The token exchange of EC2 too.
    let wire = logs.wire();
    for (shown, times) in [("shipment-1", 4), ("form-1", 4), (">4711<", 1), ("RequestedSecurityToken", 1)] {
        assert!(wire.matches(shown).count() >= times, "{shown} in {wire}");
    }
    let bundles = logs.bundles();
    assert_eq!(bundles.len(), 3);
    for bundle in bundles {
        assert!(bundle.contains("shipment-1") && bundle.contains("AltinnFault"), "{bundle}");
        assert!(!bundle.contains(GUID), "a detail of a type that was not named: {bundle}");
    }
}

#[tokio::test]
async fn what_the_archive_answers() {
    let logs = Logs::new("archive");
    let archived = ArchivedFormTaskV2 {
        service_owner: Some("Skatteetaten".into()),
        ssn_org_number: Some(PERSON.into()),
        archived_form_list: vec![ArchivedFormBE {
            form_data_xml: Some(format!("<melding>planted {PERSON}</melding>").into()),
            ..ArchivedFormBE::default()
        }],
        ..ArchivedFormTaskV2::default()
    };
    let altinn = Service::new(&reportee_archive::basic::PORT).reply("GetArchivedFormTaskBasicV2", Some(archived));
    let client = reportee_archive::basic::Client::new(&logs.of(&altinn).build().unwrap(), system());
    let request = reportee_archive::basic::GetArchivedFormTaskBasicV2 { reportee_element_id: 1, language_id: None };
    let got = client.get_archived_form_task_basic_v2(request, &person()).await.unwrap().unwrap();
    assert_eq!(got.ssn_org_number.as_deref(), Some(PERSON));
    logs.assert_nothing_planted();
    assert!(logs.wire().contains("Skatteetaten"), "{}", logs.wire());
}

#[tokio::test]
async fn the_guid_of_a_fault_is_in_the_bundle_if_asked_for() {
    let logs = Logs::new("guid");
    let altinn = Service::new(&receipt::basic::PORT).fault("GetReceiptBasicV2", refused());
    let connection = logs.of(&altinn).log_fault_detail::<AltinnFault>().build().unwrap();
    let client = receipt::basic::Client::new(&connection, system());
    let search = receipt::types::ReceiptSearch {
        receipt_id: Some(4711),
        references: vec![Reference {
            reference_type: ReferenceType::OwnerPartyReference,
            reference_value: Some(PERSON.into()),
        }],
    };
    client.get_receipt_basic_v2(search).await.unwrap_err();
    logs.assert_nothing_planted();
    let bundles = logs.bundles();
    let [bundle] = &bundles[..] else { panic!("{} bundles", bundles.len()) };
    for shown in [GUID, "30010", "Shipment Already Exists", ">4711<", "OwnerPartyReference"] {
        assert!(bundle.contains(shown), "no {shown} in {bundle}");
    }
    assert!(logs.wire().contains(GUID));
}
