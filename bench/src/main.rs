use altinn_soap_runtime::generated::v1;
use std::time::Instant;
const NS: &str = "http://schemas.altinn.no/services/ServiceEngine/ReporteeElementList/2010/10";
#[derive(Clone, PartialEq, Default)]
pub struct El { pub a: Option<i32>, pub b: Option<v1::DateTime>, pub c: Option<String>, pub d: Option<String>, pub e: Option<bool>, pub f: Option<String>, pub g: Option<i32>, pub h: Option<String>, pub i: Option<String>, pub j: Option<i64> }
impl v1::Record for El {
    const SHAPE: &'static v1::Shape = &v1::Shape { name: v1::Name::new(NS, "El"), fields: &[
        v1::Field::optional(NS, "AllowDelete").nillable(),
        v1::Field::optional(NS, "ArchivedDate").nillable(),
        v1::Field::optional(NS, "ArchiveReference").nillable(),
        v1::Field::optional(NS, "DueDateText").nillable(),
        v1::Field::optional(NS, "IsCaseArchived").nillable(),
        v1::Field::optional(NS, "LastChangedBy").nillable(),
        v1::Field::optional(NS, "ReporteeElementId").nillable(),
        v1::Field::optional(NS, "ServiceOwner").nillable(),
        v1::Field::optional(NS, "Title").nillable(),
        v1::Field::optional(NS, "UserId").nillable(),
    ]};
    v1::members!(0 => a, 1 => b, 2 => c, 3 => d, 4 => e, 5 => f, 6 => g, 7 => h, 8 => i, 9 => j);
}
v1::record!(El);
#[derive(Clone, PartialEq, Default)]
pub struct List { pub items: Vec<El> }
impl v1::Record for List {
    const SHAPE: &'static v1::Shape = &v1::Shape { name: v1::Name::new(NS, "List"), fields: &[v1::Field::optional(NS, "L").items(NS, "El")] };
    v1::members!(0 => items);
}
v1::record!(List);
fn main() {
    let mut l = List::default();
    for n in 0..2000*50/ 40 { l.items.push(El { a: Some(n), b: "2013-06-01T12:30:00.5".parse().ok(), c: Some(format!("AR{n}")), d: if n%3==0 {None} else {Some("some & text".into())}, e: Some(true), f: Some("Ola Nordmann".into()), g: Some(n*7), h: Some("Skatteetaten".into()), i: Some("Melding om vedtak som er litt lengre".into()), j: if n % 5 == 0 { None } else { Some(n as i64) } }); }
    let slots = v1::Slots::default();
    let write = |l: &List| { let mut w = v1::Writer::new(v1::Style::Server, &slots); w.start(v1::Name::new(NS, "R")); v1::Value::write_value(l, &mut w).unwrap(); w.end(v1::Name::new(NS, "R")); w.finish() };
    let xml = String::from_utf8(write(&l)).unwrap().replace("i:nil", "x:nil").replacen(" xmlns", " xmlns:x=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns", 1);
    println!("{} bytes {}", xml.len(), &xml[..300]);
    let mut best = [f64::MAX; 3];
    for _ in 0..40 {
        let t = Instant::now();
        let mut r = quick_xml::Reader::from_str(&xml); let mut k = 0u64;
        loop { match r.read_event().unwrap() { quick_xml::events::Event::Eof => break, _ => k += 1 } }
        std::hint::black_box(k);
        best[0] = best[0].min(t.elapsed().as_secs_f64());
        let t = Instant::now();
        let mut r = v1::Reader::new(xml.as_bytes(), &v1::XmlLimits::default()); r.next().unwrap();
        let m: List = v1::Value::read_value(&mut r).unwrap();
        best[1] = best[1].min(t.elapsed().as_secs_f64());
        assert_eq!(m.items.len(), l.items.len());
        let t = Instant::now();
        std::hint::black_box(write(&l));
        best[2] = best[2].min(t.elapsed().as_secs_f64());
    }
    println!("raw {:.3}ms  typed {:.3}ms ({:.2})  write {:.3}ms", best[0]*1e3, best[1]*1e3, best[0]/best[1], best[2]*1e3);
}
