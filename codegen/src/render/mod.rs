//! Prints Rust text from its model. It uses neither contract nor configuration.

mod client;
mod descriptors;
pub mod manifest;
mod methods;
mod platform;
mod server;
mod text;
mod tree;
mod types;

pub use tree::{GeneratedFile, files, inline};

use crate::rust::model::{Item, ItemKind, Serde};
use descriptors::Namespaces;
use text::Text;

/// The items of Rust that an item of the model stands for.
fn item(item: &Item<'_>, namespaces: &Namespaces<'_>, serde: Serde) -> Vec<Text> {
    let one = |write: &dyn Fn(&mut Text)| {
        let mut text = Text::default();
        write(&mut text);
        vec![text]
    };
    match &item.kind {
        ItemKind::Struct(record) => types::record(record, namespaces, serde),
        ItemKind::Choice(choice) => types::choice(choice, namespaces, serde),
        ItemKind::List(list) => one(&|text| types::list(list, text)),
        ItemKind::Array(array) => types::array(array, namespaces, serde),
        ItemKind::Enumeration(enumeration) => types::enumeration(enumeration, serde),
        ItemKind::Union(union) => types::union(union, serde),
        ItemKind::Polymorphic(polymorphic) => types::polymorphic(polymorphic, namespaces, serde),
        ItemKind::FaultEnum(faults) => types::fault_enum(faults, namespaces, serde),
        ItemKind::Client(client) => client::client(client),
        ItemKind::Server(server) => server::server(server),
        ItemKind::ContractDocument(document) => one(&|text| server::document(document, text)),
        ItemKind::Operation(operation) => one(&|text| namespaces.operation(operation, text)),
        ItemKind::Port(port) => one(&|text| descriptors::port(port, text)),
        ItemKind::Exchanges(exchanges) => one(&|text| descriptors::exchanges(exchanges, text)),
        ItemKind::Types(names) => one(&|text| descriptors::types(names, text)),
        ItemKind::Environment(environment) => platform::environment(environment),
        ItemKind::Principal(principal) => platform::principal(principal),
        ItemKind::Accounts(accounts) => one(&|text| namespaces.accounts(accounts, text)),
        ItemKind::Kinds(kinds) => methods::kinds(kinds),
        ItemKind::Registry(registry) => platform::registry(registry),
    }
}
