//! `cargo xtask regen`: wsdl-cache/ and codegen.toml to generated/, and to what follows from it elsewhere.

use std::fs;
use std::time::Instant;

use wsdl_codegen::render::manifest::with_features;
use wsdl_codegen::{Config, Generated, SourceSet, diff, files};

use crate::{Result, derived, freshness, process, root, wsdl};

pub(crate) fn run(check: bool) -> Result {
    let start = Instant::now();
    let generated = generate()?;
    let seconds = start.elapsed().as_secs_f64();
    eprint!("{}", generated.warnings);
    let folder = root().join("generated");
    let mut differences: Vec<String> = match check {
        true => files::compare(&folder, &generated.files)?,
        false => files::sync(&folder, &generated.files)?,
    }
    .iter()
    .map(|difference| format!("generated/{difference}"))
    .collect();
    for (name, text) in beside(&generated)? {
        if fs::read_to_string(root().join(name)).unwrap_or_default() != text {
            differences.push(format!("{name} is stale"));
            if !check {
                files::replace(&root().join(name), &text)?;
            }
        }
    }
    println!("{}, {seconds:.2} s", generated.summary);
    for difference in &differences {
        println!("{difference}{}", if check { "" } else { ": mended" });
    }
    if !check {
        wsdl::left_to_do()?.iter().for_each(|problem| println!("left to do: {problem}"));
    }
    if !check && let Some(changes) = changes_since_commit() {
        print!("For callers, since the last commit:\n{changes}");
    }
    if check && !differences.is_empty() {
        return Err("this is not what `cargo xtask regen` writes".into());
    }
    Ok(())
}

/// What the cache at hand makes, in memory.
pub(crate) fn generate() -> Result<Generated> {
    let (sources, config) = inputs()?;
    Ok(wsdl_codegen::generate(&sources, &config)?)
}

fn inputs() -> Result<(SourceSet, Config)> {
    let sources = files::read(&[root().join("wsdl-cache")])?;
    Ok((sources, files::read_config(&root().join("generated/codegen.toml"))?))
}

/// What the changes of the cache since the last commit mean for callers. None without git, without such changes, or where
/// one of the two contracts cannot be read with the configuration at hand.
fn changes_since_commit() -> Option<String> {
    if git("status --porcelain wsdl-cache")?.is_empty() {
        return None;
    }
    let mut before = SourceSet::new();
    for path in git("ls-tree -r --name-only HEAD wsdl-cache")?.lines() {
        if path.ends_with(".wsdl") || path.ends_with(".xsd") {
            before.insert(path.strip_prefix("wsdl-cache/")?, git(&format!("show HEAD:{path}"))?);
        }
    }
    let (now, config) = inputs().ok()?;
    let (old, new) = (wsdl_codegen::read(&before, &config).ok()?, wsdl_codegen::read(&now, &config).ok()?);
    Some(diff::text(&diff::diff(&old, &new)))
}

/// What git says, if it is there and this is a checkout.
fn git(arguments: &str) -> Option<String> {
    let output = process::command(&format!("git {arguments}")).output().ok()?;
    String::from_utf8(output.stdout).ok().filter(|_| output.status.success())
}

/// Files that are not sources of generated/: its manifest with the list of features, the digest that `build.rs` compares, and
/// what is derived outside of it.
fn beside(generated: &Generated) -> Result<[(&'static str, String); 6]> {
    let summary = &generated.summary;
    let read = |name: &str| fs::read_to_string(root().join(name)).map_err(|error| format!("{name}: {error}"));
    let manifest = with_features(&read("generated/Cargo.toml")?, &summary.services)
        .ok_or("generated/Cargo.toml lacks the markers around its features")?;
    let source = |path: &str| {
        let name = path.strip_prefix("generated/").unwrap_or(path);
        let found = generated.files.iter().find(|file| file.path == name);
        found.map(|file| file.text.clone()).ok_or_else(|| format!("{path} is not generated").into())
    };
    let provenance = format!(
        "Digest of wsdl-cache/ and codegen.toml that src/ was generated from.\n{}\n",
        freshness::digest(&root())?
    );
    Ok([
        ("generated/Cargo.toml", manifest),
        ("generated/PROVENANCE", provenance),
        ("Cargo.toml", derived::features(&read("Cargo.toml")?, &summary.services)?),
        ("src/lib.rs", derived::modules(&read("src/lib.rs")?, &summary.services)?),
        ("README.md", derived::counts(&read("README.md")?, summary)?),
        ("docs/generated-code.md", derived::excerpts(&read("docs/generated-code.md")?, source)?),
    ])
}

#[cfg(test)]
mod tests {
    use wsdl_codegen::files::{self, Difference};

    use super::*;

    #[test]
    fn generated_is_fresh_and_the_same_every_time() {
        let (one, other) = (generate().unwrap(), generate().unwrap());
        assert_eq!(one.files, other.files);
        assert_eq!(files::compare(&root().join("generated"), &one.files).unwrap(), []);
        for (name, text) in beside(&one).unwrap() {
            assert_eq!(fs::read_to_string(root().join(name)).unwrap(), text, "{name}: run `cargo xtask regen`");
        }
    }

    #[test]
    fn a_stale_a_missing_and_an_orphaned_file_are_noticed_and_mended() {
        let folder = std::env::temp_dir().join(format!("altinn-soap-regen-{}", std::process::id()));
        let files = generate().unwrap().files;
        files::sync(&folder, &files).unwrap();
        let (stale, missing) = (&files[0].path, &files[1].path);
        let text = fs::read_to_string(folder.join(stale)).unwrap();
        fs::write(folder.join(stale), text.clone() + "\n").unwrap();
        fs::remove_file(folder.join(missing)).unwrap();
        fs::write(folder.join("src/orphan.rs"), text).unwrap();
        let expected = [
            Difference::Stale(stale.clone()),
            Difference::Missing(missing.clone()),
            Difference::Orphan("src/orphan.rs".to_owned()),
        ];
        assert_eq!(files::compare(&folder, &files).unwrap(), expected);
        files::sync(&folder, &files).unwrap();
        assert_eq!(files::compare(&folder, &files).unwrap(), []);
        fs::remove_dir_all(folder).unwrap();
    }
}
