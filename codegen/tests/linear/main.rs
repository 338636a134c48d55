//! What the generator does is linear in what it reads and writes.

mod shapes;

use wsdl_codegen::{Config, generate};

/// Contracts of this size, twice and four times.
const COUNT: usize = 150;

/// Allocations, and octets allocated, while a contract is generated.
fn work(sources: &wsdl_codegen::SourceSet) -> [f64; 3] {
    let mut written = None;
    let info = allocation_counter::measure(|| written = Some(generate(sources, &Config::default())));
    drop(written);
    [info.count_total as f64, info.bytes_total as f64, info.bytes_max as f64]
}

#[test]
fn twice_as_many_take_twice_the_work() {
    let mut steep = Vec::new();
    for shape in shapes::SHAPES {
        let sizes = [COUNT, 2 * COUNT, 4 * COUNT].map(|count| work(&(shape.make)(count)));
        for (what, at) in [("allocations", 0), ("octets allocated", 1), ("octets at the same time", 2)] {
            for pair in sizes.windows(2) {
                let ratio = pair[1][at] / pair[0][at];
                println!("{}: {what} {} -> {} ({ratio:.2})", shape.name, pair[0][at], pair[1][at]);
                if ratio > 2.5 {
                    steep.push(format!("{}: {what} grow {ratio:.2} times", shape.name));
                }
            }
        }
    }
    assert!(steep.is_empty(), "{}", steep.join("\n"));
}
