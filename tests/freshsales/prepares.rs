//! Custom fields: made, found again, bound to the rules' names, or told to a person.

use mapwright::model::{Choice, FieldKind, Scalar};
use mapwright::port::{Destination, Prepared};

use super::{LINE, account_key, pair, person, text, wanted};

#[test]
fn missing_fields_are_made_once_and_bound_by_their_labels() {
    let pair = pair(&[]);
    let plan = FieldKind::Choice {
        choices: ["Free", "Paid"].map(choice).to_vec(),
        strictness: Vec::new(),
    };
    let all = [
        // The account names it cf_customerio_id; the rules' name must find it nevertheless.
        wanted("lead", "cf_cio_user_id", "Customer.io id", LINE),
        wanted("contact", "cf_cio_user_id", "Customer.io id", LINE),
        wanted("contact", "cf_mrr", "MRR", FieldKind::Decimal),
        wanted("contact", "cf_seats", "Plan seats", FieldKind::Integer),
        wanted("contact", "cf_signed_up", "Signed up", FieldKind::Date),
        wanted("contact", "cf_vip", "VIP", FieldKind::Boolean),
        wanted("contact", "cf_plan", "Plan", plan),
        wanted(
            "contact",
            "cf_other",
            "Other traits",
            FieldKind::Text { max: None },
        ),
        account_key(),
    ];
    let first = pair.freshsales.prepare(&all).unwrap();
    assert!(
        first.iter().all(|one| *one == Prepared::Created),
        "{first:?}"
    );
    let again = pair.freshsales.prepare(&all).unwrap();
    assert!(
        again.iter().all(|one| *one == Prepared::AlreadyThere),
        "{again:?}"
    );
    let mut step = person("contact", "p1");
    step.fields.extend(super::fields([
        ("cf_cio_user_id", text("u-1")),
        ("cf_mrr", Scalar::Number("49.9".to_owned())),
        ("cf_seats", Scalar::Number("12".to_owned())),
        ("cf_signed_up", Scalar::Date("2024-02-29".to_owned())),
        ("cf_vip", Scalar::Boolean(true)),
        ("cf_plan", text("Paid")),
        ("cf_other", text(&"x".repeat(5000))),
    ]));
    let id = pair.arrive(&step);
    let present = pair.by_id("contact", id);
    for field in &step.fields {
        assert_eq!(
            present.fields.get(&field.name),
            Some(&field.value),
            "{}",
            field.name
        );
    }
    let schema = pair.freshsales.schema().unwrap();
    let contact = schema.target("contact").unwrap();
    assert_eq!(
        contact.field("cf_cio_user_id").unwrap().place,
        ["custom_field"]
    );
    assert!(contact.field("cf_customerio_id").is_none());
    assert!(
        schema
            .target("account")
            .unwrap()
            .field("cf_cio_key")
            .unwrap()
            .unique
    );
}

#[test]
fn another_type_or_a_refusal_is_for_a_person() {
    let pair = pair(&[]);
    let line = wanted("contact", "cf_mrr", "MRR", LINE);
    assert_eq!(
        pair.freshsales.prepare(&[line]).unwrap(),
        [Prepared::Created]
    );
    let number = wanted("contact", "cf_mrr", "MRR", FieldKind::Decimal);
    let told = by_hand(&pair.freshsales.prepare(&[number]).unwrap()[0]);
    assert!(told.contains("it exists with the type text"), "{told}");
    let unique = mapwright::model::FieldWanted {
        unique: true,
        ..wanted("contact", "cf_mrr", "MRR", LINE)
    };
    let told = by_hand(&pair.freshsales.prepare(&[unique]).unwrap()[0]);
    assert!(told.contains("mark it as unique"), "{told}");
    pair.sandbox.set("field_creation", "refused").unwrap();
    let told = by_hand(&pair.freshsales.prepare(&[account_key()]).unwrap()[0]);
    assert!(
        told.contains("label \"Customer.io key\", type text, marked unique"),
        "{told}"
    );
    let list = wanted("contact", "cf_tags", "Tags too", FieldKind::TextList);
    let told = by_hand(&pair.freshsales.prepare(&[list]).unwrap()[0]);
    assert!(told.contains("no kind of custom field"), "{told}");
}

fn by_hand(prepared: &Prepared) -> String {
    match prepared {
        Prepared::ByHand(told) => told.clone(),
        Prepared::AlreadyThere | Prepared::Created => panic!("expected words, got {prepared:?}"),
    }
}

fn choice(label: &str) -> Choice {
    Choice {
        id: label.to_owned(),
        label: label.to_owned(),
    }
}
