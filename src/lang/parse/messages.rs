//! What to say about a line that could not be read: where it stopped making sense, in the user's words.

use super::grammar::{Failure, Rule};
use super::tokens::{Line, Token, TokenKind};
use crate::lang::codes::syntax::{S101, S109, S110, S115, S116, S125};
use crate::lang::diagnostic::Diagnostic;
use crate::lang::nearest::nearest;
use crate::text::{Source, Span};

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
        "`destination freshsales edition suite` or `destination file \"x.schema\"`",
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
        "`word, word = \"destination word\" [loses \"what\"]`",
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
        "`FIELD = VALUE [else POLICY] [loses \"what\"]`",
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
        "`existing overwrite`, `existing fill blank` or `existing hold`",
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
const PIECES: &[(Rule, &str, &[&str])] = &[
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
const AFTER_A_VALUE: &[Rule] = &[
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
    Rule::kw_in,
    Rule::kw_is,
    Rule::kw_loses,
    Rule::kw_many,
    Rule::kw_no,
    Rule::kw_none,
    Rule::kw_not,
    Rule::kw_or,
    Rule::kw_via,
];

/// How a line of this kind is written.
pub(super) fn form(rule: Rule) -> Option<&'static str> {
    FORMS
        .iter()
        .find(|(known, _)| *known == rule)
        .map(|(_, form)| *form)
}

/// The message for `span`, read as `rule`, that stopped at `failure`.
pub(super) fn unread(
    source: &Source,
    rule: Rule,
    span: Span,
    line: &Line,
    failure: &Failure,
) -> Diagnostic {
    let found = line
        .tokens
        .iter()
        .copied()
        .find(|token| token.span.end > failure.offset && token.span.start < span.end);
    let mut diagnostic = misspelt(source, failure, found)
        .or_else(|| missing_equals(source, span, failure, found))
        .or_else(|| missing_because(source, span, failure, found))
        .or_else(|| missing_comma(source, failure, found))
        .unwrap_or_else(|| unexpected(source, rule, span, failure, found));
    if diagnostic.help.is_none() {
        diagnostic.help = form(rule).map(|form| format!("such a line is written {form}"));
    }
    diagnostic
}

/// The keyword `found` that is nearly one of `known`: the message and the fix.
pub(super) fn misspelt_word<'w>(
    source: &Source,
    found: Token,
    known: impl IntoIterator<Item = &'w str>,
) -> Option<Diagnostic> {
    let word = source.slice(found.span);
    let meant = nearest(word, known)?;
    let message = if word.to_lowercase() == meant {
        format!("`{word}` is written in small letters")
    } else {
        format!("`{word}` is not a word of the language")
    };
    Some(
        Diagnostic::error(S101, source, found.span, message)
            .help(format!("did you mean `{meant}`?"))
            .fix(found.span, meant, format!("write `{meant}`")),
    )
}

fn misspelt(source: &Source, failure: &Failure, found: Option<Token>) -> Option<Diagnostic> {
    let found = found.filter(|it| it.kind == TokenKind::Word)?;
    let names: Vec<String> = failure
        .expected
        .iter()
        .map(|rule| format!("{rule:?}"))
        .collect();
    let words = names.iter().filter_map(|name| name.strip_prefix("kw_"));
    let starts = failure
        .expected
        .iter()
        .filter_map(|rule| PIECES.iter().find(|(known, _, _)| known == rule))
        .flat_map(|(_, _, starts)| starts.iter().copied());
    misspelt_word(source, found, words.chain(starts))
}

fn missing_equals(
    source: &Source,
    span: Span,
    failure: &Failure,
    found: Option<Token>,
) -> Option<Diagnostic> {
    let only_equals = failure
        .expected
        .iter()
        .all(|rule| matches!(rule, Rule::equals | Rule::comma | Rule::text));
    if !only_equals || !failure.expected.contains(&Rule::equals) {
        return None;
    }
    let place = found.map_or_else(|| last_letter(source, span), |token| token.span);
    let diagnostic = Diagnostic::error(S109, source, place, "`=` is missing in this line").here(
        if found.is_some() {
            "`=` belongs before this"
        } else {
            "`=` and a value belong after this"
        },
    );
    Some(match found {
        Some(token) => diagnostic.fix(
            Span::new(token.span.start, token.span.start),
            "= ",
            "put `=` here",
        ),
        None => diagnostic,
    })
}

