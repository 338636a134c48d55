//! Types of the services in a store, as JSON.

use std::fmt::Debug;

use altinn_soap::generated::v1;
use altinn_soap::receipt::types::{Receipt, ReceiptSave, ReceiptType};
use altinn_soap::{
    broker_streamed, case, correspondence, lookup, prefill, reportee_archive, reportee_element_list, service_metadata,
    workflow,
};
use serde_json::{Value, json};

/// Values of chance come back from the store. Gives all that were stored.
fn stored<T>() -> Vec<Value>
where
    T: v1::Slot + v1::serde::Serialize + v1::serde::de::DeserializeOwned + PartialEq + Debug,
{
    let field = v1::Field::required("urn:test", "value");
    let store = |seed| {
        let value = T::sample(&field, &mut v1::Sampler::new(seed));
        let json = serde_json::to_value(&value).unwrap();
        assert_eq!(serde_json::from_value::<T>(json.clone()).unwrap(), value, "{json}");
        json
    };
    (0..50).map(store).collect()
}

#[test]
fn what_is_stored_is_the_value() {
    let all = [
        stored::<Receipt>(),
        stored::<ReceiptSave>(),
        stored::<broker_streamed::basic::ReceiptExternalStreamedBE>(),
        stored::<case::types::CaseBE>(),
        stored::<correspondence::types::CorrespondenceForEndUserSystemV2>(),
        stored::<lookup::types::AltinnFault>(),
        stored::<prefill::types::PrefillFormTask>(),
        stored::<reportee_archive::types::ArchivedFormTaskV2>(),
        stored::<reportee_element_list::types::ReporteeElementBEV2>(),
        stored::<service_metadata::types::LogicalFormSchemaDefinition>(),
        stored::<workflow::types::ProcessDetailsBEV3>(),
    ];
    let octets: Vec<usize> =
        all.iter().map(|values| values.iter().map(|value| value.to_string().len()).sum()).collect();
    assert!(octets.iter().all(|octets| *octets > 1000), "{octets:?}");
}

#[test]
fn a_store_of_fewer_and_of_unknown_values_is_read() {
    let receipt: Receipt = serde_json::from_value(json!({
        "receipt_id": 42, "last_changed": "2013-06-01T12:30:00.5+02:00", "receipt_type": "NewType", "newer": 1,
    }))
    .unwrap();
    assert_eq!(receipt.receipt_id, Some(42));
    assert_eq!(receipt.last_changed.unwrap().to_string(), "2013-06-01T12:30:00.5+02:00");
    assert_eq!(receipt.receipt_type, Some(ReceiptType::Unrecognized("NewType".to_owned())));
    let written = serde_json::to_value(&receipt).unwrap();
    assert_eq!(written["receipt_type"], "NewType");
    assert_eq!(written["receipt_text"], Value::Null);
}
