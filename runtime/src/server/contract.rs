//! The contract of a port, as `?wsdl` and `?xsd=` answer it.

use crate::xml::escape;

/// The WSDL of a port and the documents that it leads to. Made by generated code.
#[derive(Clone, Copy, Debug)]
pub struct Contract {
    wsdl: &'static ContractDocument,
    others: &'static [&'static ContractDocument],
}

/// One document of a contract.
#[derive(Clone, Copy, Debug)]
pub struct ContractDocument {
    name: &'static str,
    /// The address that was asked stands between each two.
    pieces: &'static [&'static str],
}

impl Contract {
    /// A WSDL and all other documents, WSDL or schema, that it leads to.
    pub const fn new(wsdl: &'static ContractDocument, others: &'static [&'static ContractDocument]) -> Self {
        Self { wsdl, others }
    }

    /// What a query asks for, `wsdl`, `wsdl=NAME` or `xsd=NAME` in any case, with this address in it.
    pub(super) fn answer(&self, query: &str, address: &str) -> Option<String> {
        let first = query.split('&').next().unwrap_or_default();
        let (key, name) = first.split_once('=').unwrap_or((first, ""));
        let is_wsdl = key.eq_ignore_ascii_case("wsdl") || key.eq_ignore_ascii_case("singleWsdl");
        if is_wsdl && name.is_empty() {
            return Some(self.wsdl.text(address));
        }
        if !is_wsdl && !key.eq_ignore_ascii_case("xsd") {
            return None;
        }
        self.others.iter().chain([&self.wsdl]).find(|document| document.name == name).map(|found| found.text(address))
    }
}

impl ContractDocument {
    /// A document by the name of its file, in pieces: the address that was asked stands between each two.
    pub const fn new(name: &'static str, pieces: &'static [&'static str]) -> Self {
        Self { name, pieces }
    }

    fn text(&self, address: &str) -> String {
        self.pieces.join(&escape::lossy(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_found_by_their_names() {
        static WSDL: ContractDocument = ContractDocument::new("a.wsdl", &["<w at=\"", "\" x=\"", "?xsd=b.xsd\"/>"]);
        static XSD: ContractDocument = ContractDocument::new("b.xsd", &["<x/>"]);
        static CONTRACT: Contract = Contract::new(&WSDL, &[&XSD]);
        let at = |query| CONTRACT.answer(query, "https://h/p&q");
        let wsdl = "<w at=\"https://h/p&amp;q\" x=\"https://h/p&amp;q?xsd=b.xsd\"/>";
        for query in ["wsdl", "WSDL", "wsdl=", "singleWsdl", "wsdl&x=1", "wsdl=a.wsdl"] {
            assert_eq!(at(query).as_deref(), Some(wsdl), "{query}");
        }
        assert_eq!(at("xsd=b.xsd").as_deref(), Some("<x/>"));
        assert_eq!(at("XSD=b.xsd").as_deref(), Some("<x/>"));
        for query in ["", "xsd=", "xsd=c.xsd", "wsdl=c", "xsd=../b.xsd", "disco"] {
            assert_eq!(at(query), None, "{query}");
        }
    }
}
