//! A contract written by hand, and servers on loopback that do what a test says.
#![allow(clippy::unwrap_used, dead_code, unreachable_pub, reason = "each test binary uses its part")]

pub mod capture;
pub mod contract;
pub mod files;
pub mod peer;
pub mod secured;
pub mod served;
pub mod server;
pub mod service;
pub mod socks;

use std::time::Duration;

use contract::Client;
use server::Server;
use soap_runtime::{Connection, Credentials, Error, Limits};

/// Longer than anything here takes on a busy machine.
pub const AMPLE: Duration = Duration::from_secs(30);

/// A client of a plain server, with time-outs that no test waits for.
pub fn client(server: &Server) -> Client {
    let connection = Connection::builder(server.url())
        .allow_http_to_loopback(true)
        .connect_timeout(AMPLE)
        .reply_timeout(AMPLE)
        .idle_timeout(AMPLE)
        .limits(limits())
        .build()
        .unwrap();
    Client::new(&connection, credentials())
}

pub fn credentials() -> Credentials {
    Credentials::new("system-id", "planted-password")
}

/// Small enough to be reached.
pub fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.reply_bytes = 64 << 10;
    limits.error_page_bytes = 1 << 10;
    limits
}

/// Calls a server that gives this one answer.
pub async fn call(answer: impl Into<server::Act>) -> Result<String, Error> {
    let server = Server::start([answer.into()]).await;
    client(&server).greet("Kari").await
}

/// The reply to `Greet`.
pub fn greeting(text: &str) -> String {
    contract::envelope(&format!(
        r#"<GreetResponse xmlns="{ns}"><GreetResult>{text}</GreetResult></GreetResponse>"#,
        ns = contract::NS
    ))
}
