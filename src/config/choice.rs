//! A value out of a few fixed words.

use super::fault::Fault;
use super::suggest;

/// The meaning of `word` among `words`.
pub(super) fn choose<T: Copy>(word: &str, words: &[(&'static str, T)]) -> Result<T, Fault> {
    if let Some((_, meaning)) = words.iter().find(|(known, _)| *known == word) {
        return Ok(*meaning);
    }
    let names: Vec<_> = words.iter().map(|(known, _)| format!("\"{known}\"")).collect();
    let help = match suggest::nearest(word, words.iter().map(|(known, _)| *known)) {
        Some(known) => format!("did you mean \"{known}\"?"),
        None => format!("write {}", names.join(" or ")),
    };
    Err(Fault::new(format!("`{word}` is not one of {}", names.join(", ")), help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_taken_exactly() {
        let words = [("text", 1), ("json", 2)];
        assert_eq!(choose("json", &words), Ok(2));
        let help = |word| choose(word, &words).unwrap_err().help.unwrap();
        assert_eq!(help("JSON"), "write \"text\" or \"json\"");
        assert_eq!(help("jsno"), "did you mean \"json\"?");
    }
}
