//! Family S: how rules are written.

use super::family;

family! {
    S100, "the file is not UTF-8 text",
        "Rule files are UTF-8 text. The file holds bytes that are no UTF-8, which usually means that an editor or a spreadsheet saved it in another encoding (Windows-1252, UTF-16). Nothing of the file is read until it is saved as UTF-8.";
}
