//! Whether a document type means quirks mode (§13.2.6.4.1), which decides if a table closes a `p`.

/// Public identifiers of quirks mode, by how they begin, in lower case; the standard lists them one
/// by one.
const QUIRKY: &[&str] = &[
    "+//silmaril//dtd html pro v0r11 19970101//",
    "-//as//dtd html 3.0 aswedit + extensions//",
    "-//advasoft ltd//dtd html 3.0 aswedit + extensions//",
    "-//ietf//dtd html",
    "-//metrius//dtd metrius presentational//",
    "-//microsoft//dtd internet explorer ",
    "-//netscape comm. corp.//dtd ",
    "-//o'reilly and associates//dtd html ",
    "-//sq//dtd html 2.0 hotmetal + extensions//",
    "-//softquad software//dtd hotmetal pro 6.0::",
    "-//softquad//dtd hotmetal pro 4.0::",
    "-//spyglass//dtd html 2.0 extended//",
    "-//sun microsystems corp.//dtd hotjava ",
    "-//w3c//dtd html 3 1995-03-24//",
    "-//w3c//dtd html 3.2",
    "-//w3c//dtd html 4.0 frameset//",
    "-//w3c//dtd html 4.0 transitional//",
    "-//w3c//dtd html experimental ",
    "-//w3c//dtd w3 html//",
    "-//w3o//dtd w3 html ",
    "-//webtechs//dtd mozilla html",
];

/// Quirky only without a system identifier.
const LOOSE: &[&str] =
    &["-//w3c//dtd html 4.01 frameset//", "-//w3c//dtd html 4.01 transitional//"];

const IBM: &str = "http://www.ibm.com/data/dtd/v11/ibmxhtml1-transitional.dtd";

/// `declaration` from its `<` to its `>`.
pub(super) fn is_quirky(declaration: &[u8]) -> bool {
    let text = String::from_utf8_lossy(declaration).to_ascii_lowercase();
    let rest = text.trim_start_matches("<!doctype").trim_end_matches('>').trim();
    let Some(rest) = rest.strip_prefix("html") else { return true };
    if rest.is_empty() {
        return false;
    }
    if !rest.starts_with(char::is_whitespace) {
        return true;
    }
    let rest = rest.trim_start();
    if let Some(rest) = rest.strip_prefix("public") {
        let Some((public, rest)) = quoted(rest) else { return true };
        return by_identifiers(public, quoted(rest).map(|(system, _)| system));
    }
    match rest.strip_prefix("system").map(quoted) {
        Some(Some((system, _))) => system == IBM,
        // No identifier where one is due, or something that is no keyword.
        _ => true,
    }
}

fn by_identifiers(public: &str, system: Option<&str>) -> bool {
    let begins = |list: &[&str]| list.iter().any(|start| public.starts_with(start));
    begins(QUIRKY)
        || matches!(public, "-/w3c/dtd html 4.0 transitional/en" | "html")
        || system == Some(IBM)
        || system.is_none() && begins(LOOSE)
}

/// The quoted string at the start of `text`, and what is behind it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    text[1..].split_once(quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn document_types_are_told_apart_as_the_standard_does() {
        for (declaration, expected) in [
            ("html", false),
            (" HTML ", false),
            ("", true),
            ("htm", true),
            ("html foo", true),
            ("html SYSTEM \"about:legacy-compat\"", false),
            ("html SYSTEM", true),
            ("html PUBLIC \"-//W3C//DTD XHTML+RDFa 1.0//EN\" \"x.dtd\"", false),
            ("HTML PUBLIC '-//W3C//DTD XHTML 1.0 Transitional//EN' 'x'", false),
            ("HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\"", false),
            ("HTML PUBLIC \"-//W3C//DTD HTML 4.01 Transitional//EN\"", true),
            ("HTML PUBLIC \"-//W3C//DTD HTML 4.01 Transitional//EN\" \"x\"", false),
            ("HTML PUBLIC \"-//W3C//DTD HTML 4.0//EN\"", false),
            ("HTML PUBLIC \"-//W3C//DTD HTML 4.0 Transitional//EN\" \"x\"", true),
            ("HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\"", true),
            ("HTML PUBLIC \"-//IETF//DTD HTML//EN\"", true),
            ("HTML PUBLIC", true),
        ] {
            let whole = format!("<!DOCTYPE {declaration}>");
            assert_eq!(is_quirky(whole.as_bytes()), expected, "{whole}");
        }
    }
}
