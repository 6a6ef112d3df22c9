//! The order of the passes over a capture.

use jiff::Timestamp;

use super::fates::FateWriter;
use super::limit::NoteSpill;
use super::object_types::ObjectUses;
use super::objects::Types;
use super::passed::Passed;
use super::summary::{Emit, Sink};
use super::{Options, SinkError, WalkError, WalkSummary};
use super::{carried, children, limit, objects, others, people, relationships};
use crate::capture::{Capture, Lines};
use crate::model::{Entity, Outcome, SourceEntity};
use crate::plan::{EntityPlan, Pass, Plan};

/// What every pass stands on.
pub(super) struct Ground<'w> {
    pub(super) plan: &'w Plan,
    pub(super) capture: &'w Capture,
    pub(super) layout: &'w [SourceEntity],
    pub(super) options: &'w Options<'w>,
    pub(super) latest: Timestamp,
    pub(super) objects: ObjectUses<'w>,
}

impl Ground<'_> {
    /// The lines of a kind for a pass that makes no outcomes.
    pub(super) fn lines(&self, entity: Entity) -> Result<Option<Lines<'static>>, WalkError> {
        let lines = self.capture.lines(entity)?;
        Ok(lines.map(|lines| lines.with_chunk_bytes(self.options.chunk_bytes)))
    }

    /// The lines of a kind for the one pass that makes its outcomes, compared with the manifest.
    pub(super) fn verified_lines(
        &self,
        entity: Entity,
    ) -> Result<Option<Lines<'static>>, WalkError> {
        let lines = self.capture.verified_lines(entity)?;
        Ok(lines.map(|lines| lines.with_chunk_bytes(self.options.chunk_bytes)))
    }
}

/// Gives `sink` exactly one outcome for every record of the capture.
///
/// Objects come first, then people, then their children, then relationships and all the rest, but
/// what is looked up comes before whoever looks it up ([`Plan::passes`]); within a pass in the order
/// of its file, but children that a limit counts come after the other children, grouped by their
/// parent. The order does not depend on threads or chunks. Rolled-up notes are
/// outcomes of the row `roll-up` with line 0: made, not read.
///
/// # Errors
/// When the capture or the disk fails, `sink` does, or the stop flag is set.
pub fn walk(
    plan: &Plan,
    capture: &Capture,
    layout: &[SourceEntity],
    options: &Options<'_>,
    sink: &mut dyn FnMut(Outcome) -> Result<(), SinkError>,
) -> Result<WalkSummary, WalkError> {
    walk_telling_stops(plan, capture, layout, options, &mut |outcome, _| {
        sink(outcome)
    })
}

/// The same, and tells of each outcome whether a rule says that the run must not go on with it.
pub(super) fn walk_telling_stops<'s>(
    plan: &Plan,
    capture: &Capture,
    layout: &[SourceEntity],
    options: &Options<'_>,
    sink: &'s mut Sink<'s>,
) -> Result<WalkSummary, WalkError> {
    let ground = Ground {
        plan,
        capture,
        layout,
        options,
        latest: capture.latest().unwrap_or(options.latest),
        objects: ObjectUses::of(plan, capture.object_types()?, options),
    };
    let mut emit = Emit::new(sink);
    emit.summary.findings.extend_from_slice(capture.findings());

    let order = plan.passes();
    let mut passed = Passed::new(&ground, &order)?;
    let mut notes = Some(NoteSpill::new(&ground)?);
    let last_child = order
        .iter()
        .rposition(|pass| child_of(plan, pass).is_some());
    for (at, pass) in order.iter().enumerate() {
        match (pass, child_of(plan, pass), &mut notes) {
            (Pass::Objects(types), _, _) => {
                let types = if at == 0 {
                    Types::First(types)
                } else {
                    Types::Only(types)
                };
                objects::walk(&ground, &types, &mut passed, &mut emit)?;
            }
            (Pass::Kind(_), Some(child), Some(notes)) => {
                children::walk(&ground, child, &passed, notes, &mut emit)?;
            }
            (Pass::Kind(kind), _, _) => walk_kind(&ground, *kind, &mut passed, &mut emit)?,
        }
        if last_child == Some(at)
            && let Some(notes) = notes.take()
        {
            limit::finish(&ground, notes, &mut emit)?;
        }
    }
    Ok(emit.summary)
}

/// The plan of a pass over children.
fn child_of<'p>(plan: &'p Plan, pass: &Pass) -> Option<&'p EntityPlan> {
    match pass {
        Pass::Objects(_) => None,
        Pass::Kind(kind) => plan.entity(*kind, None).filter(|it| it.parent.is_some()),
    }
}

/// One kind of record that is neither an object nor a child.
fn walk_kind<'w>(
    ground: &Ground<'w>,
    kind: Entity,
    passed: &mut Passed<'w>,
    emit: &mut Emit<'_>,
) -> Result<(), WalkError> {
    let plan = ground.plan;
    match (kind, plan.entity(kind, None), plan.carried_by(kind)) {
        (Entity::Person, Some(people), _) => {
            passed.join(ground)?;
            people::walk(ground, people, passed, emit)
        }
        (Entity::Person, None, _) => {
            passed.join(ground)?;
            passed.fates(FateWriter::create(&ground.options.spill_dir, 0)?)?;
            others::walk(ground, kind, passed, emit)
        }
        (Entity::Relationship, _, _) => {
            passed.late_objects()?;
            relationships::walk(ground, passed, emit)
        }
        (_, _, Some(by)) => carried::walk(ground, (kind, by), passed, emit),
        (_, _, None) => others::walk(ground, kind, passed, emit),
    }
}
