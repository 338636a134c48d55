//! gSOAP, which made servers in C of the contracts of a device, of a register of VAT numbers and of a dictionary.

use altinn_soap_interop::device::device::device_binding;
use altinn_soap_interop::dictionary::dictionary::dictionary_port;
use altinn_soap_interop::vat::vat_service::{types, vat_port};
use soap_runtime::ErrorKind;

use crate::echo::{connection, values_come_back};

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn what_is_set_comes_back() {
    let operations = ["SetSystemDateAndTime", "CreateUsers", "SetProfile"];
    values_come_back(device_binding::EXCHANGES, &operations, true).await;
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn a_device_tells_what_it_is() {
    let device = device_binding::Client::new(&connection(&device_binding::PORT));
    let information = device.get_device_information().await.unwrap();
    assert_eq!(information.manufacturer, "Kjæreste & <sønn>");
    assert_eq!((&*information.model, &*information.serial_number), ("K-2", "0017"));
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn a_vat_number_is_checked() {
    let register = vat_port::Client::new(&connection(&vat_port::PORT));
    let check = |number: &str| vat_port::Check { country_code: "NO".to_owned(), number: number.to_owned() };
    let known = register.check(check("123456785")).await.unwrap();
    assert!(known.valid);
    assert_eq!(known.request_date, "2026-02-28".parse().unwrap());
    assert_eq!((known.name.as_deref(), known.address.as_deref()), (Some("Ærlig & sønn"), Some("Gata 1\n0001 Oslo")));
    let unknown = register.check(check("1")).await.unwrap();
    assert_eq!((unknown.valid, unknown.number.as_str(), unknown.name), (false, "1", None));
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn a_trader_is_matched() {
    let register = vat_port::Client::new(&connection(&vat_port::PORT));
    let shares = vec![0.1, -0.0, 1e300, f64::INFINITY, 5e-324];
    let request = vat_port::Match {
        country_code: "NO".to_owned(),
        number: "1".to_owned(),
        trader_name: Some("Ærlig & sønn".to_owned()),
        trader_city: None,
        shares: shares.clone(),
    };
    let reply = register.r#match(request).await.unwrap();
    assert_eq!(reply.trader_name_match, Some(types::Matching::_1));
    assert_eq!((reply.trader_city_match, reply.shares), (None, shares));
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn a_country_that_is_none_is_a_fault() {
    let register = vat_port::Client::new(&connection(&vat_port::PORT));
    let check = vat_port::Check { country_code: "XX".to_owned(), number: "1".to_owned() };
    let error = register.check(check).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Fault, "{error}");
    assert_eq!(error.fault().unwrap().reason(), "INVALID_INPUT");
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn overloaded_operations_come_back() {
    let operations = ["FindWord", "FindNumber", "FindPlace"];
    values_come_back(dictionary_port::EXCHANGES, &operations, true).await;
}
