//! Family D: tables that are not total, or not unambiguous.

use super::family;

family! {
    D301, "a gap in a table",
        "A combination of listed words that no row answers. Such records would fall to `otherwise`, which is there for what nobody could list. The message shows a made-up record that falls into the gap, the nearest row, and two ways to close it.";
    D302, "two rows fit the same record",
        "Order never decides in a table, so exactly one row may fit. The message shows a made-up record that fits both.";
    D303, "a table too large to prove",
        "The combinations of the columns' values are more than the checker lists. A `fact` that draws columns together makes the table smaller, and easier to read.";
    D304, "a row that nobody reaches",
        "The facts and words of this row can never stand together, so no record fits it.";
    D305, "a column that never matters",
        "Every row takes every value of this column, or every record would end the same way without it.";
    D306, "a split without its table, or a table without a map",
        "A map with several targets needs a `decide` table that says who becomes what, and a table needs a map that says how.";
    D307, "a row inside another one",
        "Every record that fits this row fits another one as well, so the row says nothing of its own. Order never decides, so the two contradict each other or one of them is needless.";
    D308, "rows that could be one",
        "Rows that end alike and differ in one column only can be one row with both cells. Fewer rows are easier to read aloud; nothing is wrong with them.";
    D309, "a line of a fact that nobody reaches",
        "The lines of a fact are tried in order. Earlier lines take every record that would fit this one, or its conditions can never hold together, so its word is never given here.";
}
