//! Segments, who uses them and who is in them.

use super::ExtractError;
use super::fetch::{Fetch, number_key};
use super::people::name;
use super::shape;
use super::store::{Kept, Kind};
use crate::customerio::endpoints::{Raw, id, integer, list, people, workspace};

impl Fetch<'_> {
    /// Definitions with any `conditions` found, `used_by`, members.
    pub(super) fn segments(&mut self) -> Result<(), ExtractError> {
        self.plain("segments", &list("/v1/segments"), "segments", Kind::Segment)?;
        for segment in self.ids(Kind::Segment)? {
            self.used_by(&segment)?;
            let ask = |start: &str| people::members(&segment, start);
            let walk = format!("segment members/{segment}");
            self.walk(&walk, ask, "identifiers", &mut |identifiers, kept| {
                let Some(cio_id) = id(&identifiers, "cio_id") else {
                    return Ok(());
                };
                let mut member = Raw::new();
                shape::put(&mut member, "cio_id", &cio_id);
                match segment.parse::<i64>() {
                    Ok(number) => shape::put(&mut member, "segment_id", number),
                    Err(_) => shape::put(&mut member, "segment_id", &segment),
                }
                name(&member, kept);
                let key = format!("{} {cio_id}", number_key(&segment));
                kept.push(Kept::new(Kind::SegmentMember, key, shape::line(&member)));
                Ok(())
            })?;
        }
        Ok(())
    }

    fn used_by(&mut self, segment: &str) -> Result<(), ExtractError> {
        let key = number_key(segment);
        self.once(&format!("segment users/{segment}"), |fetch| {
            let request = workspace::used_by(segment);
            let users = fetch.ask("segments", &request, workspace::users)?;
            let line = fetch.store.line(Kind::Segment, &key)?.unwrap_or_default();
            let mut record: Raw = serde_json::from_str(&line).unwrap_or_default();
            if let (Some(users), Some(_)) = (users, integer(&record, "id")) {
                shape::put(&mut record, "used_by", users);
            }
            Ok(vec![Kept::new(
                Kind::Segment,
                key.as_str(),
                shape::line(&record),
            )])
        })
    }
}
