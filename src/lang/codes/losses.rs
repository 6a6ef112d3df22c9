//! Family L: losses that are not written down.

use super::family;

family! {
    L701, "two words become one",
        "Two source words that become one destination word cannot be told apart afterwards. The line says what is lost.";
    L702, "a loss that is not written down",
        "Some steps keep less than they were given: a date keeps no time of day, a shortened text has no end, joined items cannot always be told apart again. A line with such a step says what is lost, in words that the reviewer accepts; `check` counts the records that really lose something and names the worst one.";
    L703, "a loss that cannot happen",
        "The line says that something is lost, and nothing on it can be. The reviewer would look for a loss that is not there.";
}
