//! What is known of moving from Customer.io to Freshsales, from the data files of the pair's rule pack.

use super::{Exit, Failure};
use crate::freshsales::edition::Edition;
use crate::model::Entity;
use crate::propose::{Dictionary, Pair};

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

/// Which names of traits mean which field.
pub(super) fn dictionary() -> Result<Dictionary, Failure> {
    let text = include_str!("../../rules/customerio-freshsales/dictionary.txt");
    Dictionary::parse(text).map_err(|error| Failure::new(Exit::Usage, error))
}

/// How rules of this pair begin, and what its consent words are (freshsales.md 11).
pub(super) fn pair(edition: Edition) -> Pair {
    let words: [(&str, &str); 4] = match edition {
        Edition::Suite => [
            ("bounced", "Bounced"),
            ("complained", "Reported as spam"),
            ("opted_out", "Unsubscribed"),
            ("subscribed", "Subscribed"),
        ],
        Edition::Classic => [
            ("bounced", "Yes"),
            ("complained", "Yes"),
            ("opted_out", "Yes"),
            ("subscribed", "No"),
        ],
    };
    Pair {
        source: "source customerio".to_owned(),
        destination: format!("destination freshsales edition {}", edition.word()),
        prefix: "cio-".to_owned(),
        id_field: ("cf_cio_user_id".to_owned(), "Customer.io id".to_owned()),
        consent: words
            .map(|(word, label)| (word.to_owned(), label.to_owned()))
            .to_vec(),
        consent_field: edition.consent().to_owned(),
        companies: [
            "company",
            "companies",
            "account",
            "accounts",
            "organization",
            "organizations",
            "organisation",
            "organisations",
            "business",
            "businesses",
            "firm",
            "firms",
            "firma",
            "firmen",
            "unternehmen",
            "entreprise",
            "entreprises",
            "societe",
            "empresa",
            "empresas",
            "azienda",
            "aziende",
            "bedrijf",
            "bedrijven",
        ]
        .map(str::to_owned)
        .to_vec(),
        task_words: ("Completed".to_owned(), "Open".to_owned()),
        list_prefix: "CIO ".to_owned(),
    }
}

/// What cannot be moved, of the kinds of record that there are.
pub(super) fn cannot(has: impl Fn(Entity) -> bool) -> Vec<String> {
    let said = lines(include_str!("../../rules/customerio-freshsales/cannot.txt"));
    let is_told = |kind: &str| kind == "all" || kind.parse::<Entity>().is_ok_and(&has);
    let told = said.iter().filter_map(|line| line.split_once(':'));
    let told = told.filter(|(kind, _)| is_told(kind.trim()));
    told.map(|(_, sentence)| sentence.trim().to_owned())
        .collect()
}

fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim);
    let said = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    said.map(str::to_owned).collect()
}
