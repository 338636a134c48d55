//! The parts together: one binary, in-process peers only.

mod support;

mod dotnet_messages;
mod endpoints;
mod round_trip;
