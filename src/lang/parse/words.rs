//! The user's words for the grammar: how lines are written, and what a person calls their pieces.

use super::grammar::Rule;

/// How a line is written, for the help of a message.
const FORMS: &[(Rule, &str)] = &[
    (Rule::rules_line, "`rules \"title\"`"),
    (Rule::language_line, "`language 1`"),
    (
        Rule::source_line,
        "`source customerio fields \"acme.fields\"`",
    ),
    (
        Rule::destination_line,
        "`destination freshsales edition suite [no markers]` or `destination file \"x.schema\"`",
    ),
    (
        Rule::list_line,
        "`list NAME = \"a\", \"b\"`, `list NAME from \"file.txt\"` or `list NAME from \"file.csv\" column NAME`",
    ),
    (
        Rule::custom_field_line,
        "`field cf_name \"Label\" TYPE [unique] on lead, contact`",
    ),
    (
        Rule::every_other_line,
        "`every other object stop \"reason\"` (or `hold`, `exclude`, `ignore because`)",
    ),
    (
        Rule::ignore_entity_line,
        "`ignore delivery, segment because \"reason\"`",
    ),
    (Rule::allow_line, "`allow CODE because \"reason\"`"),
    (
        Rule::accept_line,
        "`accept up to 12 held person \"reason of the hold\" because \"why\"`",
    ),
    (
        Rule::promise_line,
        "`promise every person ends in exactly one of contact, lead`, `promise no two records share key`, \
         `promise no opted_out person ends subscribed` or `promise no person with FIELD VALUE appears anywhere`",
    ),
    (Rule::values_head, "`values NAME`, then lines, then `end`"),
    (
        Rule::values_line,
        "`word, word = \"destination word\" [loses \"what\"]` or `word = hold`",
    ),
    (
        Rule::table_head,
        "the keyword and the record: `decide person`, `exclude person`",
    ),
    (
        Rule::becomes_cell,
        "a target (`lead`, `lead in queue \"…\"`, `note on person`) or `hold \"…\"`, `exclude \"…\"`, `stop \"…\"`",
    ),
    (Rule::then_cell, "`keep`, `exclude` or `hold`"),
    (Rule::because_cell, "the reason, in quotes"),
    (
        Rule::otherwise_line,
        "`otherwise hold \"reason\"` (or `exclude`, `stop`)",
    ),
    (Rule::fact_head, "`fact NAME of person`"),
    (
        Rule::fact_line,
        "`WORD when CONDITION`, the last one `WORD otherwise`",
    ),
    (Rule::merge_head, "`merge person by email`"),
    (
        Rule::merge_line,
        "`winner newest FIELD`, `consent strictest`, `others first filled` or `FIELD newest`",
    ),
    (Rule::limit_head, "`limit 100 notes per record`"),
    (
        Rule::first_line,
        "`first delivery newest, then event newest`",
    ),
    (
        Rule::above_line,
        "`above roll up into one note \"Title\", a line a month` or `above hold \"reason\"`",
    ),
    (Rule::example_head, "`example \"title\"`"),
    (
        Rule::given_line,
        "`given person id \"a1\", email \"jo@acme.example\"`",
    ),
    (
        Rule::expect_line,
        "`expect lead status \"New\"` or `expect hold \"reason\"`",
    ),
    (
        Rule::map_head,
        "`map person to contact, lead`, `map object \"company\" to account`, `map event to note on person`",
    ),
    (
        Rule::field_line,
        "`FIELD = VALUE [else POLICY] [loses \"what\"] [existing HOW]`",
    ),
    (
        Rule::each_line,
        "`each traits.utm.* as custom field \"UTM {name}\"`",
    ),
    (Rule::rest_line, "`rest FIELD = json`"),
    (Rule::ignore_line, "`ignore traits._* because \"reason\"`"),
    (
        Rule::exclude_line,
        "`exclude when CONDITION because \"reason\"`",
    ),
    (
        Rule::existing_line,
        "`existing overwrite`, `existing fill blank`, `existing hold`, `existing skip` or `existing never`",
    ),
    (Rule::collision_line, "`collision FIELD = VALUE`"),
    (Rule::entry_line, "`entry opened = FIELD`"),
    (Rule::members_line, "`members = person by FIELD`"),
    (Rule::document_line, "`document \"name\"`"),
    (
        Rule::fields_head,
        "`fields of person` or `fields of person at \"attributes\"`",
    ),
    (
        Rule::declaration_line,
        "`name [optional] TYPE [, unique] [, else POLICY]`",
    ),
    (Rule::schema_line, "`schema \"name\"`"),
    (Rule::target_head, "`target contact, lead`"),
    (
        Rule::schema_field,
        "`name TYPE [required] [key] [readonly] [at PATH] [one of a, b] [max N]`",
    ),
];

