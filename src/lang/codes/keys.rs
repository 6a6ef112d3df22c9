//! Family K: keys that are not one-to-one.

use super::family;

family! {
    K401, "a key that is not one-to-one",
        "Two records with one key would become one. A prefix and a field that is declared `unique` is one-to-one; small letters, cut texts and several values end to end are not, unless a `merge` says who wins.";
    K402, "a map without a key",
        "The key is what a second run and the reconciliation find the record by. Without it everything would be written again.";
    K403, "a key in a field that is not unique",
        "The destination must refuse a second record with the same key, so the field is unique there.";
    K404, "two maps whose keys can be equal",
        "Records of two kinds are written to one field of the destination, and their keys can be the same text: company 12 and workspace 12. The one would overwrite the other. A prefix for each kind keeps them apart.";
    K405, "a look-up that can never match",
        "What this look-up asks for can never equal anything that is there: the beginning or the end of the text is another one than that which the other map writes, or the source knows no such relationship (people and objects have some with each other; events, deliveries and all others have none). It would answer `none` for every record.";
    K406, "look-ups in a circle",
        "What is looked up is decided and written before the record that looks it up, whatever kinds of records the two are. In a circle none of them can come first: companies that look up people who look up companies, or a company that looks up another company.";
}
