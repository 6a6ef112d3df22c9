//! A rule file as a value, and as the text that a specialist would write.

#![expect(
    clippy::format_push_string,
    reason = "a test may build its text the short way"
)]

pub(crate) const FIELDS: &str = "fields of person
  cio_id  text, unique
  stage   optional one of a, b, c
  kind    optional one of x, y
  vip     optional boolean
  seats   optional integer
  name    optional text
  code    optional text
end
";

pub(crate) const SCHEMA: &str = "schema \"twin\"

target contact, lead
  external_id  text  key
  short        text  max 6
  long         text
  word         text
  fact_word    text
  number       integer
  flag         boolean
  choice       one of \"A\", \"B\", \"C\", \"None\", \"Other\"
  others       json
end
";

/// Words of `stage`, `kind`, in order of their declaration.
pub(crate) fn words_of(field: &str) -> &'static [&'static str] {
    match field {
        "stage" => &["a", "b", "c"],
        "kind" => &["x", "y"],
        _ => panic!("{field}"),
    }
}

/// Words on the list `known`.
pub(crate) const KNOWN: [&str; 2] = ["Ann", "Bob"];

#[derive(Clone, Debug)]
pub(crate) enum Test {
    Is(&'static str, &'static str),
    IsNot(&'static str, &'static str),
    Blank(&'static str),
    Present(&'static str),
    Known(&'static str),
    NotKnown(&'static str),
    Below(i64),
    AtLeast(i64),
    Vip,
    Not(Box<Test>),
    And(Box<Test>, Box<Test>),
    Or(Box<Test>, Box<Test>),
}

#[derive(Clone, Debug)]
pub(crate) struct Fact {
    pub(crate) name: String,
    /// Word and its test.
    pub(crate) lines: Vec<(String, Test)>,
    pub(crate) otherwise: String,
}

#[derive(Clone, Debug)]
pub(crate) enum Column {
    Fact(usize),
    Words(&'static str),
    Vip,
    /// `seats`, cut at 10 and 50: below, from 10 to 50, above, blank.
    Seats,
}

#[derive(Clone, Debug)]
pub(crate) enum Becomes {
    Target(&'static str),
    Hold,
    Exclude,
}

/// For each column the classes that fit, as bits.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) cells: Vec<u32>,
    pub(crate) becomes: Becomes,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Field(&'static str),
    Text(&'static str),
    Lower(Box<Value>),
    Upper(Box<Value>),
    Trim(Box<Value>),
    First(Vec<Value>),
    /// A prefix before a value.
    Prefix(&'static str, Box<Value>),
    If(Test, Box<Value>, Box<Value>),
    Fact(usize),
    Via,
    Integer(&'static str),
    Test(Test),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Policy {
    Hold,
    Blank,
    Instead(&'static str),
}

#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) field: &'static str,
    pub(crate) value: Value,
    pub(crate) policy: Policy,
}

#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) facts: Vec<Fact>,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Row>,
    pub(crate) otherwise: bool,
    pub(crate) leaves_out: Option<Test>,
    pub(crate) lines: Vec<Line>,
    /// Whether the value map holds words that it does not know.
    pub(crate) map_holds: bool,
}

impl Rules {
    /// How many classes a column has.
    pub(crate) fn classes(&self, column: &Column) -> u32 {
        match column {
            Column::Fact(fact) => u32::try_from(self.facts[*fact].words().len()).unwrap(),
            Column::Words(field) => u32::try_from(words_of(field).len()).unwrap() + 2,
            Column::Vip => 3,
            Column::Seats => 4,
        }
    }

    pub(crate) fn to_text(&self) -> String {
        let mut text = "rules \"Twin\"\nlanguage 1\nsource customerio fields \"twin.fields\"\n\
            destination file \"twin.schema\"\n\nlist known = \"Ann\", \"Bob\"\n\n\
            values letters\n  a = \"A\"\n  b = \"B\"\n  c = \"C\"\n  blank = \"None\"\n"
            .to_owned();
        text += if self.map_holds {
            "  other = hold\nend\n\n"
        } else {
            "  other = \"Other\"\nend\n\n"
        };
        for fact in &self.facts {
            text += &format!("fact {} of person\n", fact.name);
            for (word, test) in &fact.lines {
                text += &format!("  {word} when {}\n", test_words(test));
            }
            text += &format!("  {} otherwise\nend\n\n", fact.otherwise);
        }
        text += "decide person\n  |";
        for column in &self.columns {
            let name = match column {
                Column::Fact(fact) => &self.facts[*fact].name,
                Column::Words(field) => *field,
                Column::Vip => "vip",
                Column::Seats => "seats",
            };
            text += &format!(" {name} |");
        }
        text += " becomes |\n";
        for (number, row) in self.rows.iter().enumerate() {
            text += "  |";
            for (column, cell) in self.columns.iter().zip(&row.cells) {
                text += &format!(" {} |", self.cell(column, *cell));
            }
            text += &match row.becomes {
                Becomes::Target(target) => format!(" {target} |\n"),
                Becomes::Hold => format!(" hold \"row {number}\" |\n"),
                Becomes::Exclude => format!(" exclude \"row {number}\" |\n"),
            };
        }
        if self.otherwise {
            text += "  otherwise hold \"row otherwise\"\n";
        }
        text += "end\n\nmap person to contact, lead\n  key external_id = \"k-\" + cio_id\n";
        for line in &self.lines {
            let policy = match line.policy {
                Policy::Hold => "hold".to_owned(),
                Policy::Blank => "blank, report".to_owned(),
                Policy::Instead(value) => value.to_owned(),
            };
            let value = self.value(&line.value);
            text += &format!("  {} = {value} else {policy}{}\n", line.field, line.loses());
        }
        if let Some(test) = &self.leaves_out {
            text += &format!("  exclude when {} because \"left out\"\n", test_words(test));
        }
        text + "  rest others = json\nend\n"
    }

    fn cell(&self, column: &Column, cell: u32) -> String {
        let named: Vec<String> = match column {
            Column::Fact(fact) => self.facts[*fact].words(),
            Column::Words(field) => {
                let words = words_of(field).iter().map(|it| (*it).to_owned());
                words.chain(["blank".into(), "other".into()]).collect()
            }
            Column::Vip => vec!["no".into(), "yes".into(), "blank".into()],
            Column::Seats => ["< 10", "10 to 50", "> 50", "blank"]
                .map(str::to_owned)
                .to_vec(),
        };
        let all = (1_u32 << named.len()) - 1;
        if cell == all {
            return match column {
                Column::Words(_) => "any, other".to_owned(),
                Column::Fact(_) | Column::Vip | Column::Seats => "any".to_owned(),
            };
        }
        if matches!(column, Column::Words(_)) && cell == all >> 1 {
            return "any".to_owned();
        }
        let fits = named
            .iter()
            .enumerate()
            .filter(|(index, _)| cell >> index & 1 == 1);
        let fits: Vec<&str> = fits.map(|(_, word)| word.as_str()).collect();
        fits.join(", ")
    }

    fn value(&self, value: &Value) -> String {
        match value {
            Value::Field(field) => (*field).to_owned(),
            Value::Text(text) => format!("\"{text}\""),
            Value::Lower(inner) => format!("lower({})", self.value(inner)),
            Value::Upper(inner) => format!("upper({})", self.value(inner)),
            Value::Trim(inner) => format!("trim({})", self.value(inner)),
            Value::First(parts) => {
                let parts: Vec<String> = parts.iter().map(|it| self.value(it)).collect();
                format!("first_filled({})", parts.join(", "))
            }
            Value::Prefix(prefix, inner) => format!("\"{prefix}\" + {}", self.value(inner)),
            Value::If(test, then, otherwise) => format!(
                "if {} then {} else {}",
                test_words(test),
                self.value(then),
                self.value(otherwise)
            ),
            Value::Fact(fact) => self.facts[*fact].name.clone(),
            Value::Via => "stage via letters".to_owned(),
            Value::Integer(field) => format!("integer({field})"),
            Value::Test(test) => test_words(test),
        }
    }
}

fn test_words(test: &Test) -> String {
    match test {
        Test::Is(field, word) => format!("{field} is \"{word}\""),
        Test::IsNot(field, word) => format!("{field} is not \"{word}\""),
        Test::Blank(field) => format!("{field} is blank"),
        Test::Present(field) => format!("{field} is present"),
        Test::Known(field) => format!("{field} in known"),
        Test::NotKnown(field) => format!("{field} not in known"),
        Test::Below(number) => format!("seats < {number}"),
        Test::AtLeast(number) => format!("seats >= {number}"),
        Test::Vip => "vip".to_owned(),
        Test::Not(inner) => format!("not ({})", test_words(inner)),
        Test::And(left, right) => format!("({} and {})", test_words(left), test_words(right)),
        Test::Or(left, right) => format!("({} or {})", test_words(left), test_words(right)),
    }
}

impl Fact {
    /// Every word once, in order of the lines.
    pub(crate) fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for word in self.lines.iter().map(|it| &it.0).chain([&self.otherwise]) {
            if !words.contains(word) {
                words.push(word.clone());
            }
        }
        words
    }
}

impl Line {
    /// What the checker wants marked.
    fn loses(&self) -> &'static str {
        if self.value.changes_case() {
            " loses \"case\""
        } else {
            ""
        }
    }
}

impl Value {
    fn changes_case(&self) -> bool {
        match self {
            Value::Lower(_) | Value::Upper(_) => true,
            Value::Trim(inner) | Value::Prefix(_, inner) => inner.changes_case(),
            Value::First(parts) => parts.iter().any(Value::changes_case),
            Value::If(_, then, otherwise) => then.changes_case() || otherwise.changes_case(),
            Value::Field(_)
            | Value::Text(_)
            | Value::Fact(_)
            | Value::Via
            | Value::Integer(_)
            | Value::Test(_) => false,
        }
    }
}
