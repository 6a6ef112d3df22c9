//! Small faults, as a tired specialist makes them: each is one change of one line.

use std::collections::BTreeMap;

use super::Base;

/// Where a message about the fault is looked for.
#[derive(Clone, Debug)]
pub(crate) enum Where {
    /// On this line of the rule file, from 1.
    Line(usize),
    /// Anywhere from the first to the last of these lines, or on a line with the word: what was there is gone.
    Lines(usize, usize, String),
    /// In this file, or on a line that holds the word.
    File(&'static str, String),
}

#[derive(Clone, Debug)]
pub(crate) struct Mutant {
    pub(crate) kind: &'static str,
    /// The base, the line and the change.
    pub(crate) name: String,
    pub(crate) text: String,
    /// Neighbours that were changed instead.
    pub(crate) files: BTreeMap<&'static str, String>,
    pub(crate) place: Where,
}

/// A line, its number from 1, and the block that it stands in.
struct Line<'b> {
    number: usize,
    text: &'b str,
    block: &'b str,
    /// The first and the last line of the block.
    from: usize,
    to: usize,
}

/// Every fault of one good file.
pub(crate) fn mutants(base: &Base) -> Vec<Mutant> {
    let lines = lines(&base.text);
    let mut found = Mutants {
        base,
        found: Vec::new(),
    };
    for line in &lines {
        names(line, &mut found);
        tables(line, &lines, &mut found);
        clauses(line, &mut found);
        words(line, &mut found);
    }
    if base.name == "acme" {
        neighbours(base, &mut found);
    }
    found.found
}

struct Mutants<'b> {
    base: &'b Base,
    found: Vec<Mutant>,
}

impl Mutants<'_> {
    /// One line becomes another one.
    fn change(&mut self, kind: &'static str, line: &Line<'_>, changed: &str) {
        if changed == line.text {
            return;
        }
        let place = Where::Line(line.number);
        self.put(kind, line, Some(changed), place);
    }

    /// One line goes.
    fn remove(&mut self, kind: &'static str, line: &Line<'_>) {
        self.remove_named(kind, line, "");
    }

    /// One line goes, and something else of that name has lost its use.
    fn remove_named(&mut self, kind: &'static str, line: &Line<'_>, name: &str) {
        let place = Where::Lines(line.from, line.to, name.to_owned());
        self.put(kind, line, None, place);
    }

    fn put(&mut self, kind: &'static str, line: &Line<'_>, changed: Option<&str>, place: Where) {
        let mut text = String::new();
        for (at, old) in self.base.text.lines().enumerate() {
            if at + 1 != line.number {
                text.push_str(old);
                text.push('\n');
            } else if let Some(changed) = changed {
                text.push_str(changed);
                text.push('\n');
            }
        }
        let shown = changed.unwrap_or("(gone)").trim();
        let shown: String = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        self.found.push(Mutant {
            kind,
            name: format!("{}:{} {shown}", self.base.name, line.number),
            text,
            files: BTreeMap::new(),
            place,
        });
    }
}

fn lines(text: &str) -> Vec<Line<'_>> {
    const BLOCKS: &[&str] = &[
        "values", "exclude", "merge", "fact", "decide", "map", "limit", "example",
    ];
    let all: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    let (mut block, mut from, mut to) = ("", 0, 0);
    for (at, line) in all.iter().enumerate() {
        let first = line.split_whitespace().next().unwrap_or("");
        if !line.starts_with(' ') && BLOCKS.contains(&first) {
            block = first;
            from = at + 1;
            let rest = all[at..].iter().position(|it| it.trim() == "end");
            to = at + 1 + rest.unwrap_or(0);
        } else if !line.starts_with(' ') && first != "end" {
            (block, from, to) = ("", at + 1, at + 1);
        }
        found.push(Line {
            number: at + 1,
            text: line,
            block,
            from,
            to,
        });
    }
    found
}

/// Two letters change places; names of two letters and fewer stay.
fn swapped(word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    for at in (1..letters.len()).rev() {
        if letters[at] != letters[at - 1]
            && letters[at].is_alphabetic()
            && letters[at - 1].is_alphabetic()
        {
            letters.swap(at, at - 1);
            break;
        }
    }
    letters.into_iter().collect()
}

