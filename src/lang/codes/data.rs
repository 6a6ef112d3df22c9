//! Family W, second part: what the lists hold.

use super::family;

family! {
    W121, "an entry that is on the list already",
        "The same word stands on a list twice. It changes nothing, but often one of the two was meant to be another word.";
    W122, "a blank entry",
        "A list has an entry with nothing in it. It is left out: a list never matches a blank value; a condition says `is blank` for that.";
    W123, "letters that look like others",
        "A word mixes Latin letters with letters of another script that look the same, such as a Cyrillic a. It will never equal the word that a person types or a system sends.";
    W124, "an invisible character",
        "A word holds a character that nobody sees, such as a zero-width space. It came with copied text and makes the word unequal to what it looks like.";
    W125, "no such column",
        "The rules take a list from a column that the CSV file does not have. The first row of the file names its columns.";
    W126, "blanks around an entry",
        "An entry begins or ends with blanks. Words compare exactly, so the blanks are taken away before comparing, and this message says so.";
    W127, "a CSV file that is not read as it looks",
        "A CSV file is read by column only where the rules say `column NAME`, and a row that has no cell for that column is left out. A comma inside a cell needs quotes around the cell.";
    W128, "entries that differ in capital letters only",
        "Words and lists compare exactly, so `Gmail.com` and `gmail.com` are two entries. `email_domain` gives small letters.";
    W129, "an empty list",
        "A list without entries matches nothing, so every condition that asks for it is always false.";
}
