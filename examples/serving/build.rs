//! Generates both halves of a contract of somebody else into OUT_DIR.

fn main() -> Result<(), wsdl_codegen::Failure> {
    wsdl_codegen::Builder::new().source("../downstream/wsdl").config("codegen.toml").generate()?;
    Ok(())
}
