//! Family N: names that resolve to nothing, or to two things.
//!
//! N221 was "comes with a later version", said of look-ups that work by now; no other fault gets that code.

use super::family;

family! {
    N202, "another destination than the one that was read",
        "The rules name a destination and an edition, and the fields, choices and users are looked up in its snapshot. A rule file for the one edition cannot be checked against the other: `lead` is carried differently.";
    N203, "a file that cannot be read",
        "The `.fields` file, the `.schema` file and the files of lists stand beside the rule file and are named by their name alone. Nothing outside the rule file's folder is read.";
    N204, "an unknown source field",
        "Every path that a rule reads is declared in the `.fields` file, with its type, or is derived from the capture. A path that is not there is often misspelt; a suggestion is never more than two letters away.";
    N205, "an unknown destination field",
        "The left side of a line is a field of the target in the destination, or a custom field that a `field` line declares. With several targets, a field that only one of them has needs `only`.";
    N206, "an unknown target",
        "A map, a table row or a limit names something that the destination does not have, or that this map does not write.";
    N207, "an unknown kind of record",
        "The kinds of record are those of the capture: person, object, event and so on. Objects are named with their type: `object \"company\"`.";
    N208, "an unknown list",
        "`in` asks for a list that the file does not define, or for words in quotes.";
    N209, "an unknown table",
        "`via` names a `values` table that the file does not define.";
    N210, "an unknown function",
        "Functions are a closed list; `mapwright explain` and the manual show each with its examples. Rules cannot define their own.";
    N211, "a word that is not on the list",
        "A fact, a `one of` field and a table over one of them know a closed list of words. A word that is not among them never matches, so the line would do nothing.";
    N212, "no choice of the destination field",
        "A field with choices takes exactly those of its labels that the destination lists, letter by letter.";
    N213, "something is defined twice",
        "A name, a field line, a row's word or an item that may stand once stands twice. Which of the two is meant nobody can know.";
    N214, "a name that is never used",
        "A list, a table, a fact or a custom field is defined and nothing reads it. It is harmless, but often the place that should read it is misspelt or was forgotten.";
    N215, "no such user at the destination",
        "Owners are found among the active users of the destination's snapshot, by e-mail or by the name that the destination shows.";
    N216, "a look-up that has nothing to link to",
        "A look-up links to records that another map writes: along a relationship to objects or people, or by a value to whatever writes that value there. There is no such map, it writes something else, or what it writes belongs to another record.";
    N217, "no fields are declared for this kind of record",
        "The `.fields` file says what the records hold and of what type it is. Rules can read nothing that is not declared there.";
    N218, "no such code to allow",
        "`allow` names a warning or a note by its code. Errors cannot be allowed.";
    N222, "a fact that stands further down",
        "Facts are read in file order, so that none can depend on itself. A fact that another one reads stands above it.";
    N223, "table and maps do not belong together",
        "Every target of a `decide` table needs a map that says how it is filled, and a map to a target that no row names never runs.";
}
