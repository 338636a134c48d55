//! Makes types of the form's schema.

fn main() -> Result<(), wsdl_codegen::Failure> {
    wsdl_codegen::Builder::new().source("schema").generate()?;
    Ok(())
}
