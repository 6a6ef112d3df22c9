//! What a table's columns depend on: the tested expressions with their classes, and how facts follow from them.

use crate::plan::{Column, ColumnCodes, Condition, Constant, Expression, Fact, FactId, List};

use super::super::values::Lowering;
use super::ProofTable;
use super::classes::{Class, Tests, cut_of, passes};

/// One tested expression.
pub(super) struct Variable {
    pub(super) subject: Subject,
    pub(super) tests: Tests,
    pub(super) classes: Vec<Class>,
    /// By its declaration it is never blank; a record may be all the same.
    pub(super) never_blank: bool,
}

/// What a variable stands for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Subject {
    Value(Expression),
    /// A test that cannot be split, such as a comparison of two fields: holds or not.
    Test(Condition),
}

/// All tested expressions of a table.
pub(super) struct Model<'m> {
    pub(super) variables: Vec<Variable>,
    pub(super) facts: &'m [Fact],
    pub(super) lists: &'m [List],
    /// For each column, the variables that it depends on.
    pub(super) needs: Vec<Vec<usize>>,
}

/// One class for each variable, by index into its classes.
pub(super) type Assignment = Vec<usize>;

/// Facts and lists are copied, so that findings can be said while the model lives.
pub(super) struct Owned {
    pub(super) facts: Vec<Fact>,
    pub(super) lists: Vec<List>,
}

impl Owned {
    pub(super) fn of(lowering: &Lowering<'_, '_>) -> Self {
        Self {
            facts: lowering.record.facts.clone(),
            lists: lowering.file.lists.clone(),
        }
    }
}

