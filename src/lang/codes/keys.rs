//! Family K: keys that are not one-to-one.

use super::family;

family! {
    K401, "a key that is not one-to-one",
        "Two records with one key would become one. A prefix and a field that is declared `unique` is one-to-one; small letters, cut texts and several values end to end are not, unless a `merge` says who wins.";
    K402, "a map without a key",
        "The key is what a second run and the reconciliation find the record by. Without it everything would be written again.";
    K403, "a key in a field that is not unique",
        "The destination must refuse a second record with the same key, so the field is unique there.";
}
