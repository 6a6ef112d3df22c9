//! Examples ready to be pasted: a made-up record for each row, word and policy that nobody reaches, found by trying.
//!
//! Every record is run through the plan before it is written down, so what is offered passes; a point for which none was
//! found is said to have none.

mod by_value;
mod domains;
mod privately;
mod seek;
mod stand;
mod text;

pub use privately::{Privately, Taken, example_from};

use super::environment::{CheckedPoint, Compiled};
use domains::Domains;
use seek::Seeker;
use stand::Stand;

/// An example for one point, or none where no made-up record was found to reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Of the point, among the plan's points.
    pub number: usize,
    /// `example "…" … end`, ready to be pasted.
    pub example: Option<String>,
    /// All points that this example reaches.
    pub reaches: Vec<usize>,
}

/// Makes an example for each of these points; nothing where the file does not compile.
#[must_use]
pub fn suggest(compiled: &Compiled, wanted: &[&CheckedPoint]) -> Vec<Suggestion> {
    let Some(plan) = &compiled.plan else {
        return Vec::new();
    };
    let stands: Vec<Stand<'_>> =
        plan.entities
            .iter()
            .filter_map(|entity| {
                let declared = compiled.fields.iter().find(|it| {
                    it.entity == entity.entity && it.object_type == entity.object_type
                })?;
                Some(Stand::new(plan, entity, declared))
            })
            .collect();
    let numbers: Vec<usize> = wanted.iter().map(|it| it.number).collect();
    let mut seekers: Vec<Seeker<'_>> = Vec::new();
    for stand in &stands {
        let domains = Domains::of(plan, stand.entity);
        let own = numbers
            .iter()
            .filter(|it| stand.points.is_of(stand.entity, **it));
        let own: Vec<usize> = own.copied().collect();
        let mut seeker = Seeker::new(stand, domains, own);
        seeker.seek();
        seekers.push(seeker);
    }
    let related: Vec<seek::Ends> = seekers.iter().map(Seeker::ends).collect();
    let writers: Vec<by_value::Writer<'_>> = seekers
        .iter()
        // Nothing links to what belongs to somebody.
        .filter(|it| it.stand.entity.parent.is_none())
        .flat_map(Seeker::writers)
        .collect();
    for seeker in &mut seekers {
        seeker.seek_links(&related, &writers);
    }
    let mut titles = text::Titles::of(&compiled.examples);
    wanted
        .iter()
        .map(|point| {
            let found = seekers
                .iter()
                .filter_map(|it| Some((it, it.found(point.number)?)))
                .min_by_key(|(_, found)| found.size());
            let Some((seeker, found)) = found else {
                return Suggestion {
                    number: point.number,
                    example: None,
                    reaches: Vec::new(),
                };
            };
            let title = titles.make(point);
            Suggestion {
                number: point.number,
                example: Some(seeker.text(found, &title, point)),
                reaches: found.reaches.clone(),
            }
        })
        .collect()
}
