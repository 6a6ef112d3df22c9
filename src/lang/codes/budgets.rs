//! Family B: more than the destination takes.

use super::family;

family! {
    B801, "notes without a limit",
        "The destination takes 100 notes on one record. Without a `limit` the busiest people would have more, and what is above would be refused one by one. A `limit` says which come first and what happens to the others.";
    B802, "a limit above what the destination takes",
        "One record takes 100 notes at most, whichever rule writes them; the note that older ones are rolled up into counts as one of them.";
    B803, "more custom fields than a plan takes",
        "Each plan takes so many custom fields of each kind on each kind of record; in suite, lead and contact are one. The message names the smallest plan that takes them all. Fields that nobody filters by can stay together in one text by `rest`.";
}
