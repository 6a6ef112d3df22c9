//! In classic one person can stand twice, as a lead and as a contact (freshsales.md 8): before one of
//! the two is made, the other one is looked for.

use crate::model::{FieldValue, Key, Scalar};
use crate::port::{PortError, Verdict};

use super::super::account::Account;
use super::super::decode::decode_field;
use super::super::destination::Freshsales;
use super::super::edition::Edition;
use super::super::snapshot::Target;
use super::super::stock::Stock;
use super::super::value::YES;
use super::row::Row;
use super::{changed, refused};

/// Refuses rows whose source record stands there as the other kind already, and writes nobody more
/// freely than the other record of the same address says.
pub(super) fn heed<'a>(
    freshsales: &Freshsales,
    account: &Account,
    rows: Vec<Result<Row<'a>, Verdict>>,
) -> Vec<Result<Row<'a>, Verdict>> {
    if account.snapshot.edition == Edition::Suite {
        return rows;
    }
    let mut stocks: [Option<Stock>; 2] = [None, None];
    let count = rows.len().saturating_mul(2);
    let heeded = rows.into_iter().map(|row| {
        let mut row = row?;
        let (Some(other), None) = (other(row.target), changed(row.step)) else {
            return Ok(row);
        };
        let [leads, contacts] = &mut stocks;
        let stock = if other == Target::Lead {
            leads
        } else {
            contacts
        };
        if stock.is_none() {
            let entity = account.snapshot.entity(other);
            *stock = Some(freshsales.stock(entity, count, 0).map_err(unsent)?);
        }
        if let Some(stock) = stock {
            row.heed(freshsales, account, other, stock)?;
        }
        Ok(row)
    });
    heeded.collect()
}

impl Row<'_> {
    fn heed(
        &mut self,
        freshsales: &Freshsales,
        account: &Account,
        other: Target,
        stock: &Stock,
    ) -> Result<(), Verdict> {
        let look = |key: &Key| freshsales.answering(account, other, key, stock);
        if let Some(key) = &self.step.key
            && !look(key).map_err(unsent)?.is_empty()
        {
            return Err(refused(match other {
                Target::Lead => {
                    "it stands there as a lead: convert that one in Freshsales (Leads → \
                                 Convert), then run again"
                        .to_owned()
                }
                Target::Contact | Target::Account => {
                    "it stands there as a contact, and a contact cannot become a lead again"
                        .to_owned()
                }
            }));
        }
        let consent = account.snapshot.edition.consent();
        let email = self.step.fields.iter().find(|it| it.name == "email");
        let Some(Scalar::Text(email)) = email.map(|it| &it.value) else {
            return Ok(());
        };
        let key = Key {
            field: "email".to_owned(),
            value: email.clone(),
        };
        let strict = Scalar::Text(YES.to_owned());
        let is_strict = |fields| {
            let there = decode_field(&account.snapshot, other, fields, consent);
            there.as_ref() == Some(&strict)
        };
        if look(&key)
            .map_err(unsent)?
            .iter()
            .any(|record| is_strict(&record.fields))
        {
            self.fields.retain(|field| field.name != consent);
            self.fields.push(FieldValue {
                name: consent.to_owned(),
                value: strict,
            });
            self.encode(account)?;
        }
        Ok(())
    }
}

fn other(target: Target) -> Option<Target> {
    match target {
        Target::Lead => Some(Target::Contact),
        Target::Contact => Some(Target::Lead),
        Target::Account => None,
    }
}

fn unsent(error: PortError) -> Verdict {
    Verdict::NotSent {
        because: error.to_string(),
    }
}
