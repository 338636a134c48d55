//! Generates both halves of the old EC services.
//!
//! Their contracts are not published any more. Those of EC2, which took their place, are: they have the same types and
//! actions, and differ by the assertion that forbids to cancel a session, and by the address.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use wsdl_codegen::{Config, SourceSet, generate_inline};

#[path = "../support/environment.rs"]
#[allow(dead_code, reason = "shared with tests")]
mod environment;

/// Folders of contracts, and the modules and ports that are generated of them.
const CONTRACTS: [(&str, &str, &str); 3] = [
    ("ReceiptExternal-ec2", "receipt", "CustomBinding_IReceiptExternalEC2"),
    ("ReporteeElementList-ec2", "reportee_element_list", "CustomBinding_IReporteeElementListEC2"),
    ("BrokerServiceExternalStreamed-ec2", "broker_streamed", "CustomBinding_IBrokerServiceExternalEC2Streamed"),
];

/// What an EC2 service asserts and an EC service does not.
const FORBIDS_CANCEL: &str =
    r#"<mssp:MustNotSendCancel xmlns:mssp="http://schemas.microsoft.com/ws/2005/07/securitypolicy" />"#;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../support/environment.rs");
    println!("cargo::rerun-if-env-changed=ALTINN_SOAP_SHARED");
    println!("cargo::rerun-if-env-changed=WITHOUT_SHARED");
    println!("cargo::rustc-check-cfg=cfg(published)");
    let code = match environment::shared("altinn-wsdl") {
        Some(folder) => {
            println!("cargo::rustc-cfg=published");
            generated(&folder)?
        }
        None => "const ALL: [&[v1::Exchange]; 0] = [];".to_owned(),
    };
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("ec.rs"), code)?;
    Ok(())
}

fn generated(contracts: &Path) -> Result<String, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", contracts.display());
    let mut sources = SourceSet::new();
    let mut config = "server = true\n".to_owned();
    let mut lists = String::new();
    for (folder, module, port) in CONTRACTS {
        sources.insert(format!("{module}.wsdl"), of_ec(&wsdl(&contracts.join(folder))?)?);
        config += &format!("[service.{module}.ports.ec]\nport = \"{port}\"\n");
        lists += &format!("{module}::ec::EXCHANGES, ");
    }
    let mut code = generate_inline(&sources, &Config::from_toml(&config)?)?.files.remove(0).text;
    code += &format!("\nconst ALL: [&[v1::Exchange]; {}] = [{lists}];\n", CONTRACTS.len());
    Ok(code)
}

fn wsdl(folder: &Path) -> Result<String, Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wsdl") {
            return Ok(fs::read_to_string(path)?);
        }
    }
    Err(format!("no contract in {}", folder.display()).into())
}

/// The contract of a service as it was before EC2.
fn of_ec(wsdl: &str) -> Result<String, &'static str> {
    let (before, after) =
        wsdl.split_once(FORBIDS_CANCEL).ok_or("a contract that does not forbid to cancel a session")?;
    Ok(format!("{before}{after}").replace("EC2.svc", "EC.svc").replace("EC2Streamed.svc", "ECStreamed.svc"))
}