impl<'m> Model<'m> {
    pub(super) fn of(lowering: &Lowering<'_, '_>, owned: &'m Owned, proof: &ProofTable) -> Self {
        let mut model = Self {
            variables: Vec::new(),
            facts: &owned.facts,
            lists: &owned.lists,
            needs: Vec::new(),
        };
        for column in &proof.columns {
            let mut needs = Vec::new();
            model.add_column(&column.column, column.whole, &mut needs);
            model.needs.push(needs);
        }
        for variable in &mut model.variables {
            if let Subject::Value(Expression::Slot(slot)) = &variable.subject
                && let Some(spec) = lowering.record.spec(*slot)
            {
                variable.tests.declare(&spec.r#type);
                variable.never_blank = !spec.optional;
            }
            variable.classes = match variable.subject {
                Subject::Value(_) => variable.tests.classes(model.lists),
                Subject::Test(_) => vec![Class::No, Class::Yes],
            };
        }
        model
    }

    fn add_column(&mut self, column: &Column, whole: bool, needs: &mut Vec<usize>) {
        match &column.codes {
            ColumnCodes::Fact(fact) => self.add_fact(*fact, needs),
            ColumnCodes::Words { value, words } => {
                let index = self.variable(&Subject::Value(value.clone()), needs);
                if let Some(variable) = self.variables.get_mut(index) {
                    variable.tests.in_column = true;
                    variable.tests.words.extend(words.iter().cloned());
                }
            }
            ColumnCodes::Boolean(value) => {
                let index = self.variable(&Subject::Value(value.clone()), needs);
                if let Some(variable) = self.variables.get_mut(index) {
                    variable.tests.is_boolean = true;
                }
            }
            ColumnCodes::Ranges { value, cuts } => {
                let index = self.variable(&Subject::Value(value.clone()), needs);
                if let Some(variable) = self.variables.get_mut(index) {
                    variable.tests.whole |= whole;
                    for cut in cuts {
                        variable.tests.add_cut(cut.clone());
                    }
                }
            }
        }
    }

    fn add_fact(&mut self, fact: FactId, needs: &mut Vec<usize>) {
        if let Some(fact) = self.facts.get(usize::from(fact.0)) {
            for line in &fact.lines {
                self.add_condition(&line.when, needs);
            }
        }
    }

    fn add_condition(&mut self, condition: &Condition, needs: &mut Vec<usize>) {
        match condition {
            Condition::FactIs { fact, .. } => self.add_fact(*fact, needs),
            Condition::Not(inner) => self.add_condition(inner, needs),
            Condition::All(parts) | Condition::Any(parts) => {
                for part in parts {
                    self.add_condition(part, needs);
                }
            }
            Condition::Is { .. }
            | Condition::Blank(_)
            | Condition::InList { .. }
            | Condition::Compare { .. }
            | Condition::True(_) => {
                let index = self.variable(&subject(condition), needs);
                if let Some(variable) = self.variables.get_mut(index) {
                    variable.tests.learn(condition);
                }
            }
        }
    }

    fn variable(&mut self, subject: &Subject, needs: &mut Vec<usize>) -> usize {
        let known = self.variables.iter().position(|it| it.subject == *subject);
        let index = known.unwrap_or_else(|| {
            self.variables.push(Variable {
                subject: subject.clone(),
                tests: Tests::default(),
                classes: Vec::new(),
                never_blank: false,
            });
            self.variables.len() - 1
        });
        if !needs.contains(&index) {
            needs.push(index);
        }
        index
    }

    pub(super) fn class(&self, variable: usize, assignment: &Assignment) -> Option<&Class> {
        let index = assignment.get(variable)?;
        self.variables.get(variable)?.classes.get(*index)
    }

    /// The code of a column under an assignment.
    pub(super) fn code(&self, column: &Column, assignment: &Assignment) -> usize {
        let class_of = |value: &Expression| {
            let subject = Subject::Value(value.clone());
            let index = self.variables.iter().position(|it| it.subject == subject)?;
            Some((self.class(index, assignment)?, self.variables.get(index)?))
        };
        match &column.codes {
            ColumnCodes::Fact(fact) => usize::from(self.fact(*fact, assignment)),
            ColumnCodes::Words { value, words } => match class_of(value) {
                Some((Class::Text(text), _)) => words
                    .iter()
                    .position(|it| it == text)
                    .unwrap_or(words.len() + 1),
                Some((Class::Blank, _)) => words.len(),
                Some((Class::Other | Class::No | Class::Yes | Class::Range(_), _)) | None => {
                    words.len() + 1
                }
            },
            ColumnCodes::Boolean(value) => match class_of(value) {
                Some((Class::No, _)) => 0,
                Some((Class::Yes, _)) => 1,
                Some((Class::Blank | Class::Text(_) | Class::Other | Class::Range(_), _))
                | None => 2,
            },
            ColumnCodes::Ranges { value, cuts } => match class_of(value) {
                Some((Class::Range(code), variable)) => narrow(*code, &variable.tests, cuts),
                Some((Class::Other, _)) => 0,
                Some((Class::Blank | Class::Text(_) | Class::No | Class::Yes, _)) | None => {
                    cuts.len() * 2 + 1
                }
            },
        }
    }

    pub(super) fn fact(&self, id: FactId, assignment: &Assignment) -> u16 {
        let Some(fact) = self.facts.get(usize::from(id.0)) else {
            return 0;
        };
        let line = fact
            .lines
            .iter()
            .find(|it| self.holds(&it.when, assignment));
        line.map_or(fact.otherwise, |it| it.word)
    }

    pub(super) fn holds(&self, condition: &Condition, assignment: &Assignment) -> bool {
        match condition {
            Condition::FactIs { fact, words } => words.contains(&self.fact(*fact, assignment)),
            Condition::Not(inner) => !self.holds(inner, assignment),
            Condition::All(parts) => parts.iter().all(|it| self.holds(it, assignment)),
            Condition::Any(parts) => parts.iter().any(|it| self.holds(it, assignment)),
            Condition::Is { .. }
            | Condition::Blank(_)
            | Condition::InList { .. }
            | Condition::Compare { .. }
            | Condition::True(_) => {
                let subject = subject(condition);
                let index = self.variables.iter().position(|it| it.subject == subject);
                let Some((variable, class)) = index.and_then(|index| {
                    Some((self.variables.get(index)?, self.class(index, assignment)?))
                }) else {
                    return false;
                };
                match subject {
                    Subject::Test(_) => *class == Class::Yes,
                    Subject::Value(_) => passes(class, &variable.tests, condition, self.lists),
                }
            }
        }
    }

    /// Whether the classes can stand together: what is made of a blank is blank.
    pub(super) fn is_possible_among(&self, variables: &[usize], assignment: &Assignment) -> bool {
        variables.iter().all(|index| {
            let subject = self.variables.get(*index).map(|it| &it.subject);
            let Some(Subject::Value(expression)) = subject else {
                return true;
            };
            let Some(class) = self.class(*index, assignment) else {
                return true;
            };
            match self.forced_blank(expression, assignment) {
                Some(blank) => blank == (*class == Class::Blank),
                None => true,
            }
        })
    }

    /// Whether the parts decide that the whole is blank, or is not.
    fn forced_blank(&self, expression: &Expression, assignment: &Assignment) -> Option<bool> {
        match expression {
            Expression::Call { builtin, arguments } => {
                let function = crate::plan::BUILTINS
                    .iter()
                    .flat_map(|group| group.iter())
                    .nth(usize::from(*builtin))?;
                let first = arguments.first()?;
                let blank = self.blank(first, assignment)?;
                (blank && !function.takes_blank).then_some(true)
            }
            Expression::FirstFilled(parts) => {
                let blanks: Vec<Option<bool>> =
                    parts.iter().map(|it| self.blank(it, assignment)).collect();
                if blanks.contains(&Some(false)) {
                    return Some(false);
                }
                blanks.iter().all(|it| *it == Some(true)).then_some(true)
            }
            Expression::Concat(parts) => {
                let moving = parts
                    .iter()
                    .filter(|it| !matches!(it, Expression::Constant(_)));
                let blanks: Vec<Option<bool>> =
                    moving.map(|it| self.blank(it, assignment)).collect();
                if blanks.contains(&Some(false)) {
                    return Some(false);
                }
                blanks.iter().all(|it| *it == Some(true)).then_some(true)
            }
            Expression::Slot(_)
            | Expression::Constant(_)
            | Expression::Fact(_)
            | Expression::Via { .. }
            | Expression::If { .. }
            | Expression::Test(_)
            | Expression::User(_) => None,
        }
    }

    fn blank(&self, expression: &Expression, assignment: &Assignment) -> Option<bool> {
        let subject = Subject::Value(expression.clone());
        if let Some(index) = self.variables.iter().position(|it| it.subject == subject) {
            return self.class(index, assignment).map(|it| *it == Class::Blank);
        }
        if let Expression::Constant(constant) = expression {
            return Some(constant.value().is_blank());
        }
        self.forced_blank(expression, assignment)
    }
}

impl Tests {
    /// Takes up what a condition asks.
    fn learn(&mut self, condition: &Condition) {
        match condition {
            Condition::Is { words, .. } => {
                for word in words {
                    match word {
                        Constant::Text(text) => {
                            self.words.insert(text.clone());
                        }
                        Constant::Boolean(_) => self.is_boolean = true,
                        Constant::Blank
                        | Constant::Number(_)
                        | Constant::Date(_)
                        | Constant::Time(_) => {
                            if let Some(cut) = cut_of(word) {
                                self.add_cut(cut);
                            }
                        }
                    }
                }
            }
            Condition::InList { list, .. } => {
                self.lists.insert(list.0);
            }
            Condition::True(_) => self.is_boolean = true,
            Condition::Compare {
                with: Expression::Constant(constant),
                ..
            } => {
                if let Some(cut) = cut_of(constant) {
                    self.add_cut(cut);
                }
            }
            Condition::Blank(_)
            | Condition::Compare { .. }
            | Condition::FactIs { .. }
            | Condition::Not(_)
            | Condition::All(_)
            | Condition::Any(_) => {}
        }
    }
}

/// What an elementary condition asks about.
fn subject(condition: &Condition) -> Subject {
    match condition {
        Condition::Is { value, .. }
        | Condition::Blank(value)
        | Condition::InList { value, .. }
        | Condition::True(value)
        | Condition::Compare {
            value,
            with: Expression::Constant(_),
            ..
        } => Subject::Value(value.clone()),
        Condition::Compare { .. }
        | Condition::FactIs { .. }
        | Condition::Not(_)
        | Condition::All(_)
        | Condition::Any(_) => Subject::Test(condition.clone()),
    }
}

/// The code among a column's own cuts of a code among all cuts of the expression.
fn narrow(code: usize, tests: &Tests, cuts: &[crate::plan::Cut]) -> usize {
    let below = cuts
        .iter()
        .filter(|cut| tests.code_on(cut).is_some_and(|on| on < code))
        .count();
    let on = cuts.iter().any(|cut| tests.code_on(cut) == Some(code));
    below * 2 + usize::from(on)
}
