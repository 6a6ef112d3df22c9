//! Conditions: every form is read; exact and English name every field, value, segment and event.

use mapwright::handoff::{Logic, Test, english, exact, of_conditions};
use proptest::prelude::*;
use serde_json::{Value, json};

fn words(conditions: &Value) -> (String, String) {
    let logic = of_conditions(conditions).unwrap();
    (exact(&logic), english(&logic, &|_| None))
}

#[test]
fn trees_and_flat_lists_say_the_same() {
    let tree = json!({"and": [{"attribute": {"field": "plan", "operator": "eq", "value": "pro"}}, {"segment": {"id": 5, "inverse": true}}]});
    let flat = json!([{"type": "attribute", "field": "plan", "operator": "eq", "value": "pro"},
        {"type": "segments_negatable", "segments": [5], "negate": true}]);
    assert_eq!(of_conditions(&tree), of_conditions(&flat));
    let text = Value::String(tree.to_string());
    assert_eq!(of_conditions(&text), of_conditions(&tree));
    let (exact, english) = words(&tree);
    assert_eq!(exact, "(person.plan eq \"pro\" AND NOT segment 5)");
    assert_eq!(
        english,
        "“plan” is “pro”, and the person is not in segment 5"
    );
}

#[test]
fn nothing_is_no_condition_and_strange_forms_stay() {
    for nothing in [json!(null), json!([]), json!({}), json!(""), json!("[]")] {
        assert_eq!(of_conditions(&nothing), None, "{nothing}");
    }
    for strange in [
        json!({"moon": 1}),
        json!("not json"),
        json!(7),
        json!({"and": 3}),
        json!({"attribute": {"field": "a", "operator": "eq", "value": 1, "sideways": true}}),
        json!({"segment": {"id": 5, "but": "only on Mondays"}}),
        json!({"event": {"name": "a", "type": "event"}, "times": "often"}),
    ] {
        let logic = of_conditions(&strange).unwrap();
        assert_eq!(logic.unknown(), [&strange], "{strange}");
        assert!(exact(&logic).contains(&strange.to_string()));
    }
}

#[test]
fn both_forms_of_a_segment_read_alike() {
    let leaf = json!({"event": {"name": "chat", "type": "event"}, "inverse": false, "times": 50, "within": 604_800});
    let nested = json!({"and": [{"or": [leaf]}]});
    let flat = json!({"and": [leaf]});
    assert_eq!(of_conditions(&nested), of_conditions(&flat));
    let (exact, english) = words(&nested);
    assert_eq!(exact, "event \"chat\" times >= 50 within 604800 s");
    assert_eq!(
        english,
        "the person has made the event “chat” at least 50 times within the last 1 week"
    );
}

#[test]
fn a_message_names_its_step_and_a_change_its_value() {
    let message = json!({"type": "message", "event": {"name": "output_12", "type": "clicked_email"}, "inverse": true});
    let named = |test: &Test| {
        matches!(test, Test::Message { action, .. } if action == "12").then(|| "Tips".to_owned())
    };
    let logic = of_conditions(&message).unwrap();
    assert_eq!(
        english(&logic, &named),
        "the email of step 12 “Tips” was not clicked"
    );
    let change = json!({"event": {"name": "plan", "type": "attribute_change", "filters": {"and": [
        {"field": "to", "operator": "eq", "value": "pro", "inverse": false}]}}, "inverse": false, "times": 1, "within": 0});
    let (exact, english) = words(&change);
    assert_eq!(english, "“plan” became “pro”");
    assert_eq!(
        exact,
        "attribute_change \"plan\" WHERE event.to eq \"pro\" times >= 1 within 0 s"
    );
}

