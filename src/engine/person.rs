//! One person: read, joined with what other files say, decided.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::coverage::Tally;
use super::decided::{
    Decided, SAME_TWICE, TWO_RECORDS, decide, draft_of, fate_of, held, merged, rejected,
};
use super::derived::{all_topics_off, plain_email};
use super::fates::{FateWriter, MetPerson, PersonEnd, PersonState};
use super::found::{FoundReader, FoundWriter, Sought, SoughtValue};
use super::index::JoinReader;
use super::merge::{Entry, Mark};
use super::people::Others;
use super::pipeline::Job;
use super::probe::{BadLine, cell_text, slot_spec};
use super::spill::digest;
use super::twins::Twin;
use super::walk::Ground;
use super::{WalkError, Watch, Watched};
use crate::capture::Topic;
use crate::model::{
    Entity, Fate, Fault, FieldValue, Key, OptOut, Outcome, Scalar, SourceId, Value,
};
use crate::plan::{
    Cell, Differing, EntityPlan, Evaluation, Expression, MergeWinner, Reader, Record, Related,
    RelatedState, SlotId, TargetId,
};

const ROW: &str = "person";

/// The plan for people, with the slots that the engine needs beside it.
pub(super) struct People<'p> {
    pub(super) ground: &'p Ground<'p>,
    pub(super) entity: EntityPlan,
    reader: Reader,
    topics: Vec<Topic>,
    email: SlotId,
    preferences: SlotId,
    suppression: Option<SlotId>,
    topics_off: Option<SlotId>,
    /// What ranks records of one identity, the highest first.
    rank: Option<(Expression, bool)>,
    /// Where people are looked up.
    created: Option<SlotId>,
    sought: &'p Sought<'p>,
    /// Whether objects look people up along their relationships.
    are_met: bool,
}

/// What one worker keeps.
pub(super) struct Worker<'w> {
    pub(super) join: JoinReader,
    pub(super) found: FoundReader<'w>,
    pub(super) tally: Tally<'w>,
}

/// One person's outcome, and how children call the person.
pub(super) struct PersonResult {
    pub(super) decided: Decided,
    /// Nothing where the line adds no person of its own.
    row: Option<FateRow>,
    /// What others look for in the draft.
    sought: Vec<SoughtValue>,
    /// Seconds.
    created: Option<i64>,
}

struct FateRow {
    child_key: Option<String>,
    end: PersonEnd,
}

impl PersonResult {
    pub(super) fn keep(&self, fates: &mut FateWriter) -> Result<(), WalkError> {
        let Some(row) = &self.row else { return Ok(()) };
        let Outcome { source, fate, .. } = &self.decided.outcome;
        let mut winner = None;
        match fate {
            Fate::Draft(draft) => {
                for to in draft.links.iter().flat_map(|link| &link.to) {
                    fates.linked(&source.id, &to.source.id)?;
                }
            }
            Fate::Merged { into, .. } => winner = Some(into.id.as_str()),
            Fate::Excluded { .. }
            | Fate::Held { .. }
            | Fate::Rejected { .. }
            | Fate::Carried { .. }
            | Fate::Ignored { .. } => {}
        }
        fates.person(&source.id, row.child_key.as_deref(), &row.end, winner)
    }

    /// Puts what others look for to where they find it.
    pub(super) fn keep_sought(&self, found: &mut Option<FoundWriter>) -> Result<(), WalkError> {
        let Some(found) = found else { return Ok(()) };
        found.push(&self.sought, &self.decided.outcome.source, self.created)
    }
}

impl<'p> People<'p> {
    pub(super) fn of(
        ground: &'p Ground<'p>,
        plan: &EntityPlan,
        sought: &'p Sought<'p>,
    ) -> Result<Self, WalkError> {
        let mut entity = plan.clone();
        let mut slot_at = |path: &str| {
            let path = vec![path.to_owned()];
            let known = entity
                .slots
                .iter()
                .position(|it| !it.derived && it.path == path);
            let index = known.unwrap_or_else(|| {
                entity.slots.push(slot_spec(path));
                entity.slots.len() - 1
            });
            SlotId(u16::try_from(index).expect("the compiler leaves room for three slots"))
        };
        let (email, preferences) = (slot_at("email"), slot_at("preferences"));
        let are_met = ground.plan.links_to_people();
        let is_looked_up = are_met || sought.is_any_of(ground.plan, plan);
        let created = is_looked_up.then(|| slot_at("created_at"));
        let derived = |name: &str| {
            let index = plan
                .slots
                .iter()
                .position(|it| it.derived && it.name == name);
            index
                .and_then(|index| u16::try_from(index).ok())
                .map(SlotId)
        };
        let rank = plan.merge.as_ref().map(|merge| match merge.winner {
            MergeWinner::Newest(slot) => (Expression::Slot(slot), true),
            MergeWinner::Oldest(slot) => (Expression::Slot(slot), false),
        });
        Ok(Self {
            reader: ground.options.reader_of(&entity),
            entity,
            topics: ground.capture.topics()?,
            email,
            preferences,
            suppression: derived("esp_suppression"),
            topics_off: derived("all_topics_off"),
            rank,
            created,
            sought,
            are_met,
            ground,
        })
    }

