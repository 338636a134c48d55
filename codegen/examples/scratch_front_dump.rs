use altinn_soap_codegen::*;
fn walk(root: &std::path::Path, f: &std::path::Path, s: &mut source::SourceSet) {
    for e in std::fs::read_dir(f).unwrap() {
        let p = e.unwrap().path();
        if p.is_dir() {
            walk(root, &p, s)
        } else if p.extension().is_some_and(|e| e == "wsdl" || e == "xsd") {
            s.insert(
                p.strip_prefix(root).unwrap().to_string_lossy(),
                source::decode(&std::fs::read(&p).unwrap()).unwrap(),
            );
        }
    }
}
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let mut s = source::SourceSet::new();
    let p = std::path::Path::new(&a[1]);
    if p.is_file() {
        s.insert(p.file_name().unwrap().to_string_lossy(), source::decode(&std::fs::read(p).unwrap()).unwrap());
    } else {
        walk(p, p, &mut s);
    }
    let c =
        a.get(2).map(|f| config::Config::from_toml(&std::fs::read_to_string(f).unwrap()).unwrap()).unwrap_or_default();
    let t = std::time::Instant::now();
    match read_with_warnings(&s, &c) {
        Ok((c, w)) => {
            println!("{w}\n{}", ir::print::print(&c));
        }
        Err(d) => {
            println!("{d}");
        }
    }
    eprintln!("{:?}", t.elapsed());
}
