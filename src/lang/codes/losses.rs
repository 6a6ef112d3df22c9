//! Family L: losses that are not written down.

use super::family;

family! {
    L701, "two words become one",
        "Two source words that become one destination word cannot be told apart afterwards. The line says what is lost.";
}