    pub(super) fn record<'a>(&self) -> Record<'a> {
        Record::with_slots(self.entity.slots.len(), self.entity.facts.len())
    }

    pub(super) fn read<'a>(
        &'a self,
        bytes: &'a [u8],
        record: &mut Record<'a>,
    ) -> Result<String, BadLine> {
        record.clear();
        self.reader.read(bytes, record)?;
        let id = text_in(record, self.entity.id).ok_or(BadLine::NoId)?;
        Ok(id)
    }

    pub(super) fn derive(
        &self,
        record: &mut Record<'_>,
        join: &JoinReader,
    ) -> Result<(), WalkError> {
        if let Some(slot) = self.suppression
            && let Some(email) = text_in(record, self.email)
            && let Some(reason) = join.suppression(&plain_email(&email))?
        {
            record.derive(slot, Value::owned(reason));
        }
        if let Some(slot) = self.topics_off {
            let cell = record.cells.get(usize::from(self.preferences.0));
            let raw = cell.and_then(|cell| match cell {
                Cell::Raw(raw) => Some(*raw),
                Cell::Missing | Cell::Misplaced(_) | Cell::Derived(_) => None,
            });
            let is_off = all_topics_off(raw, &self.topics);
            record.derive(slot, Value::Boolean(is_off));
        }
        Ok(())
    }

    fn evaluation<'r, 'a>(&'r self, record: &'r Record<'a>) -> Evaluation<'r, 'a> {
        Evaluation {
            plan: self.ground.plan,
            entity: &self.entity,
            record,
            latest: self.ground.latest,
        }
    }

    pub(super) fn entry(&self, record: &Record<'_>, line: u64, bytes: &[u8]) -> Option<Entry> {
        let evaluation = self.evaluation(record);
        let id = text_in(record, self.entity.id)?;
        let key = self
            .entity
            .merge
            .as_ref()
            .and_then(|merge| match evaluation.value(&merge.by) {
                Ok(Value::Text(text)) => Some(plain_email(&text)),
                Ok(Value::Number(digits)) => Some(digits.into_owned()),
                Ok(
                    Value::Absent
                    | Value::Null
                    | Value::Boolean(_)
                    | Value::Time(_)
                    | Value::Date(_)
                    | Value::Json(_),
                )
                | Err(_) => None,
            });
        let key = key.filter(|key| !key.is_empty());
        Some(Entry {
            id_digest: digest(id.as_bytes()),
            content: digest(bytes),
            line,
            key: key.map_or(0, |key| digest(key.as_bytes())),
            score: self.score(&evaluation),
            is_out: evaluation.excluded().is_some(),
            consent: self.consent(&evaluation).unwrap_or(u64::MAX),
            id,
        })
    }

    fn score<'r>(&'r self, evaluation: &Evaluation<'r, '_>) -> i64 {
        let Some((rank, newest_first)) = &self.rank else {
            return 0;
        };
        let Some(number) = number(&evaluation.value(rank)) else {
            return i64::MIN;
        };
        if *newest_first {
            number
        } else {
            number.saturating_neg()
        }
    }

    /// The record's own consent as its place in the strictness.
    fn consent(&self, evaluation: &Evaluation<'_, '_>) -> Option<u64> {
        let word = evaluation.consent_word()?;
        let strictness = &self.entity.consent.as_ref()?.strictness;
        (0_u64..)
            .zip(strictness)
            .find(|(_, it)| **it == *word)
            .map(|(place, _)| place)
    }

    pub(super) fn decide_chunk(
        &self,
        worker: &mut Worker<'_>,
        job: &Job<(BTreeMap<u64, Mark>, Others)>,
        results: &mut Vec<PersonResult>,
    ) -> Result<(), WalkError> {
        let (marks, others) = &job.marks;
        let (unmarked, alone) = (Mark::default(), Vec::new());
        let mut record = self.record();
        for (line, bytes) in job.chunk.lines() {
            let read = if job.chunk.is_too_long {
                Err(BadLine::TooLong)
            } else {
                self.read(bytes, &mut record)
            };
            if matches!(read, Ok(_) | Err(BadLine::NoId)) {
                worker.tally.fields(&self.entity, &self.reader, &record);
            }
            results.push(match read {
                Ok(id) => {
                    let mark = marks.get(&line).unwrap_or(&unmarked);
                    let others = others.get(&line).unwrap_or(&alone);
                    self.decide(worker, (line, id), (mark, others), &mut record)?
                }
                Err(bad) => PersonResult {
                    decided: rejected(Entity::Person, ROW, line, &bad),
                    row: None,
                    sought: Vec::new(),
                    created: None,
                },
            });
        }
        Ok(())
    }

    fn decide<'a>(
        &'a self,
        Worker { join, found, tally }: &mut Worker<'_>,
        (line, id): (u64, String),
        (mark, others): (&Mark, &'a [Vec<u8>]),
        record: &mut Record<'a>,
    ) -> Result<PersonResult, WalkError> {
        let source = SourceId::new(Entity::Person, id);
        if mark.twin == Some(Twin::Same) {
            let fate = merged(source.clone(), SAME_TWICE);
            return Ok(PersonResult {
                decided: Decided::of(source, ROW, line, fate),
                row: None,
                sought: Vec::new(),
                created: None,
            });
        }
        record.related = self.related(join, &source.id)?;
        let differs = self.fill(join, others, record)?;
        self.derive(record, join)?;
        let related = found.related(&self.evaluation(record))?;
        record.related.extend(related);
        record.strictest_consent = self.strictest(mark);
        let evaluation = self.evaluation(record);
        if let Some(Watch { look, .. }) = &self.ground.options.watch {
            look(&Watched {
                source: &source,
                line,
                parent: None,
                evaluation: &evaluation,
            });
        }
        let mut reports = Vec::new();
        let mut losses = Vec::new();
        let (mut sought, mut target) = (Vec::new(), None);
        let (fate, stops) = if mark.twin == Some(Twin::Differs) {
            (held(TWO_RECORDS), false)
        } else if let Some(winner) = &mark.loses_to {
            let into = SourceId::new(Entity::Person, winner.id.as_str());
            tally.merged(&self.entity);
            (merged(into, &self.because_of_merge()), false)
        } else if let Some(field) = differs {
            let line = field.rule_line;
            let reason = format!(
                "line {line}: the records to merge differ in `{}`",
                field.name
            );
            (held(&reason), false)
        } else {
            let options = self.ground.options;
            let decision = decide(options, &evaluation, &mut reports, &mut losses);
            tally.points((&source, line), &evaluation, &decision, &reports);
            fate_of(decision, |shaped| {
                sought = self.sought.values(shaped);
                target = Some(shaped.target_id);
                draft_of(options, shaped, None)
            })
        };
        let created = self.created(record);
        let state = match &fate {
            Fate::Draft(_) => Some(PersonState::Drafted),
            Fate::Held { .. } => Some(PersonState::Held),
            Fate::Excluded { .. } | Fate::Ignored { .. } => Some(PersonState::Excluded),
            // Merged into a record with the same id: that one stands for both.
            Fate::Merged { into, .. } => (into.id != source.id).then_some(PersonState::Merged),
            Fate::Rejected { .. } | Fate::Carried { .. } => None,
        };
        let opt_out = match fate {
            Fate::Held { .. } | Fate::Excluded { .. } | Fate::Merged { .. } => {
                self.opt_out(&evaluation)
            }
            Fate::Draft(_) if self.entity.consent.as_ref().is_some_and(|it| it.apart) => {
                self.opt_out(&evaluation)
            }
            Fate::Draft(_)
            | Fate::Rejected { .. }
            | Fate::Carried { .. }
            | Fate::Ignored { .. } => None,
        };
        let child_key = match self.entity.known_to_children_by {
            Some(slot) => text_in(record, slot),
            None => Some(source.id.clone()),
        };
        let mut decided = Decided::of(source, ROW, line, fate)
            .with_reports(reports)
            .with_losses(losses);
        decided.stops = stops;
        decided.outcome.opt_out = opt_out;
        Ok(PersonResult {
            decided,
            row: state.map(|state| FateRow {
                child_key,
                end: PersonEnd {
                    state,
                    met: self.met(target, created),
                },
            }),
            sought,
            created,
        })
    }

    /// What objects that look people up need of one who is written.
    fn met(&self, target: Option<TargetId>, created: Option<i64>) -> Option<MetPerson> {
        let target = target.filter(|_| self.are_met)?;
        Some(MetPerson {
            target,
            created: created.unwrap_or(i64::MIN),
        })
    }

    fn created(&self, record: &Record<'_>) -> Option<i64> {
        text_in(record, self.created?)?.parse().ok()
    }

    fn because_of_merge(&self) -> String {
        let name = self.entity.merge.as_ref().map_or("id", |merge| &merge.name);
        format!("same {name} as another record")
    }

    fn strictest(&self, mark: &Mark) -> Option<String> {
        let place = usize::try_from(mark.strictest?).ok()?;
        self.entity.consent.as_ref()?.strictness.get(place).cloned()
    }

    /// Fills the blanks of a winner, and links it to what the others were linked to.
    fn fill<'a>(
        &'a self,
        join: &JoinReader,
        others: &'a [Vec<u8>],
        record: &mut Record<'a>,
    ) -> Result<Option<Differing>, WalkError> {
        let Some(merge) = self.entity.merge.as_ref().filter(|_| !others.is_empty()) else {
            return Ok(None);
        };
        let mut records = Vec::with_capacity(others.len());
        for bytes in others {
            let mut other = self.record();
            // The first pass read it: it can be read.
            if let Ok(id) = self.read(bytes, &mut other) {
                for related in self.related(join, &id)? {
                    let known = record.related.iter_mut().find(|it| it.to == related.to);
                    if known.is_none() {
                        record.related.push(related);
                    }
                }
                records.push(other);
            }
        }
        let rank = |record: &Record<'_>, slot| self.age(record, slot);
        Ok(merge.fill(record, &records, rank).err())
    }

    /// The age of a record by one of its times.
    fn age(&self, record: &Record<'_>, slot: SlotId) -> Option<i64> {
        number(&self.evaluation(record).value(&Expression::Slot(slot)))
    }

    fn related(&self, join: &JoinReader, id: &str) -> Result<Vec<Related>, WalkError> {
        let relations = join.related(id)?;
        let related = relations.into_iter().map(|it| Related {
            type_names: self.ground.objects.find(&it.type_id).names.clone(),
            to: SourceId::new(Entity::Object, it.object),
            primary: it.is_primary,
            created: it.created,
            state: match it.target {
                Some(_) => RelatedState::Drafted,
                None => RelatedState::NotWritten,
            },
            target: it.target,
        });
        Ok(related.collect())
    }

    /// What a record that exists already must be told, although this one is not written.
    fn opt_out<'r>(&'r self, evaluation: &Evaluation<'r, '_>) -> Option<OptOut> {
        let consent = self.entity.consent.as_ref()?;
        let own = evaluation.consent_word();
        let word = match &evaluation.record.strictest_consent {
            Some(word) => word.clone(),
            None => own?.into_owned(),
        };
        let place = consent.strictness.iter().position(|it| *it == word)?;
        if place + 1 == consent.strictness.len() {
            return None;
        }
        let find = match evaluation.value(&consent.find) {
            Ok(Value::Text(found)) if !found.trim().is_empty() => Some(Key {
                field: consent.find_field.clone(),
                value: found.into_owned(),
            }),
            Ok(_) | Err(_) => None,
        };
        Some(OptOut {
            find,
            set: FieldValue {
                name: consent.field.clone(),
                value: Scalar::Text(word),
            },
        })
    }
}

/// A time, date or number as something to compare.
fn number(value: &Result<Value<'_>, Fault>) -> Option<i64> {
    match value {
        Ok(Value::Time(time)) => Some(time.as_microsecond()),
        Ok(Value::Number(digits)) => Some(digits.parse().unwrap_or(i64::MIN)),
        Ok(Value::Date(date)) => Some(
            i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day()),
        ),
        Ok(Value::Absent | Value::Null | Value::Text(_) | Value::Boolean(_) | Value::Json(_))
        | Err(_) => None,
    }
}

fn text_in(record: &Record<'_>, slot: SlotId) -> Option<String> {
    let cell = record.cells.get(usize::from(slot.0))?;
    cell_text(cell).map(Cow::into_owned)
}
