//! The contracts of `interop/contracts`, which are as strangers write theirs, served by several stacks, and one of
//! `interop/secured` whose server asks who calls.

use super::ignored::Tests;
use super::{cxf, gsoap, node_soap, peer};
use crate::Result;

const LIST: &str = "INTEROP_CONTRACTS";

const PARCELS: &str = "interop/contracts/parcels.wsdl";
const TIMETABLE: &str = "interop/contracts/timetable.wsdl";
const DEPOT: &str = "interop/secured/depot.wsdl";
const WEATHER: &str = "interop/contracts/weather.wsdl";

pub(super) fn call(tests: &mut Tests) -> Result {
    let peers = vec![cxf::echo(&[PARCELS, TIMETABLE])?];
    peer::call(peers, |list| tests.run(&["cxf::"], LIST, list))?;
    peer::call(vec![cxf::depot(DEPOT)?], |list| tests.run(&["depot::"], LIST, list))?;
    let peers = vec![node_soap::start(&[WEATHER])?];
    peer::call(peers, |list| tests.run(&["node_soap::"], LIST, list))?;
    let peers = gsoap::start(&["device", "dictionary", "vat"])?;
    peer::call(peers, |list| tests.run(&["gsoap::"], LIST, list))
}
