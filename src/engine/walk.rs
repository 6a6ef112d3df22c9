//! The order of the passes over a capture.

use jiff::Timestamp;

use super::carried::Written;
use super::fates::FateWriter;
use super::index::JoinWriter;
use super::limit::NoteSpill;
use super::objects::ObjectUses;
use super::summary::{Emit, Sink};
use super::{Options, SinkError, WalkError, WalkSummary};
use super::{carried, children, limit, objects, others, people, relationships};
use crate::capture::{Capture, CaptureFile, Lines};
use crate::model::{Entity, Outcome, SourceEntity};
use crate::plan::Plan;

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
/// Objects come first, then people, then their children, then relationships and all the rest;
/// within a file in its order, but children that a limit counts come after the other children,
/// grouped by their parent. The order does not depend on threads or chunks. Rolled-up notes are
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

    let join = JoinWriter::create(&options.spill_dir)?;
    objects::walk(&ground, &join, &mut emit)?;
    relationships::load(&ground, &join)?;
    people::load_suppressions(&ground, &join)?;
    let join = join.finish()?;

    let mut written = Written::default();
    // What is kept of a person is a small part of its record.
    let people_bytes = capture
        .file(Entity::Person)
        .map_or(0, CaptureFile::content_bytes);
    let mut fates = FateWriter::create(&options.spill_dir, people_bytes / 4)?;
    if let Some(people_plan) = plan.entity(Entity::Person, None) {
        people::walk(&ground, people_plan, &join, &mut fates, &mut emit)?;
    } else {
        others::walk(&ground, Entity::Person, &mut written, &mut emit)?;
    }
    let fates = fates.finish()?;

    let mut notes = NoteSpill::new(&ground)?;
    for entity in Entity::ALL {
        match entity {
            Entity::Person | Entity::Object | Entity::Relationship => {}
            Entity::Event
            | Entity::Delivery
            | Entity::Segment
            | Entity::SegmentMember
            | Entity::Campaign
            | Entity::CampaignAction
            | Entity::Newsletter
            | Entity::Broadcast
            | Entity::Transactional
            | Entity::Template
            | Entity::ObjectType
            | Entity::SubscriptionTopic
            | Entity::Suppression => {
                if let Some(child_plan) = plan.entity(entity, None)
                    && child_plan.parent.is_some()
                {
                    children::walk(&ground, child_plan, &fates, &mut notes, &mut emit)?;
                }
            }
        }
    }
    limit::finish(&ground, notes, &mut emit)?;
    relationships::walk(&ground, &join, &fates, &mut emit)?;
    for entity in Entity::ALL {
        let is_done = matches!(
            entity,
            Entity::Person | Entity::Object | Entity::Relationship
        );
        let child_plan = plan.entity(entity, None);
        if is_done || child_plan.is_some_and(|plan| plan.parent.is_some()) {
            continue;
        }
        match plan.carried_by(entity) {
            Some(by) => carried::walk(&ground, (entity, by), &written, &fates, &mut emit)?,
            None => others::walk(&ground, entity, &mut written, &mut emit)?,
        }
    }
    Ok(emit.summary)
}
