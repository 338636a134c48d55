//! What the generator writes for each construct of XML Schema that messages use.

use serde::Serialize;
use serde::de::DeserializeOwned;
use soap_runtime::generated::v1;

/// A contract of one construct.
#[derive(Debug)]
pub struct Case {
    /// Name of the folder and of the module.
    pub name: &'static str,
    /// Its operation.
    pub exchange: &'static v1::Exchange,
    /// A message of random values, as JSON, and what is read from that.
    pub store: fn(&mut v1::Sampler) -> serde_json::Result<Stored>,
    /// The module; of a schema of chance, the schema.
    pub text: &'static str,
}

/// A value in a store.
#[derive(Debug)]
pub struct Stored {
    /// The value.
    pub value: Box<dyn v1::Slot>,
    /// It as JSON.
    pub json: String,
    /// The value of that.
    pub again: Box<dyn v1::Slot>,
}

fn store<T: v1::Slot + Serialize + DeserializeOwned>(sampler: &mut v1::Sampler) -> serde_json::Result<Stored> {
    let value = T::sample(&v1::Field::required("urn:t", "E"), sampler);
    let json = serde_json::to_string(&value)?;
    let again = Box::new(serde_json::from_str::<T>(&json)?);
    Ok(Stored { value: Box::new(value), json, again })
}

include!(concat!(env!("OUT_DIR"), "/cases.rs"));