fn names(line: &Line<'_>, found: &mut Mutants<'_>) {
    if line.block != "map" || !line.text.starts_with("  ") || line.text.starts_with("  ignore") {
        return;
    }
    let Some((left, right)) = line.text.split_once('=') else {
        return;
    };
    let target = left.split_whitespace().last().unwrap_or("");
    let rest = &left[left.rfind(target).unwrap() + target.len()..];
    let head = &left[..left.rfind(target).unwrap()];
    let changed = format!("{head}{}{rest}={right}", swapped(target));
    found.change("destination field misspelt", line, &changed);
    let path = right
        .split(|it: char| !(it.is_alphanumeric() || it == '_' || it == '.'))
        .find(|it| it.starts_with("traits.") || matches!(*it, "object_id" | "created_at" | "data"));
    if let Some(path) = path {
        let changed = line.text.replacen(path, &swapped(path), 1);
        found.change("source field misspelt", line, &changed);
    }
    found.remove_named("map line removed", line, target);
    if let Some(without) = line.text.strip_prefix("  key ") {
        let place = Where::Lines(line.from, line.to, String::new());
        let changed = format!("  {without}");
        found.put("key mark removed", line, Some(&changed), place);
    }
}

fn tables(line: &Line<'_>, lines: &[Line<'_>], found: &mut Mutants<'_>) {
    let is_row = matches!(line.block, "decide" | "exclude")
        && line.text.trim_start().starts_with('|')
        && line.number > line.from + 1;
    if !is_row {
        return;
    }
    found.remove("row removed", line);
    let cells: Vec<&str> = line.text.trim().trim_matches('|').split('|').collect();
    let row = |cells: &[String]| format!("  |{}|", cells.join("|"));
    let with = |at: usize, cell: &str| {
        let mut cells: Vec<String> = cells.iter().map(|it| (*it).to_owned()).collect();
        cell.clone_into(&mut cells[at]);
        cells
    };
    let closing = if line.block == "decide" { 1 } else { 2 };
    for at in 0..cells.len() - closing {
        let cell = cells[at].trim();
        if cell != "any" && cell != "any, other" {
            found.change("row widened", line, &row(&with(at, " any ")));
        }
        if cell.contains(", ") && cell != "any, other" {
            let (_, fewer) = cell.split_once(", ").unwrap();
            found.change("row narrowed", line, &row(&with(at, &format!(" {fewer} "))));
        }
        if cell.len() > 3 && cell.chars().all(char::is_alphabetic) {
            let odd = format!(" {} ", swapped(cell));
            found.change("word of a cell misspelt", line, &row(&with(at, &odd)));
        }
        if at > 0 {
            let mut moved = with(at, cells[at - 1]);
            cells[at].clone_into(&mut moved[at - 1]);
            if cells[at].trim() != cells[at - 1].trim() {
                found.change("cell moved", line, &row(&moved));
            }
        }
    }
    // The outcome of the row above.
    let above = lines.get(line.number - 2).map(|it| it.text.trim());
    let above: Vec<&str> = above.unwrap_or("").trim_matches('|').split('|').collect();
    let last = cells.len() - closing;
    if above.len() == cells.len() && line.number > line.from + 2 {
        let becomes = above[last];
        if becomes.trim() != cells[last].trim() {
            found.change("outcome of another row", line, &row(&with(last, becomes)));
        }
    }
    let bar = line.text.rfind('|').unwrap();
    let middle = line.text[..bar].rfind('|').unwrap();
    let lost = format!("{} {}", &line.text[..middle], &line.text[middle + 1..]);
    found.change("bar lost", line, &lost);
}

fn clauses(line: &Line<'_>, found: &mut Mutants<'_>) {
    let code = line.text.split(" #").next().unwrap_or("").trim_end();
    if !line.text.starts_with("  ") || matches!(line.block, "example" | "merge") {
        return;
    }
    if let Some(at) = code.find(" loses ") {
        found.change("loss mark removed", line, code[..at].trim_end());
    }
    for word in [" else ", " none "] {
        let Some(at) = code.find(word).filter(|_| code.contains('=')) else {
            continue;
        };
        let rest = &code[at + 1..];
        let ends = [" loses ", ", many", " many "].map(|it| rest.find(it));
        let end = ends.into_iter().flatten().min().unwrap_or(rest.len());
        let changed = format!("{}{}", code[..at].trim_end(), &rest[end..]);
        found.change("policy removed", line, &changed);
    }
    if line.block == "values" && code.contains('=') {
        found.remove("value line removed", line);
    }
    let swaps = [
        ("integer(", "boolean("),
        ("decimal(", "round("),
        ("first_word(", "last_word("),
        ("last_word(", "first_word("),
        ("= email(", "= lower("),
        ("phone(", "email("),
        ("date(", "year_month("),
        ("join(", "sort("),
        ("json(", "lower("),
        ("host(", "web_address("),
        ("web_address(", "host("),
        ("words(", "upper("),
        ("lower(", "upper("),
        ("trim(", "lower("),
        ("email_domain(", "email_local("),
    ];
    for (from, into) in swaps {
        let is_part = code
            .find(from)
            .is_some_and(|at| at > 0 && code.as_bytes()[at - 1].is_ascii_lowercase());
        if code.contains(from) && !is_part {
            found.change("conversion swapped", line, &code.replacen(from, into, 1));
        }
    }
}

