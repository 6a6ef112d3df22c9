//! What the rules make otherwise than the approved ones did, for the reviewer's page.

use std::path::Path;

use super::diff::{self, Version};
use super::{Failure, rulebook};
use crate::capture::Capture;
use crate::lang::{self, Changes};
use crate::model::Schema;
use crate::report::{self, Values};
use crate::text::Source;

/// The approved rules and those of now, both compiled.
pub(super) struct Since<'s> {
    old: Version<'s>,
    new: Version<'s>,
    changes: Changes,
}

impl<'s> Since<'s> {
    /// `None` where the rules are the approved ones, or where those do not compile for this account.
    pub(super) fn of(
        approved: &'s Path,
        (rules, source): (&'s Path, &Source),
        schema: Option<&Schema>,
    ) -> Result<Option<Self>, Failure> {
        let old = rulebook::read(approved)?;
        let old = Version::compiled(approved, old, schema.cloned());
        let new = Version::compiled(rules, source.clone(), schema.cloned());
        let (Ok(old), Ok(new)) = (old, new) else {
            return Ok(None);
        };
        let changes = lang::changes(&old.sources, &new.sources);
        let has_changes = !changes.edits.is_empty();
        Ok(has_changes.then_some(Self { old, new, changes }))
    }

    /// Walks the capture with both.
    pub(super) fn compared(
        &self,
        (capture, threads): (&Capture, Option<usize>),
        values: Values,
    ) -> Result<report::Diff<'_>, Failure> {
        let names = (self.old.source.name(), self.new.source.name());
        let mut found = report::Diff::new(names, &self.changes.edits, values);
        let versions = (&self.old, &self.new);
        diff::compare(versions, &self.changes, capture, threads, &mut found)?;
        Ok(found)
    }
}
