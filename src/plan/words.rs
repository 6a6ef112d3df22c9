//! Expressions, conditions, cells and values in the words of the rule language, for people who ask why.

use super::{
    Column, ColumnCodes, Comparison, Condition, Constant, Cut, EntityPlan, Expression, FactId,
    Plan, RowResult, SlotId, Table, builtin,
};
use crate::model::{Scalar, Value};

/// The words of one entity's plan.
pub(super) struct Words<'p> {
    pub(super) plan: &'p Plan,
    pub(super) entity: &'p EntityPlan,
}

impl Words<'_> {
    /// An expression as a rule line would write it.
    pub(super) fn expression(&self, expression: &Expression) -> String {
        match expression {
            Expression::Slot(slot) => self.slot(*slot).to_owned(),
            Expression::Constant(constant) => constant_words(constant),
            Expression::Fact(fact) => self.fact(*fact).to_owned(),
            Expression::Call { builtin, arguments } => {
                let name = builtin::builtin(*builtin).map_or("", |it| it.name);
                format!("{name}({})", self.list(arguments, ", "))
            }
            Expression::Concat(parts) => self.list(parts, " + "),
            Expression::FirstFilled(parts) => format!("first_filled({})", self.list(parts, ", ")),
            Expression::Via { value, map } => {
                let map = self.plan.values.get(usize::from(map.0));
                let map = map.map_or("", |it| &it.name);
                format!("{} via {map}", self.expression(value))
            }
            Expression::If {
                when,
                then,
                otherwise,
            } => {
                let (when, then) = (self.condition(when), self.expression(then));
                if **otherwise == Expression::Constant(Constant::Blank) {
                    return format!("if {when} then {then}");
                }
                format!("if {when} then {then} else {}", self.expression(otherwise))
            }
            Expression::Test(condition) => self.condition(condition),
            Expression::User(id) => {
                let lookup = self.entity.user_lookups.get(usize::from(id.0));
                let email = lookup.map_or_else(String::new, |it| self.expression(&it.email));
                format!("lookup user by email = {email}")
            }
        }
    }

    /// A condition as a rule line would write it.
    pub(super) fn condition(&self, condition: &Condition) -> String {
        match condition {
            Condition::Is { value, words } => {
                let words: Vec<String> = words.iter().map(constant_words).collect();
                let is = if words.len() == 1 { "is" } else { "in" };
                format!("{} {is} {}", self.expression(value), words.join(", "))
            }
            Condition::Blank(value) => format!("{} is blank", self.expression(value)),
            Condition::InList { value, list } => {
                let list = self.plan.lists.get(usize::from(list.0));
                let list = list.map_or("", |it| &it.name);
                format!("{} in {list}", self.expression(value))
            }
            Condition::Compare {
                value,
                comparison,
                with,
            } => {
                let sign = match comparison {
                    Comparison::Less => "<",
                    Comparison::AtMost => "<=",
                    Comparison::More => ">",
                    Comparison::AtLeast => ">=",
                };
                format!(
                    "{} {sign} {}",
                    self.expression(value),
                    self.expression(with)
                )
            }
            Condition::True(value) => self.expression(value),
            Condition::FactIs { fact, words } => {
                let known = self.entity.facts.get(usize::from(fact.0));
                let words: Vec<&str> = words
                    .iter()
                    .filter_map(|word| known?.words.get(usize::from(*word)))
                    .map(String::as_str)
                    .collect();
                let is = if words.len() == 1 { "is" } else { "in" };
                format!("{} {is} {}", self.fact(*fact), words.join(", "))
            }
            Condition::Not(inner) => format!("not ({})", self.condition(inner)),
            Condition::All(parts) => self.conditions(parts, " and "),
            Condition::Any(parts) => self.conditions(parts, " or "),
        }
    }

    pub(super) fn slot(&self, slot: SlotId) -> &str {
        let spec = self.entity.slots.get(usize::from(slot.0));
        spec.map_or("", |it| &it.name)
    }

    fn fact(&self, fact: FactId) -> &str {
        let fact = self.entity.facts.get(usize::from(fact.0));
        fact.map_or("", |it| &it.name)
    }

    fn list(&self, parts: &[Expression], between: &str) -> String {
        let parts: Vec<String> = parts.iter().map(|it| self.expression(it)).collect();
        parts.join(between)
    }

    fn conditions(&self, parts: &[Condition], between: &str) -> String {
        let parts: Vec<String> = parts.iter().map(|it| self.condition(it)).collect();
        parts.join(between)
    }

    /// What a code of a column stands for.
    pub(super) fn code(&self, column: &Column, code: usize) -> String {
        let word = |words: &[String]| words.get(code).cloned();
        match &column.codes {
            ColumnCodes::Fact(fact) => {
                let fact = self.entity.facts.get(usize::from(fact.0));
                fact.and_then(|it| word(&it.words)).unwrap_or_default()
            }
            ColumnCodes::Words { words, .. } => word(words).unwrap_or_else(|| {
                let name = if code == words.len() {
                    "blank"
                } else {
                    "other"
                };
                name.to_owned()
            }),
            ColumnCodes::Boolean(_) => match code {
                0 => "no".to_owned(),
                1 => "yes".to_owned(),
                _ => "blank".to_owned(),
            },
            ColumnCodes::Ranges { cuts, .. } if code > cuts.len() * 2 => "blank".to_owned(),
            ColumnCodes::Ranges { cuts, .. } => range(code, code, cuts),
        }
    }

    /// The cell of a row as a table would write it.
    pub(super) fn cell(&self, column: &Column, row: usize) -> String {
        let fits = |code: &usize| column.rows.get(*code).is_some_and(|it| it.has(row));
        let codes: Vec<usize> = (0..column.rows.len()).filter(fits).collect();
        let listed = match &column.codes {
            ColumnCodes::Words { words, .. } => words.len() + 1,
            ColumnCodes::Fact(_) | ColumnCodes::Boolean(_) | ColumnCodes::Ranges { .. } => {
                column.rows.len()
            }
        };
        let is_any = (0..listed).all(|code| codes.contains(&code));
        if is_any {
            let others = if codes.len() > listed {
                "any, other"
            } else {
                "any"
            };
            return others.to_owned();
        }
        if let ColumnCodes::Ranges { cuts, .. } = &column.codes {
            return ranges(&codes, cuts);
        }
        let missing: Vec<usize> = (0..listed).filter(|it| !codes.contains(it)).collect();
        if listed > 4 && missing.len() < codes.len().min(3) && codes.len() <= listed {
            let missing: Vec<String> = missing.iter().map(|it| self.code(column, *it)).collect();
            return format!("any except {}", missing.join(", "));
        }
        let words: Vec<String> = codes.iter().map(|it| self.code(column, *it)).collect();
        words.join(", ")
    }

    /// What a row makes of its record.
    pub(super) fn result(&self, result: &RowResult) -> String {
        match result {
            RowResult::Become { target, queue } => {
                let target = self.plan.targets.get(usize::from(target.0));
                let target = target.map_or("", |it| it.name.as_str());
                match queue {
                    Some(queue) => format!("{target} in queue \"{queue}\""),
                    None => target.to_owned(),
                }
            }
            RowResult::Keep => "keep".to_owned(),
            RowResult::Exclude(because) => format!("exclude \"{because}\""),
            RowResult::Hold(reason) => format!("hold \"{reason}\""),
            RowResult::Stop(reason) => format!("stop \"{reason}\""),
        }
    }

    /// The target that a row gives its record.
    pub(super) fn target_of(&self, table: &Table, row: usize) -> Option<&str> {
        match table.results.get(row)? {
            RowResult::Become { target, .. } => {
                let target = self.plan.targets.get(usize::from(target.0))?;
                Some(&target.name)
            }
            RowResult::Keep | RowResult::Exclude(_) | RowResult::Hold(_) | RowResult::Stop(_) => {
                None
            }
        }
    }
}