fn missing_because(
    source: &Source,
    span: Span,
    failure: &Failure,
    found: Option<Token>,
) -> Option<Diagnostic> {
    if !failure.expected.contains(&Rule::kw_because) {
        return None;
    }
    match found {
        None => Some(
            Diagnostic::error(
                S110,
                source,
                last_letter(source, span),
                "the reason is missing",
            )
            .here("`because \"…\"` belongs after this"),
        ),
        Some(token) if token.kind == TokenKind::Text => Some(
            Diagnostic::error(
                S110,
                source,
                token.span,
                "`because` is missing before the reason",
            )
            .fix(
                Span::new(token.span.start, token.span.start),
                "because ",
                "put `because` here",
            ),
        ),
        Some(_) => None,
    }
}

fn missing_comma(source: &Source, failure: &Failure, found: Option<Token>) -> Option<Diagnostic> {
    let found = found?;
    let only_comma = !failure.expected.is_empty()
        && failure
            .expected
            .iter()
            .all(|rule| matches!(rule, Rule::comma | Rule::EOI));
    if !only_comma || !failure.expected.contains(&Rule::comma) || found.kind == TokenKind::Sign {
        return None;
    }
    let message = format!("a comma is missing before {}", show(source, found));
    Some(Diagnostic::error(S125, source, found.span, message).fix(
        Span::new(found.span.start, found.span.start),
        ", ",
        "put a comma here",
    ))
}

fn unexpected(
    source: &Source,
    rule: Rule,
    span: Span,
    failure: &Failure,
    found: Option<Token>,
) -> Diagnostic {
    let after_a_value = failure.expected.contains(&Rule::kw_via);
    let mut words: Vec<String> = Vec::new();
    for expected in &failure.expected {
        if *expected == Rule::EOI || (after_a_value && AFTER_A_VALUE.contains(expected)) {
            continue;
        }
        if let Some(word) = piece(*expected)
            && !words.contains(&word)
        {
            words.push(word);
        }
    }
    if *failure.expected.first().unwrap_or(&rule) == rule || words.is_empty() {
        words.clear();
    }
    let ends = failure.expected.contains(&Rule::EOI);
    match found {
        Some(token) if words.is_empty() && ends => {
            let message = format!("{} is left over in this line", show(source, token));
            let left_over = Span::new(token.span.start, span.end.max(token.span.end));
            Diagnostic::error(S116, source, left_over, message)
                .here("the line makes sense up to here, not with this")
        }
        Some(token) if words.is_empty() => {
            let message = format!("{} cannot stand here", show(source, token));
            Diagnostic::error(S115, source, token.span, message)
        }
        None if words.is_empty() => Diagnostic::error(
            S115,
            source,
            last_letter(source, span),
            "this line is not complete",
        )
        .here("something is missing after this"),
        Some(token) => {
            let words = one_of(&words);
            let message = format!("expected {words}, found {}", show(source, token));
            Diagnostic::error(S115, source, token.span, message)
        }
        None => {
            let message = format!("expected {}, found the end", one_of(&words));
            Diagnostic::error(S115, source, last_letter(source, span), message)
                .here("something is missing after this")
        }
    }
}

fn piece(rule: Rule) -> Option<String> {
    if let Some((_, words, _)) = PIECES.iter().find(|(known, _, _)| *known == rule) {
        return Some((*words).to_owned());
    }
    let name = format!("{rule:?}");
    name.strip_prefix("kw_")
        .or_else(|| name.strip_prefix("type_"))
        .map(|word| format!("`{word}`"))
}

/// `a`, `a or b`, `a, b or c`.
pub(super) fn one_of(words: &[String]) -> String {
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

fn show(source: &Source, token: Token) -> String {
    format!("`{}`", source.slice(token.span))
}

/// The last character of a span: a label on nothing at the end of a file is not drawn.
pub(super) fn last_letter(source: &Source, span: Span) -> Span {
    let start = source
        .slice(span)
        .char_indices()
        .next_back()
        .map_or(0, |(at, _)| at);
    Span::new(span.start + start, span.end)
}
