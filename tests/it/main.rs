//! The parts together: one binary, in-process peers only.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

mod support;

mod attachments;
mod documented_rules;
mod documents;
mod door;
mod dotnet_messages;
mod double;
mod encoded;
mod endpoints;
mod golden;
mod hostile;
mod interop;
mod interop_gsoap;
mod interop_secured;
mod interop_signatures;
mod interop_streams;
mod logs;
mod named_errors;
mod redaction;
mod reply_headers;
mod round_trip;
mod served;
mod served_all;
mod served_styles;
mod stored;
mod strict_replies;
mod styles;
mod wcf_exchanges;
mod wire;
mod wrong_passwords;
