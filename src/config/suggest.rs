//! "Did you mean": the nearest name among those that are known.

/// The known name that `name` is most likely a slip for.
///
/// One slip (a letter more, less, changed or swapped) is allowed for every three letters: enough
/// for real typing errors, too little to turn one word into another.
pub(super) fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let allowed = (name.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|&(slips, _)| slips <= allowed)
        .min_by_key(|&(slips, _)| slips)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_slips_are_mended() {
        let known = ["name", "hosts", "origin", "label", "keep_alive"];
        let cases = [
            ("lable", Some("label")),
            ("orgin", Some("origin")),
            ("keepalive", Some("keep_alive")),
            ("nmae", Some("name")),
            ("alias", None),
            ("admin", None),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(nearest(name, known), expected, "{name}");
        }
    }
}
