//! `xs:QName`.

use std::fmt;

use crate::error::Error;
use crate::value::Value;
use crate::xml::{Reader, Writer};

/// A name in a namespace; the prefix it was written with is not part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QName {
    /// The namespace name; empty for none.
    pub namespace: String,
    /// The local name.
    pub local: String,
}

impl fmt::Display for QName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}{}", self.namespace, self.local)
    }
}

impl Value for QName {
    fn blank() -> Self {
        Self::default()
    }

    fn read_value(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let (namespace, local) = reader.qname_content()?;
        let namespace = namespace.ok_or_else(|| reader.error("a prefix that is not declared"))?;
        Ok(Self { namespace, local })
    }

    fn write_value(&self, writer: &mut Writer<'_>) -> Result<(), Error> {
        writer.qname(&self.namespace, &self.local)
    }

    #[cfg(feature = "test-util")]
    fn sample(sampler: &mut crate::schema::sample::Sampler) -> Self {
        Self { namespace: format!("urn:{}", sampler.number()), local: format!("n{}", sampler.number()) }
    }
}
