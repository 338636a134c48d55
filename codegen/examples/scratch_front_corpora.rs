use altinn_soap_codegen::*;
use std::collections::BTreeMap;
use std::path::*;
fn all(f: &Path, out: &mut Vec<PathBuf>) {
    for e in std::fs::read_dir(f).unwrap() {
        let p = e.unwrap().path();
        if p.is_dir() { all(&p, out) } else { out.push(p) }
    }
}
fn main() {
    let root = PathBuf::from(std::env::args().nth(1).unwrap());
    let mut files = vec![];
    all(&root, &mut files);
    files.sort();
    // per folder: all xsd/wsdl siblings beneath its parent, read each wsdl alone with siblings
    let mut ok = 0;
    let mut bad = 0;
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let mut examples: BTreeMap<String, String> = BTreeMap::new();
    let mut other: BTreeMap<&str, usize> = BTreeMap::new();
    let v = std::env::args().nth(2);
    for w in files.iter().filter(|p| p.extension().is_some_and(|e| e == "wsdl")) {
        let mut s = source::SourceSet::new();
        // the wsdl + all xsd/wsdl it may reach: everything under parent (not other service wsdls unless imported: give all, filter services)
        let mut queue = vec![w.clone()];
        let mut done = std::collections::BTreeSet::new();
        let mut enc = false;
        while let Some(p) = queue.pop() {
            let p = match p.canonicalize() {
                Ok(p) => p,
                Err(_) => continue,
            };
            if !p.starts_with(&root) || !done.insert(p.clone()) {
                continue;
            }
            let text = match source::decode(&std::fs::read(&p).unwrap()) {
                Ok(t) => t,
                Err(_) => {
                    if p == *w {
                        enc = true;
                    }
                    continue;
                }
            };
            for pat in ["ocation=\"", "ocation='"] {
                let q = pat.chars().last().unwrap();
                for x in text.split(pat).skip(1) {
                    let l = x.split(q).next().unwrap().split('#').next().unwrap().split('?').next().unwrap();
                    if !l.contains("://") {
                        queue.push(p.parent().unwrap().join(l));
                    } else if l.ends_with(".wsdl") || l.ends_with(".xsd") {
                        queue.push(p.parent().unwrap().join(l.rsplit('/').next().unwrap()));
                    }
                }
            }
            s.insert(p.strip_prefix(&root).unwrap().to_string_lossy(), text);
        }
        if enc {
            *other.entry("encoding").or_default() += 1;
            continue;
        }
        let t = std::time::Instant::now();
        let r = read_with_warnings(&s, &config::Config::default());
        let el = t.elapsed();
        if el.as_millis() > 1000 {
            println!("slow {} {:?}", w.display(), el);
        }
        match r {
            Ok((c, _)) => {
                ok += 1;
                let _ = ir::print::print(&c);
            }
            Err(d) => {
                bad += 1;
                let mut seen = std::collections::BTreeSet::new();
                for x in &d {
                    if x.severity == diagnostic::Severity::Error {
                        let mut m = x.message.clone();
                        // strip names
                        let mut out = String::new();
                        let mut inq = false;
                        let keep = m.starts_with("policy assertion") || m.starts_with("`xs:");
                        for ch in m.drain(..) {
                            if ch == '`' {
                                inq = !inq;
                                out.push('`');
                                continue;
                            }
                            if !inq || keep {
                                out.push(ch)
                            }
                        }
                        if let Some(i) = out.find(" (") {
                            out.truncate(i)
                        }
                        if let Some(i) = out.find(" in namespace") {
                            out.truncate(i)
                        }
                        if out.starts_with("not well") {
                            out.truncate(80)
                        }
                        if seen.insert(out.clone()) {
                            *reasons.entry(out.clone()).or_default() += 1;
                            examples.entry(out).or_insert(format!("{} :: {x}", w.display()));
                        }
                    }
                }
                if v.as_deref() == Some("v") {
                    println!("== {}\n{d}", w.display());
                }
            }
        }
    }
    println!("ok {ok} refused {bad} other {other:?}");
    let mut r: Vec<_> = reasons.into_iter().collect();
    r.sort_by_key(|x| std::cmp::Reverse(x.1));
    for (k, n) in r {
        println!("{n:4} {k}\n        {}", examples[&k].replace("\n", "\n        "));
    }
}
