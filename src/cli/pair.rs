//! What is known of moving from Customer.io to Freshsales, from the data files of the pair's rule pack.

/// Mail domains that are nobody's own.
pub(super) fn personal_domains() -> Vec<String> {
    lines(include_str!(
        "../../rules/customerio-freshsales/free-mail-domains.txt"
    ))
}

/// Names of traits whose words may say where a person belongs, the best first.
pub(super) fn signals() -> Vec<String> {
    lines(include_str!(
        "../../rules/customerio-freshsales/signals.txt"
    ))
}

fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim);
    let said = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    said.map(str::to_owned).collect()
}
