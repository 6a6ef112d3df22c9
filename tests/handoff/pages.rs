//! Page, Markdown and JSON: escaped, well-formed, masked, and all from one model.

use mapwright::handoff::{Handoff, template_files};

use super::world::{EVIL, PERSON, SECRET, build, drawn_up};

fn strange(full: bool) -> Handoff {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path());
    drawn_up(folder.path(), full)
}

/// Every form of it, the contents of templates apart: they are the workspace's own texts and stay as they are.
fn forms(handoff: &Handoff) -> Vec<(&'static str, String)> {
    vec![
        ("html", handoff.to_html()),
        ("markdown", handoff.to_markdown()),
        ("json", serde_json::to_string(handoff).unwrap()),
    ]
}

/// Walks the tags of each picture: each that opens closes, attributes are quoted, nothing else looks like a tag.
fn pictures_are_well_formed(html: &str) -> usize {
    let mut count = 0;
    for part in html.split("<svg").skip(1) {
        let (inside, _) = part.split_once("</svg>").expect("a picture ends");
        let svg = format!("<svg{inside}</svg>");
        assert!(!svg.contains("NaN"), "{svg}");
        let mut open: Vec<&str> = Vec::new();
        for tag in svg.split('<').skip(1) {
            let (tag, text) = tag.split_once('>').expect("a tag ends");
            assert!(!text.contains('>'), "{text}");
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(name), "{svg}");
            } else {
                assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
                open.push(tag.split_whitespace().next().unwrap());
            }
        }
        assert!(open.is_empty(), "{open:?}");
        count += 1;
    }
    count
}

#[test]
fn script_tags_are_words_on_every_page() {
    let handoff = strange(true);
    let html = handoff.to_html();
    assert!(!html.contains(EVIL));
    assert_eq!(html.matches("<script").count(), 1, "the page's own");
    assert_eq!(html.matches("<img").count(), 0);
    assert!(
        html.contains("&lt;script&gt;alert('zq')"),
        "it is shown as it stands"
    );
    let markdown = handoff.to_markdown();
    let outside: String = markdown.split('`').step_by(2).collect();
    assert!(!outside.contains("<script") && !outside.contains("<img"));
}

#[test]
fn every_campaign_is_drawn_and_every_picture_is_well_formed() {
    let handoff = strange(false);
    let with_steps = handoff.campaigns.iter().chain(&handoff.broadcasts);
    let with_steps = with_steps.filter(|it| !it.steps.is_empty()).count();
    assert_eq!(pictures_are_well_formed(&handoff.to_html()), with_steps);
    assert!(with_steps >= 4);
}

#[test]
fn no_page_shows_a_person_unless_asked_and_none_a_secret() {
    for (form, text) in forms(&strange(false)) {
        assert!(!text.contains(PERSON), "{form}");
        assert!(!text.contains("zoe.quill"), "{form}");
        assert!(
            text.contains("team@own.example"),
            "{form}: the workspace's own sender stays"
        );
    }
    let full = strange(true);
    for (form, text) in forms(&full) {
        assert!(!text.contains(SECRET), "{form}");
    }
    assert!(full.to_html().contains(PERSON));
    for file in template_files(&full) {
        assert!(!file.text.contains(SECRET), "{}", file.name);
    }
}

#[test]
fn page_and_markdown_say_what_the_model_says() {
    let handoff = strange(false);
    let (html, markdown) = (handoff.to_html(), handoff.to_markdown());
    for campaign in &handoff.campaigns {
        for step in &campaign.steps {
            let said = format!("({})", step.id);
            assert!(
                html.contains(&said) && markdown.contains(&said),
                "step {}",
                step.id
            );
        }
    }
    for segment in &handoff.segments {
        assert!(html.contains(&format!("id=\"segment-{}\"", segment.id)));
        assert!(markdown.contains(&format!("(id {}, ", segment.id)));
    }
    for template in &handoff.templates {
        assert!(html.contains(&template.id) && markdown.contains(&template.id.replace('_', "\\_")));
    }
    for finding in &handoff.findings {
        assert!(html.contains(finding.kind) && markdown.contains(finding.kind));
    }
    // A table's row is one line with as many cells as its head, whatever stands in it.
    let mut width = 0;
    for line in markdown.lines() {
        if line.starts_with("|---") {
            width = line.matches("---|").count();
        } else if line.starts_with("| ") && width > 0 {
            let cells = line.replace("\\|", "").matches('|').count() - 1;
            assert_eq!(cells, width, "{line}");
        } else {
            width = 0;
        }
    }
}

#[test]
fn the_same_capture_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path());
    let (one, two) = (
        drawn_up(folder.path(), false),
        drawn_up(folder.path(), false),
    );
    assert_eq!(forms(&one), forms(&two));
    assert_eq!(template_files(&one), template_files(&two));
}
