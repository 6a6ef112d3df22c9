//! Family C: what no rule reaches, and examples that fail.

use super::family;

family! {
    C501, "source fields that are lost",
        "Every declared source field is written to a field, collected by `rest`, or ignored with a reason. Being read by a table or a fact does not count: the value itself would be gone.";
    C502, "a field that is written and ignored",
        "One line writes the field, another one says that it is left out.";
    C503, "an example that fails",
        "An example is a test beside the rules. The record that it gives does not become what it expects.";
}
