//! Changes as a specialist makes them.

use super::acme::diff;
use mapwright::report::Values;
#[test]
fn nothing() {
    let _ = (Values::Masked, diff(&super::acme::Texts::new()).read);
}