/// What a person calls a piece of a line, and the keywords it can begin with.
pub(super) const PIECES: &[(Rule, &str, &[&str])] = &[
    (Rule::text, "a text in quotes", &[]),
    (Rule::number, "a number", &[]),
    (Rule::date, "a day", &[]),
    (Rule::bound, "a number or a day", &[]),
    (Rule::name, "a name", &[]),
    (Rule::bare, "a word", &[]),
    (Rule::path, "a field", &[]),
    (Rule::any_path, "a field", &[]),
    (
        Rule::field_target,
        "the name of a destination field",
        &["key", "only"],
    ),
    (
        Rule::pattern,
        "a field or a pattern such as `traits._*`",
        &[],
    ),
    (Rule::entity, "a record such as `person`", &["object"]),
    (Rule::turn, "a record such as `event`", &[]),
    (
        Rule::target,
        "a target such as `contact`",
        &["module", "document"],
    ),
    (
        Rule::negation,
        "a value",
        &["not", "if", "lookup", "true", "false", "blank"],
    ),
    (
        Rule::expression,
        "a value",
        &["not", "if", "lookup", "true", "false", "blank"],
    ),
    (
        Rule::conjunction,
        "a value",
        &["not", "if", "lookup", "true", "false", "blank"],
    ),
    (
        Rule::applied,
        "a value",
        &["if", "lookup", "true", "false", "blank"],
    ),
    (
        Rule::sum,
        "a value",
        &["if", "lookup", "true", "false", "blank"],
    ),
    (Rule::literal, "a value", &[]),
    (
        Rule::boolean,
        "`yes` or `no`",
        &["yes", "no", "true", "false"],
    ),
    (
        Rule::policy,
        "`hold`, `stop`, `blank, report` or a value",
        &["hold", "stop", "blank"],
    ),
    (
        Rule::many,
        "`newest`, `oldest`, `primary`, `all`, `hold`, `stop` or a value",
        &[
            "newest", "oldest", "primary", "all", "hold", "stop", "blank",
        ],
    ),
    (
        Rule::merge_how,
        "`newest`, `oldest`, `strictest`, `first filled`, `winner` or `hold`",
        &["newest", "oldest", "strictest", "first", "winner", "hold"],
    ),
    (
        Rule::fate,
        "`hold`, `exclude` or `stop` with a reason",
        &["hold", "exclude", "stop"],
    ),
    (Rule::value_word, "a word", &["blank", "other"]),
    (
        Rule::term,
        "a word",
        &["any", "blank", "other", "yes", "no"],
    ),
    (
        Rule::except_word,
        "a word of the column (`other` stands before `any`)",
        &["blank"],
    ),
    (Rule::in_word, "a list or words in quotes", &[]),
    (Rule::given_field, "a field and its value", &[]),
    (Rule::field_kind, "a type", &[]),
    (Rule::links_kind, "`lookup` and what it finds", &[]),
    (
        Rule::field_type,
        "a type (`text`, `integer`, `decimal`, `boolean`, `timestamp seconds`, `date`, `json`, `one of …`, \
         `list of …`, `object { … }`)",
        &[
            "optional",
            "text",
            "integer",
            "decimal",
            "boolean",
            "timestamp",
            "date",
            "json",
            "one",
            "list",
            "object",
        ],
    ),
    (
        Rule::existing_how,
        "`overwrite`, `fill blank`, `hold`, `skip` or `never`",
        &["overwrite", "fill", "hold", "skip", "never"],
    ),
    (
        Rule::existing_field,
        "`overwrite`, `fill`, `skip` or `never`",
        &["overwrite", "fill", "skip", "never"],
    ),
    (Rule::choice, "a word", &[]),
    (Rule::object_field, "a name and its type", &[]),
    (Rule::equals, "`=`", &[]),
    (Rule::comma, "a comma", &[]),
    (Rule::open, "`(`", &[]),
    (Rule::close, "`)`", &[]),
    (Rule::up_to, "`up to`", &["up"]),
    (Rule::two_records_share, "`two records share`", &["two"]),
    (
        Rule::ends_in_exactly_one_of,
        "`ends in exactly one of`",
        &["ends"],
    ),
    (Rule::appears_anywhere, "`appears anywhere`", &["appears"]),
    (
        Rule::roll_up_into_one_note,
        "`roll up into one note`",
        &["roll"],
    ),
    (Rule::a_line_a, "`a line a`", &[]),
    (
        Rule::expect_fate,
        "`hold`, `exclude` or `stop`",
        &["hold", "exclude", "stop"],
    ),
    (Rule::roll_up, "`roll up into one note`", &["roll"]),
];

