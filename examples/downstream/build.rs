//! Generates the client of `wsdl/` into OUT_DIR.

fn main() -> Result<(), altinn_soap_codegen::Failure> {
    altinn_soap_codegen::Builder::new().source("wsdl").generate()?;
    Ok(())
}
