use xsd_parser::*;
fn main()->Result<(), Box<dyn std::error::Error>>{
 let a: Vec<String> = std::env::args().skip(1).collect();
 let mut p = Parser::new().with_default_resolver().with_default_namespaces();
 for f in &a { p = p.add_schema_from_file(f)?; }
 let s = p.finish();
 let t = Interpreter::new(&s).with_buildin_types()?.with_default_typedefs()?.with_xs_any_type()?.finish()?.0;
 for (n,i) in s.namespaces() { println!("{n:?} {:?}", i.namespace.as_ref().map(|x|x.to_string())); }
 println!("{}", MetaTypesPrinter::new(&t));
 Ok(())
}
