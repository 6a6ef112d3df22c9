//! Family P: promises.

use super::family;

family! {
    P601, "a promise that is not shown",
        "A promise is a property of the whole file. `check` proves it from the tables, the keys and the facts, or measures it on the records. This one does not follow from the rules: the message says which step is missing and, where there is one, shows a made-up record that breaks it.";
    P602, "a promise that nobody can keep",
        "Promises have a few forms: what every record ends in, that no two records share a key, that nobody who opted out ends subscribed, and that records with a certain value appear nowhere. This one asks for something else.";
}
