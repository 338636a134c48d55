//! What serving a contract needs beside its ports: the module of the documents that are published.

use std::collections::BTreeSet;

use crate::contract::model::Contract;
use crate::rust::docs::Docs;
use crate::rust::keywords::Names;
use crate::rust::model::{ContractDocument, Features, Item, ItemKind, Module, Path, Visibility};
use crate::rust::words;

/// The module of the documents, at the root.
pub(super) const MODULE: &str = "contract";

/// Server halves are generated.
pub(super) struct Serving<'a> {
    contract: &'a Contract,
    /// The feature that they are compiled with; none: always.
    pub(super) features: Features,
    /// The static of each document.
    constants: Vec<String>,
}

impl<'a> Serving<'a> {
    pub(super) fn new(contract: &'a Contract, features: Features) -> Self {
        let mut names = Names::default();
        let constant = |name: &str| names.unique(words::shouty(name));
        let constants = contract.published.documents.iter().map(|document| document.name.as_str()).map(constant);
        let constants = constants.collect();
        Self { contract, features, constants }
    }

    /// Indices of the documents that are published for one with services.
    fn documents(&self, root: &str) -> &'a [usize] {
        self.contract.published.roots.get(root).map_or(&[], Vec::as_slice)
    }

    /// Paths of the documents that are published for one with services, itself first, in the module `from`.
    pub(super) fn contract(&self, root: &str, from: &[String]) -> Vec<Path> {
        let module = [MODULE.to_owned()];
        let path = |at: &usize| Path::between(from, &module, &self.constants[*at]);
        self.documents(root).iter().map(path).collect()
    }

    /// The module of the documents. `services` are the documents with the ports of each service; `only_for` says with which
    /// features a document of some of them is compiled.
    pub(super) fn module(
        &self,
        services: &[BTreeSet<&str>],
        only_for: impl Fn(&BTreeSet<usize>) -> Features,
    ) -> Option<Module<'a>> {
        let mut users = vec![BTreeSet::new(); self.constants.len()];
        for (at, roots) in services.iter().enumerate() {
            roots.iter().flat_map(|root| self.documents(root)).for_each(|document| {
                users[*document].insert(at);
            });
        }
        let documents = self.contract.published.documents.iter().zip(&self.constants).zip(&users);
        let items = documents.filter(|(_, users)| !users.is_empty()).map(|((document, constant), users)| Item {
            features: only_for(users),
            kind: ItemKind::ContractDocument(ContractDocument {
                constant: constant.clone(),
                name: &document.name,
                pieces: &document.pieces,
            }),
        });
        let items: Vec<_> = items.collect();
        (!items.is_empty()).then(|| Module {
            name: MODULE.to_owned(),
            visibility: Visibility::Private,
            features: self.features.clone(),
            docs: Docs::sentence("The contracts, as servers publish them.", &[]),
            items,
            ..Module::default()
        })
    }
}
