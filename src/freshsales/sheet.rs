//! A form beside those of people and accounts, of sales activities or of a module: its custom fields, found by label,
//! made where they are missing, bound to the rules' names, and their values there and back.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Map;
use serde_json::Value as Json;

use crate::model::{FieldValue, FieldWanted, Scalar};
use crate::port::{PortError, Prepared};

use super::endpoints::settings::{self, Field, NewField};
use super::line::Line;
use super::prepare::shortfall;
use super::prepare::{Standing, described, existing_in, labelled_in, new_field, refusal_told};
use super::snapshot::is_custom;
use super::value::Shape;

/// The form of what stands as `plural` in paths.
#[derive(Debug, Clone, Default)]
pub(super) struct Sheet {
    plural: String,
    form: Option<i64>,
    fields: Vec<Field>,
    unique: BTreeSet<String>,
    /// Wire names by the names of the rules.
    names: BTreeMap<String, String>,
}

impl Sheet {
    /// Reads the form; names that `known` had bound stay bound where the field is still there.
    pub(super) fn read(line: &Line, plural: &str, known: &Self) -> Result<Self, PortError> {
        let fields = line.ask(&settings::fields_of(plural), settings::read_fields)?;
        let forms = line.ask(&settings::forms_of(plural), settings::read_forms)?;
        let form = forms.first();
        let names = form.into_iter().flat_map(settings::Form::unique_names);
        let names = names.map(str::to_owned).collect();
        let mut sheet = Self {
            plural: plural.to_owned(),
            form: form.map(|form| form.id),
            fields,
            unique: names,
            names: BTreeMap::new(),
        };
        for (name, wire) in &known.names {
            if sheet.field(wire).is_some() {
                sheet.names.insert(name.clone(), wire.clone());
            }
        }
        Ok(sheet)
    }

