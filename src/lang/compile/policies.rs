//! What stands behind a value: `else`, `none`, `many`, `no primary`.

use crate::lang::ast::{self, Clauses, PolicyKind};
use crate::lang::codes::{names, types};
use crate::model::Field;
use crate::plan::{Constant, Expression, ManyPolicy, NonePolicy, Policy};
use crate::text::Span;

use super::fit::Fit;
use super::kinds::{Kind, Typed};
use super::maps::MapDraft;
use super::values::Lowering;

impl Lowering<'_, '_> {
    pub(super) fn lower_policy(
        &mut self,
        policy: &ast::Policy,
        field: &Field,
        draft: &MapDraft,
    ) -> Policy {
        match &policy.kind {
            PolicyKind::Hold => Policy::Hold,
            PolicyKind::Stop => Policy::Stop,
            PolicyKind::BlankReport => {
                if field.required && !self.file.is_told(types::T208, policy.span) {
                    let message = format!(
                        "{} needs `{}`, and this leaves it blank",
                        draft.target.name, field.name
                    );
                    self.file.error(types::T208, policy.span, message).help =
                        Some("write `else hold`, or a value instead".to_owned());
                }
                Policy::BlankReport
            }
            PolicyKind::Value(literal) => {
                let Some(constant) = self.file.literal(literal) else {
                    return Policy::Hold;
                };
                let given = Typed::constant(constant.clone(), policy.span);
                match self.file.fit(&given, &draft.target, field) {
                    Fit::No | Fit::Fails(_) => Policy::Hold,
                    Fit::Fine => Policy::Value(constant),
                }
            }
        }
    }

    /// `none …` behind a plain value answers a blank where a value is demanded.
    pub(super) fn none(&mut self, value: Typed, clauses: &Clauses) -> Typed {
        let Some(none) = &clauses.none else {
            return value;
        };
        match &none.kind {
            // A record whose required field is blank is held by the destination's demand itself.
            PolicyKind::Hold => Typed {
                blank: false,
                ..value
            },
            PolicyKind::Value(literal) => {
                let Some(constant) = self.file.literal(literal) else {
                    return value;
                };
                let instead = Typed::constant(constant, none.span);
                let Some(kind) = value.kind.clone().join(instead.kind.clone()) else {
                    let message = format!(
                        "expected {} as before `none`, found {}",
                        value.kind, instead.kind
                    );
                    self.file.error(types::T201, none.span, message).help =
                        Some("both values are of one kind".to_owned());
                    return value;
                };
                if kind == Kind::Unknown {
                    return value;
                }
                Typed {
                    expression: Expression::FirstFilled(vec![value.expression, instead.expression]),
                    kind,
                    blank: value.blank && instead.blank,
                    ..value
                }
            }
            PolicyKind::Stop | PolicyKind::BlankReport => {
                let message = "a blank value can be held or replaced here";
                self.file.error(types::T215, none.span, message).help = Some(
                    "write `none hold` or `none \"…\"`; a field that may be blank needs no `none`"
                        .into(),
                );
                value
            }
        }
    }

    /// `many` and `no primary` belong to look-ups.
    pub(super) fn no_lookup_clauses(&mut self, clauses: &Clauses) {
        let found = [
            (clauses.many.as_ref(), "many"),
            (clauses.no_primary.as_ref(), "no primary"),
        ];
        for (clause, word) in found {
            if let Some(clause) = clause {
                let message = format!("`{word}` answers a look-up, and this is none");
                self.file.error(types::T215, clause.span, message).help =
                    Some("leave it out".to_owned());
            }
        }
    }

    /// Both questions of a look-up; `None` where one is open.
    pub(super) fn lookup_answers(
        &mut self,
        clauses: &Clauses,
        span: Span,
    ) -> Option<(ast::Policy, ManyPolicy)> {
        let mut open = Vec::new();
        if clauses.none.is_none() {
            open.push("`none`");
        }
        if clauses.many.is_none() {
            open.push("`many`");
        }
        if !open.is_empty() {
            let message = format!("a look-up must say what happens for {}", open.join(" and "));
            self.file.error(types::T216, span, message).help =
                Some("e.g. `none blank, report, many hold`".to_owned());
        }
        let none = clauses.none.clone()?;
        let many = self.many(clauses.many.as_ref()?)?;
        Some((none, many))
    }

    pub(super) fn many(&mut self, many: &ast::Spanned<ast::Many>) -> Option<ManyPolicy> {
        match &many.node {
            ast::Many::Newest => Some(ManyPolicy::Newest),
            ast::Many::Oldest => Some(ManyPolicy::Oldest),
            ast::Many::Primary => Some(ManyPolicy::Primary),
            ast::Many::All => Some(ManyPolicy::All),
            ast::Many::Policy(policy) => match &policy.kind {
                PolicyKind::Hold => Some(ManyPolicy::Hold),
                PolicyKind::Stop => Some(ManyPolicy::Stop),
                PolicyKind::BlankReport => Some(ManyPolicy::BlankReport),
                PolicyKind::Value(_) => {
                    let message = "several found cannot be answered by a value";
                    self.file.error(types::T215, many.span, message).help = Some(
                        "write `many hold`, `newest`, `oldest`, `primary`, `all`, `blank, report` or `stop`"
                            .to_owned(),
                    );
                    None
                }
            },
        }
    }

    /// `none …` of a look-up; a text names a user of the destination.
    pub(super) fn none_of_lookup(&mut self, none: &ast::Policy, users: bool) -> Option<NonePolicy> {
        let text = match &none.kind {
            PolicyKind::Hold => return Some(NonePolicy::Hold),
            PolicyKind::Stop => return Some(NonePolicy::Stop),
            PolicyKind::BlankReport => return Some(NonePolicy::BlankReport),
            PolicyKind::Value(literal) => match &literal.kind {
                ast::LiteralKind::Text(text) | ast::LiteralKind::Word(text) => text.clone(),
                ast::LiteralKind::Number(_)
                | ast::LiteralKind::Date(_)
                | ast::LiteralKind::Boolean(_)
                | ast::LiteralKind::Blank
                | ast::LiteralKind::List(_) => String::new(),
            },
        };
        if !users || text.is_empty() {
            let message = "expected `hold`, `blank, report` or `stop`, found a value";
            self.file.error(types::T215, none.span, message).help =
                Some("nobody found cannot be replaced by this".to_owned());
            return None;
        }
        if self.file.blind {
            return None;
        }
        if self.file.schema.users_unknown {
            return Some(NonePolicy::Value(Constant::Text(text)));
        }
        if let Some(user) = self.file.user(&text) {
            let email = user.email.clone();
            return Some(NonePolicy::Value(Constant::Text(email)));
        }
        let known: Vec<String> = self
            .file
            .schema
            .users
            .iter()
            .filter(|it| it.active)
            .flat_map(|it| [it.display_name.clone(), it.email.clone()])
            .collect();
        let message = format!("the destination has no active user `{text}`");
        let diagnostic = self.file.error(names::N215, none.span, message);
        super::checker::suggest(
            diagnostic,
            none.span,
            &text,
            known.iter().map(String::as_str),
            || "name an active user by name or e-mail".to_owned(),
        );
        if let Some(fix) = &mut diagnostic.fix {
            fix.replacement = super::checker::quoted(fix.replacement.trim_matches('"'));
        }
        None
    }
}
