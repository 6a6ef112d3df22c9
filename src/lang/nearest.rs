//! The nearest known word: within two edits, and none beyond.

/// The one of `known` that is at most two edits from `word` (one where the word has three letters or fewer);
/// two neighbours that changed places are one edit, the case of letters is none. Of equals the first.
pub fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let word = word.to_lowercase();
    let most = if word.chars().count() <= 3 { 1 } else { 2 };
    known
        .into_iter()
        .map(|it| (edits(&word, &it.to_lowercase()), it))
        .filter(|(distance, it)| *distance <= most && *distance < it.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, it)| it)
}

/// The number of insertions, deletions, changes and swaps of neighbours between two words.
fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    let mut previous = None;
    for (row, letter) in left.chars().enumerate() {
        let mut next = vec![row + 1];
        for (column, other) in right.iter().enumerate() {
            let at = |line: &[usize], index: usize| line.get(index).copied().unwrap_or(usize::MAX);
            let change = at(&last, column) + usize::from(letter != *other);
            let gap = at(&last, column + 1).min(at(&next, column)) + 1;
            let swapped =
                column > 0 && previous == Some(*other) && right.get(column - 1) == Some(&letter);
            let swap = if swapped {
                at(&before, column - 1) + 1
            } else {
                usize::MAX
            };
            next.push(change.min(gap).min(swap));
        }
        before = std::mem::replace(&mut last, next);
        previous = Some(letter);
    }
    last.last().copied().unwrap_or(0)
}
