//! Family C: what no rule reaches, and examples that fail.

use super::family;

family! {
    C501, "source fields that are lost",
        "Every declared source field is written to a field, collected by `rest`, or ignored with a reason. Being read by a table or a fact does not count: the value itself would be gone.";
    C502, "a field that is written and ignored",
        "One line writes the field, another one says that it is left out.";
    C503, "an example that fails",
        "An example is a test beside the rules. The record that it gives does not become what it expects.";
    C504, "rows that no example reaches",
        "Each row of a table and each line of a fact says something about some people, and an example of such a person shows it to the reviewer and keeps it from changing unseen. The finding names the rows without one. It is a note: a file without any example has none of them. `mapwright example missing RULES` writes an example for each row, ready to be pasted; `check` tells which of the rows the records of the capture reach.";
    C505, "words that no example reaches",
        "No example gives a record with this word, so that nothing shows what becomes of it. `mapwright example missing RULES` writes an example for each word, ready to be pasted.";
    C506, "policies that no example reaches",
        "`else`, `none`, `many` and `exclude when` say what happens to values and records that do not fit. No example has such a value. `mapwright example missing RULES` writes an example for each, ready to be pasted; a policy that no single made-up record can meet is left out there.";
    C507, "lines that no person has confirmed",
        "`mapwright propose` drafts a rule file and marks every line of it with `unconfirmed` and a lane: `proposed` where name, type and values agree, `choose` where several fields could be meant, `custom` where nothing was found, `split` for what decides who becomes what. A draft is no agreement. Read the lines of a lane, correct them, and take the mark away: by hand, or with `mapwright propose RULES --confirm LANE` for a whole lane. `run`, `prepare` and `approve` refuse while a mark is left.";
}
