//! Generates the client of `wsdl/` into OUT_DIR.

fn main() -> Result<(), wsdl_codegen::Failure> {
    wsdl_codegen::Builder::new().source("wsdl").generate()?;
    Ok(())
}