/// A value as a rule would write it.
pub(super) fn value_words(value: &Value<'_>) -> String {
    match value {
        Value::Absent | Value::Null => "blank".to_owned(),
        Value::Text(text) => serde_json::Value::from(&**text).to_string(),
        Value::Number(digits) => digits.to_string(),
        Value::Boolean(true) => "yes".to_owned(),
        Value::Boolean(false) => "no".to_owned(),
        Value::Time(time) => time.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Json(raw) => raw.to_string(),
    }
}

/// A value of a draft as a rule would write it.
pub fn scalar_words(value: &Scalar) -> String {
    match value {
        Scalar::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
        Scalar::Number(words) | Scalar::Date(words) | Scalar::Time(words) | Scalar::Json(words) => {
            words.clone()
        }
        Scalar::Boolean(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Scalar::TextList(items) => serde_json::Value::from(items.clone()).to_string(),
    }
}

fn constant_words(constant: &Constant) -> String {
    value_words(&constant.value())
}

fn cut_words(cuts: &[Cut], index: usize) -> String {
    match cuts.get(index) {
        Some(Cut::Number(digits)) => digits.clone(),
        Some(Cut::Date(date)) => date.to_string(),
        Some(Cut::Time(time)) => time.to_string(),
        None => String::new(),
    }
}

/// Codes from `first` to `last` of a column with cuts: odd codes lie on a cut, even ones between two.
fn range(first: usize, last: usize, cuts: &[Cut]) -> String {
    if first == last && first % 2 == 1 {
        return cut_words(cuts, first / 2);
    }
    let below = (last < cuts.len() * 2).then(|| {
        let sign = if last % 2 == 1 { "<=" } else { "<" };
        format!("{sign} {}", cut_words(cuts, last / 2))
    });
    let above = first.checked_sub(1).map(|before| {
        let sign = if first % 2 == 1 { ">=" } else { ">" };
        format!("{sign} {}", cut_words(cuts, before / 2))
    });
    match (above, below) {
        (Some(above), Some(below)) => format!("{above} and {below}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "any number".to_owned(),
    }
}

fn ranges(codes: &[usize], cuts: &[Cut]) -> String {
    let blank = cuts.len() * 2 + 1;
    let mut words = Vec::new();
    let mut run: Option<(usize, usize)> = None;
    for code in codes.iter().copied().filter(|it| *it != blank) {
        run = match run {
            Some((first, last)) if last + 1 == code => Some((first, code)),
            Some((first, last)) => {
                words.push(range(first, last, cuts));
                Some((code, code))
            }
            None => Some((code, code)),
        };
    }
    words.extend(run.map(|(first, last)| range(first, last, cuts)));
    if codes.contains(&blank) {
        words.push("blank".to_owned());
    }
    words.join(", ")
}
