//! Family S: how rules are written.

use super::family;

family! {
    S100, "the file is not UTF-8 text",
        "Rule files are UTF-8 text. The file holds bytes that are no UTF-8, which usually means that an editor or a spreadsheet saved it in another encoding (Windows-1252, UTF-16). Nothing of the file is read until it is saved as UTF-8.";
    S101, "a misspelt word of the language",
        "A word stands where the language expects one of its own words, and it is nearly one of them. The suggestion is never more than two letters away; if none of the words in the message is meant, look at how such a line is written.";
    S102, "no statement begins so",
        "Every line outside a block begins with a word that says what it is: `list`, `values`, `map` and so on. A line that begins otherwise is often the lost line of a block above it that is closed too early.";
    S103, "a line that the block does not know",
        "Each kind of block has its own kinds of lines. The message lists those that may stand in this one.";
    S104, "a block without `end`",
        "Blocks such as `map`, `values` or `decide` close with `end` on a line of its own. Reading goes on at the next statement, so the other messages of the file can be trusted.";
    S105, "an `end` that closes nothing",
        "There is no open block above this `end`. Often a block was closed twice, or the word stands after a statement of one line, such as `list` or `map campaign to document`.";
    S106, "a text without its closing quote",
        "A text begins and ends with a double quote on the same line. A quote inside a text is written `\"`, a new line `\\n`.";
    S107, "a character that means nothing here",
        "Word processors and web pages put curly quotes, long dashes, non-breaking spaces and invisible characters in place of the plain ones. Outside a text in quotes they mean nothing; write the plain character.";
    S108, "no number, or no day",
        "A number is digits with at most one point inside: `100`, `-2.5`. No commas or marks between thousands, no exponent. A day is written year-month-day: `2024-05-31`.";
    S109, "`=` is missing",
        "A line that fills something is written NAME = VALUE.";
    S110, "the reason is missing",
        "What is left out, ignored or accepted says why, so that a reviewer can agree to it: `because \"reason\"`. In an `exclude` table the last cell holds the reason.";
    S111, "a bar is missing in a table row",
        "A row of a table begins with `|`, ends with `|` and has `|` between its cells.";
    S112, "a row with another number of cells than the heading",
        "Every row of a table has one cell for each column of the heading, in the same order. `any` fills a cell that does not matter.";
    S113, "the heading of a table",
        "The first row of a table names its columns: the fields and facts that it decides by, then `becomes` in a `decide` table, `then` and `because` in an `exclude` table.";
    S114, "an empty block",
        "A block without lines says nothing. Write its lines, or take it out.";
    S115, "something else was expected here",
        "The line begins as such a line does, but at the marked place something else was expected. The message says what; the help says how the whole line is written.";
    S116, "more words than the line can hold",
        "The line is complete before the marked words, and they continue nothing. A comment begins with `#`; texts stand in quotes; each line says one thing.";
    S117, "a line that nests too deep",
        "Brackets, `not`, `if` and `via` may nest 256 levels deep, which is more than anybody can read. Split the line with a `fact`.";
    S118, "a name that needs quotes",
        "Bare names hold small letters, digits and `_`. A name with capitals, dashes or other letters stands in double quotes, exactly as it is in the system: `traits.\"First Name\"`.";
    S119, "a header line is missing",
        "A rule file begins with four lines: its title, the version of the language, the source and the destination. The checker cannot know what fields exist before it knows the two systems.";
    S120, "a version of the language that is not known",
        "`language 1` says by which version of the language the file is to be understood. A file of a newer version needs a newer program; it is refused rather than half understood.";
    S121, "something is said twice",
        "A header line, a clause such as `else`, or a line such as `otherwise` stands once. Which of the two is meant nobody can know.";
    S122, "the `otherwise` line of a fact",
        "The lines of a fact are tried in order, and the last one is `WORD otherwise`, so that every record has a word. A line after it is never reached.";
    S123, "a block that lacks one of its lines",
        "An `example` needs a `given` and an `expect` line; a `limit` needs `first` (whose turn comes first) and `above` (what happens to the rest).";
    S124, "a backslash that means nothing",
        "Inside a text the backslash begins one of four signs: `\"` quote, `\\\\` backslash, `\\n` new line, `\\t` tab.";
    S125, "a comma is missing",
        "Several things of one kind are parted by commas.";
    S126, "an empty cell in a table",
        "A cell says which values it matches. `any` matches every word of the column and blank, `blank` the missing value, `other` a word that is not on the column's list. Only the `because` cell of a row that keeps its records may be empty.";
}