fn words(line: &Line<'_>, found: &mut Mutants<'_>) {
    let text = line.text;
    let has_choice =
        line.block == "values" || (line.block == "map" && text.contains("status = \""));
    if let Some((left, right)) = text.split_once("= \"").filter(|_| has_choice) {
        let choice = right.split('"').next().unwrap();
        let changed = format!("{left}= \"{}{}", swapped(choice), &right[choice.len()..]);
        found.change("choice misspelt", line, &changed);
    }
    for prefix in ["\"cio-p-\" + ", "\"cio-o-\" + ", "\"p-\" + "] {
        if text.contains(prefix) {
            for other in ["\"x-\" + ", "\"cio-\" + ", ""] {
                found.change("prefix changed", line, &text.replace(prefix, other));
            }
        }
    }
    if text.starts_with("limit 100") {
        for other in ["101", "150", "1000", "50"] {
            let changed = text.replace("limit 100", &format!("limit {other}"));
            found.change("limit raised", line, &changed);
        }
    }
    if text.starts_with("list ") && text.contains(" = ") {
        let (left, _) = text.split_once(" = ").unwrap();
        found.change("list emptied", line, &format!("{left} = \"\""));
    }
    if text.starts_with("destination freshsales") {
        for other in ["classic", "suit", "professional"] {
            found.change("edition switched", line, &text.replace("suite", other));
        }
    }
    if line.block == "fact" {
        for (from, into) in [
            (" is blank", " is present"),
            (" in ", " not in "),
            (" or ", " and "),
            (" is \"", " is not \""),
        ] {
            found.change("condition turned", line, &text.replacen(from, into, 1));
        }
        if let Some(at) = text.find(" in ") {
            let list = text[at + 4..].split_whitespace().next().unwrap();
            let changed = text.replacen(list, &swapped(list), 1);
            found.change("list misspelt", line, &changed);
        }
    }
    if text.trim() == "end" && line.from != line.to {
        found.remove("`end` removed", line);
    }
    if text.matches('"').count() >= 2 && line.block == "map" {
        let last = text.rfind('"').unwrap();
        let lost = format!("{}{}", &text[..last], &text[last + 1..]);
        found.change("quote lost", line, &lost);
    }
}

/// Faults in the files beside the rules.
fn neighbours(base: &Base, found: &mut Mutants<'_>) {
    let read = |name: &str| std::fs::read_to_string(base.folder.join(name)).unwrap();
    let mut put =
        |kind: &'static str, name: String, file: &'static str, text: String, word: &str| {
            found.found.push(Mutant {
                kind,
                name,
                text: base.text.clone(),
                files: BTreeMap::from([(file, text)]),
                place: Where::File(file, word.to_owned()),
            });
        };
    for (file, kept) in [("free-mail-domains.txt", 0), ("customers.csv", 1)] {
        let head: String = read(file).split_inclusive('\n').take(kept).collect();
        put("list emptied", format!("{file} emptied"), file, head, file);
        let text = read(file);
        let gone = text.lines().nth(kept).unwrap().to_owned();
        let fewer = text.replacen(&format!("{gone}\n"), "", 1);
        put(
            "list entry removed",
            format!("{file} without {gone}"),
            file,
            fewer,
            file,
        );
    }
    let fields = read("acme.fields");
    for line in fields.lines().filter(|it| it.starts_with("  ")) {
        let path = line.split_whitespace().next().unwrap();
        let changed = line.replacen(path, &swapped(path), 1);
        let name = path.rsplit('.').next().unwrap();
        put(
            "declaration misspelt",
            format!("acme.fields {path} misspelt"),
            "acme.fields",
            fields.replacen(line, &changed, 1),
            name,
        );
    }
}
