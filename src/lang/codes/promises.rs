//! Family P: promises.

use super::family;

family! {
    P601, "a promise that is not shown yet",
        "A promise is a property of the whole file. This version reads it and says so; it neither proves it nor measures it on the records.";
}
