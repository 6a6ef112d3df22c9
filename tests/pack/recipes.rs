//! The recipes of the pack's guide, each applied to a copy of the pack as its reader would, and checked.

use std::fs;
use std::path::Path;

use super::{CAPTURE, copy, err, mapwright, out, text};

struct Recipe {
    title: String,
    hunks: Vec<Hunk>,
}

/// Lines of one file that go, come or show the place.
struct Hunk {
    file: String,
    lines: Vec<(char, String)>,
}

/// Every recipe of the guide: a heading with a number, and the changes below it. A change is of the file that was named last.
fn recipes() -> Vec<Recipe> {
    let guide = text("README.md");
    let mut found: Vec<Recipe> = Vec::new();
    let mut file = String::new();
    let mut is_inside = false;
    for line in guide.lines() {
        let Some(recipe) = found.last_mut().filter(|_| !line.starts_with("## ")) else {
            if let Some(title) = line.strip_prefix("## ")
                && title.starts_with(char::is_numeric)
            {
                let title = title.to_owned();
                let hunks = Vec::new();
                found.push(Recipe { title, hunks });
                "standard.rules".clone_into(&mut file);
            }
            continue;
        };
        match line {
            "```diff" => {
                let lines = Vec::new();
                recipe.hunks.push(Hunk {
                    file: file.clone(),
                    lines,
                });
                is_inside = true;
            }
            "```" => is_inside = false,
            line if is_inside => {
                let sign = line.chars().next().unwrap_or(' ');
                let rest = line.get(1..).unwrap_or_default().to_owned();
                recipe.hunks.last_mut().unwrap().lines.push((sign, rest));
            }
            line => {
                let mut named = line.rsplit('`').filter(|it| it.starts_with("standard."));
                file = named.next().map_or(file, str::to_owned);
            }
        }
    }
    found
}

/// What a line says, whatever stands between its words.
fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

impl Hunk {
    /// The text with the change in it; its place must be there once.
    fn applied(&self, text: &str) -> String {
        let before = self.lines.iter().filter(|(sign, _)| *sign != '+');
        let before: Vec<&str> = before.map(|(_, line)| line.as_str()).collect();
        let lines: Vec<&str> = text.lines().collect();
        let is_here = |at: &usize| {
            let there = lines.iter().skip(*at).take(before.len());
            let same = there.zip(&before).filter(|(a, b)| words(a) == words(b));
            same.count() == before.len()
        };
        let places: Vec<usize> = (0..lines.len()).filter(is_here).collect();
        assert_eq!(places.len(), 1, "{before:#?} of {}", self.file);
        let after = self.lines.iter().filter(|(sign, _)| *sign != '-');
        let mut changed: Vec<&str> = lines[..places[0]].to_vec();
        changed.extend(after.map(|(_, line)| line.as_str()));
        changed.extend(&lines[places[0] + before.len()..]);
        changed.join("\n") + "\n"
    }
}

fn apply(recipe: &Recipe, folder: &Path) {
    for hunk in &recipe.hunks {
        let path = folder.join(&hunk.file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, hunk.applied(&text)).unwrap();
    }
}

#[test]
fn the_guide_has_ten_recipes_and_each_of_them_works() {
    let recipes = recipes();
    assert_eq!(recipes.len(), 10);
    let mut pages = Vec::new();
    for recipe in &recipes {
        assert!(!recipe.hunks.is_empty(), "{}", recipe.title);
        let folder = copy();
        apply(recipe, folder.path());
        let rules = folder.path().join("standard.rules");
        let checked = mapwright(&["check", rules.to_str().unwrap(), "--from", CAPTURE]);
        // Nothing to find, and nobody waits who did not wait before: the pack accepts no waiting in advance.
        let told = err(&checked);
        assert_eq!(checked.status.code(), Some(3), "{}: {told}", recipe.title);
        assert_eq!(told, "", "{}", recipe.title);
        pages.push(out(&checked));
    }
    let plan = |page: &str| page.lines().nth(1).unwrap().to_owned();
    let mut plans: Vec<String> = pages.iter().map(|page| plan(page)).collect();
    plans.sort();
    plans.dedup();
    assert_eq!(plans.len(), 10, "each makes another plan");
}

#[test]
fn all_ten_recipes_work_together() {
    let folder = copy();
    for recipe in recipes() {
        apply(&recipe, folder.path());
    }
    let rules = folder.path().join("standard.rules");
    let checked = mapwright(&["check", rules.to_str().unwrap(), "--from", CAPTURE]);
    let told = err(&checked);
    assert_eq!(checked.status.code(), Some(3), "{told}");
    assert_eq!(told, "");
}
