use altinn_soap_codegen::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::*;
fn all(f: &Path, out: &mut Vec<PathBuf>) {
    for e in std::fs::read_dir(f).unwrap() {
        let p = e.unwrap().path();
        if p.is_dir() { all(&p, out) } else { out.push(p) }
    }
}
fn main() {
    let root = PathBuf::from(std::env::args().nth(1).unwrap());
    let verbose = std::env::args().nth(2).is_some();
    let mut files = vec![];
    all(&root, &mut files);
    files.sort();
    let (mut ok, mut bad) = (0, 0);
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let mut examples: BTreeMap<String, String> = BTreeMap::new();
    let mut perdir: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for w in files.iter().filter(|p| p.extension().is_some_and(|e| e == "wsdl")) {
        let mut s = source::SourceSet::new();
        let mut queue = vec![w.clone()];
        let mut done = BTreeSet::new();
        while let Some(p) = queue.pop() {
            let Ok(p) = p.canonicalize() else { continue };
            if !p.starts_with(&root) || !p.is_file() || !done.insert(p.clone()) {
                continue;
            }
            let Ok(text) = source::decode(&std::fs::read(&p).unwrap()) else {
                println!("encoding {}", p.display());
                continue;
            };
            for q in ['"', '\''] {
                for x in text.split(&format!("ocation={q}")).skip(1) {
                    let l = x.split(q).next().unwrap().split('#').next().unwrap().split('?').next().unwrap();
                    let base = l.rsplit('/').next().unwrap();
                    if !(l.ends_with(".wsdl") || l.ends_with(".xsd")) {
                        continue;
                    }
                    if !l.contains("://") && p.parent().unwrap().join(l).exists() {
                        queue.push(p.parent().unwrap().join(l));
                        continue;
                    }
                    if p.parent().unwrap().join(base).exists() {
                        queue.push(p.parent().unwrap().join(base));
                        continue;
                    }
                    let mut f = false;
                    for a in p.ancestors().skip(1).take_while(|a| a.starts_with(&root)) {
                        if !f && a.join(l).is_file() {
                            queue.push(a.join(l));
                            f = true;
                        }
                    }
                    if !f {
                        for x in files.iter().filter(|f| f.file_name().unwrap() == base).take(1) {
                            queue.push(x.clone())
                        }
                    }
                }
            }
            s.insert(p.strip_prefix(&root).unwrap().to_string_lossy(), text);
        }
        let t = std::time::Instant::now();
        let r = read_with_warnings(&s, &config::Config::default());
        if t.elapsed().as_millis() > 1000 {
            println!("slow {} {:?}", w.display(), t.elapsed());
        }
        let d0 = w.strip_prefix(&root).unwrap().components().next().unwrap().as_os_str().to_string_lossy().to_string();
        let e = perdir.entry(d0).or_default();
        match r {
            Ok((c, _)) => {
                ok += 1;
                e.0 += 1;
                let _ = ir::print::print(&c);
                let j = inspect::json(&c);
                assert!(j.len() > 10);
                let _ = inspect::text(&c);
            }
            Err(d) => {
                bad += 1;
                e.1 += 1;
                if verbose {
                    println!("== {}\n{d}", w.display());
                }
                let mut seen = BTreeSet::new();
                for x in &d {
                    if x.severity == Severity::Error {
                        let keep = x.message.starts_with("policy assertion") || x.message.starts_with("`xs:");
                        let mut out = String::new();
                        let mut inq = false;
                        for ch in x.message.chars() {
                            if ch == '`' {
                                inq = !inq;
                                out.push('`');
                                continue;
                            }
                            if !inq || keep {
                                out.push(ch)
                            }
                        }
                        for cut in [" (", " in namespace"] {
                            if let Some(i) = out.find(cut) {
                                out.truncate(i)
                            }
                        }
                        if out.starts_with("not well") {
                            out = "not well-formed".into()
                        }
                        if seen.insert(out.clone()) {
                            *reasons.entry(out.clone()).or_default() += 1;
                            examples.entry(out).or_insert(format!("{} :: {x}", w.display()));
                        }
                    }
                }
            }
        }
    }
    println!("ok {ok} refused {bad} {perdir:?}");
    let mut r: Vec<_> = reasons.into_iter().collect();
    r.sort_by_key(|x| std::cmp::Reverse(x.1));
    for (k, n) in r {
        println!("{n:4} {k}\n        {}", examples[&k].replace('\n', "\n        "));
    }
}
