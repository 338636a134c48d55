//! Generated clients call servers that other stacks generated from the same contracts. `cargo xtask interop` starts those,
//! names them in `INTEROP_CONTRACTS`, a line for each: `wsdl:port`, URL, and runs these tests.
//!
//! Most replies have the type of their request, and a server sends back what it understood. So a value that comes back equal
//! has been read right and written right by both sides.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

mod cxf;
mod depot;
mod echo;
mod gsoap;
mod node_soap;
