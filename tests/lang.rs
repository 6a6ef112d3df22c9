//! Tests: lang.
use mapwright::lang::{Look, format, parse_rules, to_text};
use mapwright::text::Source;
#[test]
fn probe() {
    let text = std::fs::read_to_string("tests/rules/good/reference.rules").unwrap();
    let source = Source::new("reference.rules", &text);
    let (file, findings) = parse_rules(&source);
    println!("{}", to_text(&findings, Look::Plain { width: 100 }));
    println!("{} items", file.items.len());
    match format(&source) { Ok(text) => std::fs::write("/tmp/formatted.rules", text).unwrap(), Err(f) => println!("no format {}", f.len()) }
    for entry in std::fs::read_dir("grammar/examples").unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with('S') { continue; }
        let (_, findings) = parse_rules(&Source::new(&name, &text));
        let codes: Vec<_> = findings.iter().map(|it| it.code.to_string()).filter(|it| it != "S119").collect();
        println!("{name}: {codes:?}");
    }
}