/// A test whose names are found again in any text.
fn leaf() -> impl Strategy<Value = (Value, Vec<String>)> {
    let word = "w[a-z]{6}[0-9]{4}";
    let operator = prop::sample::select(vec![
        "eq",
        "!eq",
        "gt",
        "lt",
        "contains",
        "!contains",
        "resembles",
    ]);
    let attribute =
        (word, operator, word, any::<bool>()).prop_map(|(field, operator, value, tree)| {
            let inner = json!({"field": field, "operator": operator, "value": value});
            let json = if tree {
                json!({"attribute": inner})
            } else {
                json!({"type": "attribute", "field": field, "operator": operator, "value": value})
            };
            (json, vec![field, value])
        });
    let between = (word, 1_000_u32..9_000, 10_000_u32..90_000).prop_map(|(field, low, high)| {
        let json = json!({"type": "object_attribute", "type_id": 1, "field": field, "operator": "bw", "value": low, "value2": high});
        (json, vec![field, low.to_string(), high.to_string()])
    });
    let time = (
        word,
        1_000_u32..90_000,
        prop::sample::select(vec![
            "timestamp_gt",
            "timestamp_lt",
            "timestamp_gta",
            "timestamp_lta",
        ]),
    )
        .prop_map(|(field, at, operator)| {
            let json =
                json!({"type": "attribute", "field": field, "operator": operator, "value": at});
            (json, vec![field, at.to_string()])
        });
    let exists = (word, any::<bool>()).prop_map(|(field, yes)| {
        let operator = if yes { "exists" } else { "!exists" };
        (
            json!({"type": "device_attribute", "field": field, "operator": operator}),
            vec![field],
        )
    });
    let segment = (10_000_u32..99_999, any::<bool>()).prop_map(|(id, inverse)| {
        (
            json!({"segment": {"id": id, "inverse": inverse}}),
            vec![id.to_string()],
        )
    });
    let event = (word, word, word, 2_u64..90, any::<bool>()).prop_map(|(name, field, value, times, inverse)| {
        let filters = json!({"and": [{"field": field, "operator": "eq", "value": value, "inverse": false}]});
        let json = json!({"event": {"name": name, "type": "event", "filters": filters}, "inverse": inverse, "times": times, "within": 3600});
        (json, vec![name, field, value, times.to_string()])
    });
    let message = (10_000_u32..99_999, prop::sample::select(vec!["clicked_email", "opened_push"])).prop_map(|(step, metric)| {
        let json = json!({"type": "message", "event": {"name": format!("output_{step}"), "type": metric}, "inverse": false});
        (json, vec![step.to_string()])
    });
    let strange = word.prop_map(|key| (json!({key.clone(): 1}), vec![key]));
    prop_oneof![
        attribute, between, time, exists, segment, event, message, strange
    ]
}

fn tree() -> impl Strategy<Value = (Value, Vec<String>)> {
    leaf().prop_recursive(4, 24, 4, |inner| {
        (prop::collection::vec(inner, 1..4), 0_u8..3).prop_map(|(parts, join)| {
            let names = parts.iter().flat_map(|(_, names)| names.clone()).collect();
            let mut parts: Vec<Value> = parts.into_iter().map(|(json, _)| json).collect();
            let json = match join {
                0 => json!({"and": parts}),
                1 => json!({"or": parts}),
                _ if parts.len() == 1 => json!({"not": parts.remove(0)}),
                _ => json!({"not": {"and": parts}}),
            };
            (json, names)
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn both_forms_name_every_condition((json, names) in tree()) {
        let logic = of_conditions(&json).unwrap();
        let (exact, english) = (exact(&logic), english(&logic, &|_| None));
        for name in names {
            prop_assert!(exact.contains(&name), "exact lacks {name}: {exact}");
            prop_assert!(english.contains(&name), "english lacks {name}: {english}");
        }
    }

    #[test]
    fn any_json_is_read_and_nothing_of_it_is_lost(text in "w[a-z]{3}", number in any::<i32>(), deep in 0_u8..5) {
        let mut json = json!({text.clone(): number});
        for _ in 0..deep {
            json = json!([json]);
        }
        let logic = of_conditions(&json).unwrap();
        let is_there = matches!(&logic, Logic::Unknown(value) if value[&text] == number);
        prop_assert!(is_there, "{logic:?}");
    }
}
