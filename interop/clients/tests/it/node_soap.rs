//! node-soap, which reads and writes by the contract what it can, and knows numbers, truth values and texts.

use altinn_soap_interop::weather::weather::weather_port;

use crate::echo::values_come_back;

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn rpc_literal_comes_back() {
    values_come_back(weather_port::EXCHANGES, &["tell", "say", "ping"], true).await;
}
