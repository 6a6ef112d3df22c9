//! Family T: values that do not fit.

use super::family;

family! {
    T201, "another kind of value is needed here",
        "Nothing is converted silently, except an integer where a decimal is wanted. A function says what it takes; the help says how to get there.";
    T202, "the field takes another kind of value",
        "The destination field has a kind, and the value has another.";
    T203, "nothing says what happens if this fails",
        "A conversion that can fail says on the same line what then: the record is held, the field stays blank and the report says so, another value is taken, or the check stops.";
    T204, "an `else` that is never used",
        "Nothing on this line can fail, so the `else` hides nothing and answers nothing.";
    T205, "a field that cannot be written",
        "The destination keeps this field itself: scores, counters, times of creation.";
    T206, "a text that is too long",
        "The field takes fewer characters than this text has.";
    T207, "a required field has no line",
        "The destination refuses records without this field.";
    T208, "a required field can be blank",
        "The destination refuses records without this field, and the value can be blank for some records.";
    T209, "consent is not said",
        "Every lead and contact says who may be written to, from all the signs there are. Left out, the destination would subscribe people who opted out.";
    T210, "too many or too few values for a function",
        "A function takes a fixed number of values.";
    T211, "must be written out",
        "A country, a time zone, a number of places: some values of a function decide how it works and are written in the rules, in the form that the message names.";
    T212, "a table that does not answer blank or other",
        "A value map over data that may hold any word has a line for `blank` and one for `other`, so that no value passes unseen.";
    T213, "open text into a choice",
        "A field with choices cannot take any text. A `values` table says which word becomes which choice, and what happens to the others.";
    T214, "a comparison that makes no sense",
        "Both sides of a comparison are of one kind; a condition is yes or no; an open text is compared with a text in quotes.";
    T215, "a clause that does not belong here",
        "`none`, `many` and `no primary` answer look-ups, `else` answers errors. The message says what this place takes.";
    T216, "a look-up with an open question",
        "A look-up can find nobody or several, and says what then: `none …` and `many …`.";
    T217, "a column over an open value",
        "A table is proven over closed columns: facts, `one of` fields, booleans, numbers and dates cut by constants. Open text becomes a closed word by a `fact`.";
    T218, "a cell that does not fit its column",
        "Each kind of column has its own cells: words for facts and `one of` fields, `yes` and `no` for booleans, ranges for numbers and dates.";
    T219, "a table that misses a word of its fact",
        "A fact has a closed list of words. A table over it answers each of them, or has a line for `other`.";
    T220, "a merge that cannot be carried out",
        "A merge names a text that records share, says who wins by a time, and always takes the strictest consent.";
    T221, "a rule that makes no sense here",
        "The line is well written but asks for something that cannot be. The message says what.";
    T222, "a declaration that makes no sense",
        "A line of the `.fields` file asks for something that it cannot have.";
    T223, "a custom field that cannot be made",
        "A custom field has a kind that the destination knows, on a target that takes custom fields.";
    T224, "a blank that passes an `is not`",
        "A blank is no word, so `stage is not \"customer\"` and `stage not in partners` hold for it, as in a spreadsheet. `is`, `in`, `<` and `>` never hold for a blank. Where blanks are not meant, the condition says so: `stage is present and stage is not \"customer\"`; where an earlier line of the fact has taken them, nothing is said.";
}
