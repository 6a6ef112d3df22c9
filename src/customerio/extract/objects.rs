//! Object types, objects, and relationships in two phases: whom an object is related to, then how, person by person.

use super::ExtractError;
use super::fetch::{Fetch, number_key};
use super::people::name;
use super::shape;
use super::store::{Kept, Kind};
use crate::customerio::endpoints::{Raw, id, list, object, objects, people};

/// Objects and people of one look into the store.
const LOOK: usize = 500;

impl Fetch<'_> {
    /// Everything of objects.
    pub(super) fn objects(&mut self) -> Result<(), ExtractError> {
        self.plain(
            "object types",
            &list("/v1/object_types"),
            "types",
            Kind::ObjectType,
        )?;
        for kind in self.ids(Kind::ObjectType)? {
            self.objects_of(&kind)?;
        }
        self.each(Kind::ObjectListed, Fetch::one_object)?;
        self.each(Kind::Related, |fetch, cio_id, _| fetch.related(cio_id))
    }

    fn objects_of(&mut self, kind: &str) -> Result<(), ExtractError> {
        let ask = |start: &str| objects::search(kind, start);
        let walk = format!("objects/{kind}");
        self.walk(&walk, ask, "identifiers", &mut |identifiers, kept| {
            if let Some(cio_object_id) = id(&identifiers, "cio_object_id") {
                let key = format!("{} {cio_object_id}", number_key(kind));
                let mut listed = Raw::new();
                shape::put(&mut listed, "object_type_id", kind);
                shape::put(&mut listed, "cio_object_id", cio_object_id);
                kept.push(Kept::new(Kind::ObjectListed, key, shape::line(&listed)));
            }
            Ok(())
        })
    }

    /// Its attributes, one call each, and the edges.
    fn one_object(&mut self, key: &str, line: &str) -> Result<(), ExtractError> {
        let listed: Raw = serde_json::from_str(line).unwrap_or_default();
        let kind = id(&listed, "object_type_id").unwrap_or_default();
        let own = id(&listed, "cio_object_id").unwrap_or_default();
        self.once(&format!("object/{key}"), |fetch| {
            let request = objects::attributes(&kind, &own);
            let found = fetch.ask("objects", &request, objects::one)?;
            let thing = found.and_then(|found| shape::thing(&found, &kind));
            let kept = thing.map(|thing| Kept::new(Kind::Object, key, shape::line(&thing)));
            Ok(kept.into_iter().collect())
        })?;
        let ask = |start: &str| objects::relationships(&kind, &own, start);
        let walk = format!("relationships of objects/{key}");
        self.walk(&walk, ask, "cio_relationships", &mut |edge, kept| {
            if let Some(cio_id) = id(&object(&edge, "identifiers"), "cio_id") {
                kept.push(Kept::new(Kind::Related, cio_id, ""));
            }
            Ok(())
        })
    }

    /// How one person is related.
    fn related(&mut self, cio_id: &str) -> Result<(), ExtractError> {
        let ask = |start: &str| people::relationships(cio_id, start);
        let walk = format!("relationships of people/{cio_id}");
        self.walk(&walk, ask, "cio_relationships", &mut |edge, kept| {
            if let Some(relationship) = shape::relationship(&edge, cio_id) {
                let part = |key: &str| id(&relationship, key).unwrap_or_default();
                let kind = number_key(&part("object_type_id"));
                let key = format!("{cio_id} {kind} {}", part("object_id"));
                name(&relationship, kept);
                kept.push(Kept::new(
                    Kind::Relationship,
                    key,
                    shape::line(&relationship),
                ));
            }
            Ok(())
        })
    }

    /// Every record of a kind, in order, a few at a time.
    fn each(
        &mut self,
        kind: Kind,
        read: impl Fn(&mut Self, &str, &str) -> Result<(), ExtractError>,
    ) -> Result<(), ExtractError> {
        let mut last = String::new();
        loop {
            let some = self.store.after(kind, &last, LOOK)?;
            let Some((end, _)) = some.last() else {
                return Ok(());
            };
            last.clone_from(end);
            for (key, line) in &some {
                read(self, key, line)?;
            }
        }
    }
}