/// What may follow any complete value; said only where nothing else was expected.
pub(super) const AFTER_A_VALUE: &[Rule] = &[
    Rule::EOI,
    Rule::is_tail,
    Rule::in_tail,
    Rule::compare_tail,
    Rule::compare,
    Rule::comma,
    Rule::plus,
    Rule::open,
    Rule::kw_above,
    Rule::kw_and,
    Rule::kw_else,
    Rule::kw_existing,
    Rule::kw_in,
    Rule::kw_is,
    Rule::kw_loses,
    Rule::kw_many,
    Rule::kw_no,
    Rule::kw_none,
    Rule::kw_not,
    Rule::kw_or,
    Rule::kw_unconfirmed,
    Rule::kw_via,
];

/// What a cell may hold.
const CELL: &str = "words parted by commas, `any`, `any except …`, `blank`, `other`, `yes`, `no`, \
                    `< 10`, `10 to 50`";

/// Words that may follow so many others that saying them helps nobody.
pub(super) const SELDOM: &[Rule] = &[Rule::kw_activity, Rule::kw_template];

/// How a line of this kind is written, as a sentence.
pub(super) fn help(rule: Rule) -> Option<String> {
    if rule == Rule::cell {
        return Some(format!("a cell holds {CELL}"));
    }
    if rule == Rule::column {
        return Some("a column is named by a field or a fact".to_owned());
    }
    let lead = if is_cell(rule) {
        "this cell holds"
    } else {
        "such a line is written"
    };
    form(rule).map(|form| format!("{lead} {form}"))
}

/// Whether the rule reads a cell of a table rather than a line.
pub(super) fn is_cell(rule: Rule) -> bool {
    [
        Rule::cell,
        Rule::becomes_cell,
        Rule::then_cell,
        Rule::because_cell,
        Rule::column,
    ]
    .contains(&rule)
}

/// How a line of this kind is written.
pub(super) fn form(rule: Rule) -> Option<&'static str> {
    FORMS
        .iter()
        .find(|(known, _)| *known == rule)
        .map(|(_, form)| *form)
}

/// What a person calls a piece of a line.
pub(super) fn piece(rule: Rule) -> Option<String> {
    if let Some((_, words, _)) = PIECES.iter().find(|(known, _, _)| *known == rule) {
        return Some((*words).to_owned());
    }
    let name = format!("{rule:?}");
    name.strip_prefix("kw_")
        .or_else(|| name.strip_prefix("type_"))
        .map(|word| format!("`{word}`"))
}
