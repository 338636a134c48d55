//! Both halves of services with sessions in memory, where their contracts are at hand.

use soap_runtime::generated::v1;

include!(concat!(env!("OUT_DIR"), "/ec.rs"));

/// The operations of all ports; none, if the contracts are not there.
pub fn exchanges() -> Vec<&'static v1::Exchange> {
    ALL.iter().copied().flatten().collect()
}
