//! What the runtime does, by what it offers to generated code and to programs.
//!
//! One program for most tests: each one more is linked against everything. What looks at a whole process is a program of its own.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod authentication;
mod blocking;
mod certificates;
mod doubles;
mod downloads;
mod exchanges;
mod faults;
mod groups;
mod history;
mod hooks;
mod http;
mod http_authentication;
mod http_head;
mod listener;
mod lists;
mod mtom;
mod plain_http;
mod proxies;
mod records;
mod replies;
mod reply_time;
mod secured_streams;
mod sessions;
mod soap_headers;
mod spilled;
#[path = "../support/mod.rs"]
mod support;
mod timeouts;
mod tls;
mod uploads;
mod values;
mod wrong_passwords;