    /// The fields that an admin or we made.
    pub(super) fn custom(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| is_custom(&field.name))
    }

    /// The choices of a built-in list with numbers for ids.
    pub(super) fn choices(&self, wire: &str) -> Vec<(i64, String)> {
        let choices = self.field(wire).into_iter().flat_map(|it| &it.choices);
        let choices = choices.filter_map(|it| Some((it.id.as_i64()?, it.value.clone())));
        choices.collect()
    }

    /// Whether no two records may share a value of the wire field.
    pub(super) fn is_unique(&self, wire: &str) -> bool {
        self.unique.contains(wire)
    }

    /// The wire name of the rules' `name`.
    pub(super) fn wire_name<'s>(&'s self, name: &'s str) -> &'s str {
        self.names.get(name).map_or(name, String::as_str)
    }

    fn logical_name<'s>(&'s self, wire: &'s str) -> &'s str {
        let mut bound = self.names.iter();
        let bound = bound.find(|(_, known)| known.as_str() == wire);
        bound.map_or(wire, |(name, _)| name.as_str())
    }

    fn field(&self, wire: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == wire)
    }

    /// The custom fields among `fields`, as they are sent; an empty text makes one blank.
    ///
    /// # Errors
    /// The first that cannot be carried, without its value.
    pub(super) fn encode(&self, fields: &[FieldValue]) -> Result<Map<String, Json>, String> {
        let mut custom = Map::new();
        for FieldValue { name, value } in fields.iter().filter(|it| is_custom(&it.name)) {
            let wire = self.wire_name(name);
            let shape = self.field(wire).and_then(Shape::of);
            // The account would take an unknown name and drop it (freshsales.md 10.2).
            let shape = shape.ok_or_else(|| format!("`{name}`: the account has no such field"))?;
            let is_clearing = *value == Scalar::Text(String::new());
            let sent = match (is_clearing, shape) {
                (true, Shape::Checkbox) => Json::Bool(false),
                (true, _) => Json::Null,
                (false, _) => shape
                    .to_wire(value)
                    .map_err(|fault| format!("`{name}`: {fault}"))?,
            };
            custom.insert(wire.to_owned(), sent);
        }
        Ok(custom)
    }

    /// Custom fields as they were told, in the rules' names. An unset checkbox reads `false`, told or not.
    pub(super) fn decode(&self, custom: &Map<String, Json>) -> BTreeMap<String, Scalar> {
        let mut fields = BTreeMap::new();
        for field in self.custom() {
            let Some(shape) = Shape::of(field) else {
                continue;
            };
            let value = custom.get(&field.name).and_then(|it| shape.from_wire(it));
            let value = value.or((shape == Shape::Checkbox).then_some(Scalar::Boolean(false)));
            if let Some(value) = value {
                fields.insert(self.logical_name(&field.name).to_owned(), value);
            }
        }
        fields
    }

    /// What reading `fields` back gives, as far as they can be sent at all.
    pub(super) fn as_read(&self, fields: &[FieldValue]) -> BTreeMap<String, Scalar> {
        let Ok(sent) = self.encode(fields) else {
            return BTreeMap::new();
        };
        let mut read = self.decode(&sent);
        read.retain(|name, _| fields.iter().any(|field| field.name == *name));
        read
    }

    /// Binds a wanted field that is there.
    pub(super) fn bind(&mut self, wanted: &FieldWanted) {
        if let Some(found) = existing_in(&self.fields, wanted) {
            let wire = found.name.clone();
            self.names.insert(wanted.name.clone(), wire);
        }
    }

    /// How a wanted field stands.
    pub(super) fn look(&self, wanted: &FieldWanted) -> Standing {
        match self.stand(wanted) {
            Ok(None) => Standing::There,
            Ok(Some(_)) => Standing::Missing,
            Err(why) => Standing::ByHand(by_hand(wanted, &why)),
        }
    }

    /// Makes a wanted field where it is missing, reads it back and binds it.
    pub(super) fn see_to(
        &mut self,
        line: &Line,
        wanted: &FieldWanted,
    ) -> Result<Prepared, PortError> {
        self.bind(wanted);
        let (form, new) = match self.stand(wanted) {
            Ok(None) => return Ok(Prepared::AlreadyThere),
            Ok(Some(missing)) => missing,
            Err(why) => return Ok(Prepared::ByHand(by_hand(wanted, &why))),
        };
        let request = settings::create_field_of(&self.plural, form, &new);
        let made = line.tell(&request, settings::read_created_field);
        if let Err(failure) = &made
            && let Some(why) = refusal_told(failure)
        {
            return Ok(Prepared::ByHand(by_hand(wanted, why)));
        }
        // The field may be there although the answer was lost: the metadata tells.
        *self = Self::read(line, &self.plural.clone(), self)?;
        if labelled_in(&self.fields, &wanted.label) == 0 {
            made?;
        }
        self.bind(wanted);
        match self.stand(wanted) {
            Ok(None) => Ok(Prepared::Created),
            Ok(Some(_)) => Err(PortError::Odd(format!(
                "the custom field \"{}\" was created and is not among those of {}",
                wanted.label, wanted.target
            ))),
            Err(why) => Ok(Prepared::ByHand(by_hand(wanted, &why))),
        }
    }

    /// The form that a missing field goes on; nothing where it is there as it is wanted.
    ///
    /// # Errors
    /// Why a person must see to it.
    fn stand(&self, wanted: &FieldWanted) -> Result<Option<(i64, NewField)>, String> {
        let new = new_field(wanted).ok_or("no kind of custom field holds such values")?;
        if let Some(found) = existing_in(&self.fields, wanted) {
            let is_unique = self.is_unique(&found.name);
            return shortfall(is_unique, found, &new).map_or(Ok(None), Err);
        }
        if labelled_in(&self.fields, &wanted.label) > 1 {
            let why = "several custom fields have this label: rename all but one";
            return Err(why.to_owned());
        }
        let form = self.form.ok_or("the account shows no form to put it on")?;
        Ok(Some((form, new)))
    }
}

fn by_hand(wanted: &FieldWanted, why: &str) -> String {
    format!(
        "`{}` on {}: {why}. Admin settings → {}: add a field, {}",
        wanted.name,
        wanted.target,
        if wanted.target.starts_with("module") {
            "Modules → Fields"
        } else {
            "Sales activities → Fields"
        },
        described(wanted)
    )
}
