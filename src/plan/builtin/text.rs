//! Functions on text.

use super::{Builtin, Example, Kind, Loses, Parameter, Sample};
use crate::model::{Fault, FaultKind, Value};

const VALUE: Parameter = Parameter {
    name: "text",
    kind: Kind::Text,
    constant: false,
    optional: false,
};

pub(super) static TEXT: &[Builtin] = &[Builtin {
    name: "lower",
    parameters: &[VALUE],
    variadic: false,
    gives: Kind::Text,
    sentence: "The text in lower case.",
    examples: &[
        Example {
            arguments: &[Sample::Text("JO@X.de")],
            gives: Some(Sample::Text("jo@x.de")),
        },
        Example {
            arguments: &[Sample::Blank],
            gives: Some(Sample::Blank),
        },
    ],
    can_fail: false,
    loses: Loses::Depends,
    takes_blank: false,
    run: lower,
}];

fn lower<'a>(arguments: &[Value<'a>]) -> Result<Value<'a>, Fault> {
    match arguments {
        [Value::Text(text)] if !text.chars().any(char::is_uppercase) => {
            Ok(Value::Text(text.clone()))
        }
        [Value::Text(text)] => Ok(Value::owned(text.to_lowercase())),
        _ => Err(Fault::new(FaultKind::WrongType, "expected one text")),
    }
}
