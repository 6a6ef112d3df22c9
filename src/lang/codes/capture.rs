//! Family W, first part: what reading a capture finds. Nothing of such a line or file is written.

use super::family;

family! {
    W101, "a line that is not UTF-8",
        "A line of a capture holds bytes that are no UTF-8 text, often because a file was written in an older encoding. Nothing of the line is written; it is counted as rejected and the rest goes on.";
    W102, "a line that is not JSON",
        "Every line of a capture is one JSON object. A line that is cut off, a list, or a bare value cannot be read as one. Nothing of the line is written; it is counted as rejected and the rest goes on.";
    W103, "a key that stands twice",
        "One object has the same key twice, so nobody can say which of the two values is meant. Nothing of the line is written; it is counted as rejected and the rest goes on.";
    W104, "objects too deep within each other",
        "A line nests lists and objects deeper than any record of a workspace does. It is not read, so that one line can never exhaust the machine. It is counted as rejected and the rest goes on.";
    W105, "a record without its id",
        "Every record is found again by its id: a person by `cio_id`, an object by `object_type_id` and `object_id`, an event by `id`. A line without it cannot be written, as a second run would write it again.";
    W106, "a line that is too long",
        "A line is longer than any record of a workspace. It is passed over without being kept in memory, counted as rejected, and the rest goes on.";
    W111, "another checksum than was sealed",
        "`capture.json` keeps the SHA-256 of every file. This file has another one: it was changed after it was sealed. What it holds is read, and the finding makes the command end with 1.";
    W112, "another number of records than was sealed",
        "`capture.json` keeps how many records every file has. A file with fewer was often cut on its way; one with more was added to.";
    W113, "a packed file that breaks off",
        "A gzip or zstd file ends in the middle or is damaged. What stood before the break is read and written; the rest is not there.";
    W114, "a file that no capture has",
        "A file with records lies in the folder, but its name is none of those of a capture, so nothing of it is read. Often it is a known file under a misspelt name.";
    W115, "a file that is not there",
        "`capture.json` names a file that the folder does not have. Everything that it held is missing from the load.";
    W116, "a file that was not sealed",
        "The folder has a file of a capture that `capture.json` does not name, so nobody can say whether it is whole. It is read.";
    W117, "one kind of record in two files",
        "The folder has the same file twice, for example plain and packed. Only one of the two is read, so that no record is met twice.";
    W118, "another size than was sealed",
        "`capture.json` keeps the size of every file in bytes. This file has another one: it was changed after it was sealed, or cut on its way.";
    W141, "a line that its kind of file cannot have",
        "A line of an export has not the shape that lines of its kind have: another number of cells than the first line, or none of the keys that say what it is. The line is left out of the capture, told with its place, and the rest goes on.";
    W142, "a signature that does not fit",
        "The secret of the webhooks is known, and this line has no signature or one that another text or another secret gives. Somebody else may have written it, so it is left out of the capture. A signed line keeps the call's headers and its body as text.";
    W143, "a file that is not what it was named as",
        "A source of an import is something else than its kind says: a CSV without the columns that find its records, a Parquet file of another table, or a folder that is not empty. Nothing is written.";
    W144, "a line that names nobody",
        "A line of an export has no id: no `cio_id`, `id`, e-mail or `anonymous_id` of a person, or no id of its own record. It could not be put together with anything, so it is left out of the capture and told with its place.";
}
