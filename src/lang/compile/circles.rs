//! Look-ups order the phases: what is looked up is written before; a circle has no beginning.

use crate::lang::codes::keys;
use crate::text::Span;

use super::checker::Checker;
use super::gathered::LinkMet;

impl Checker<'_> {
    /// Look-ups from one object type to another: a circle, or one that finds nothing.
    pub(super) fn object_links(&mut self) {
        let links = std::mem::take(&mut self.gathered.links);
        let mut told: Vec<Span> = Vec::new();
        for link in &links {
            if told.contains(&link.span) {
                continue;
            }
            let Some(circle) = circle(&links, link) else {
                continue;
            };
            told.extend(circle.iter().map(|it| it.span));
            let way: Vec<&str> = circle.iter().map(|it| it.from.as_str()).collect();
            let message = match way.as_slice() {
                [only] => {
                    format!("object \"{only}\" looks itself up, so none can be written first")
                }
                way => format!(
                    "these look-ups go in a circle: {}, {}",
                    way.join(", "),
                    way.first().copied().unwrap_or_default()
                ),
            };
            let diagnostic = self.error(keys::K406, link.span, message);
            for more in circle.iter().skip(1) {
                diagnostic
                    .labels
                    .push((more.span, "and this look-up closes the circle".to_owned()));
            }
            diagnostic.help =
                Some("what is looked up is written first; take one of the look-ups out".to_owned());
        }
        for link in links.iter().filter(|it| !told.contains(&it.span)) {
            // customerio.md: no object-to-object links.
            let message = format!(
                "object \"{}\" has no relationships with object \"{}\", so this look-up never finds anything",
                link.from, link.to
            );
            self.error(keys::K405, link.span, message).help = Some(
                "Customer.io relates objects to people only: write the look-up into the map of person"
                    .to_owned(),
            );
        }
    }
}

/// The way from a link back to where it starts.
fn circle<'l>(links: &'l [LinkMet], start: &'l LinkMet) -> Option<Vec<&'l LinkMet>> {
    let mut ways: Vec<Vec<&LinkMet>> = vec![vec![start]];
    let mut seen: Vec<&str> = Vec::new();
    while let Some(way) = ways.pop() {
        let Some(last) = way.last() else { continue };
        if last.to == start.from {
            return Some(way);
        }
        if seen.contains(&last.to.as_str()) {
            continue;
        }
        seen.push(&last.to);
        for next in links.iter().filter(|it| it.from == last.to) {
            let mut longer = way.clone();
            longer.push(next);
            ways.push(longer);
        }
    }
    None
}
