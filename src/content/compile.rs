//! A content directory's files, compiled into a snapshot. Every problem is reported, not the
//! first.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::locale::Tag;
use crate::problem::Problem;

use super::default_locale;
use super::drafts::Drafts;
use super::entry::Kind;
use super::flatten::{self, Message};
use super::form::{self, Misplaced, Role};
use super::json::{self, Node};
use super::site::{self, Site};
use super::snapshot::Snapshot;
use super::source::Source;

/// Compiles files, given as their path relative to the directory (separated by `/`) and their
/// bytes, in any order.
///
/// # Errors
/// Every problem in every file, ordered by file and place. At least one.
pub fn compile(
    files: impl IntoIterator<Item = (String, Vec<u8>)>,
) -> Result<Snapshot, Vec<Problem>> {
    compile_with_notes(files).map(|compiled| compiled.snapshot)
}

/// What files compile to.
#[derive(Debug)]
pub struct Compiled {
    /// The content.
    pub snapshot: Snapshot,
    /// What was written and is not printed, each with the key: no mistake, but a surprise. Ordered
    /// by file and place.
    pub notes: Vec<Problem>,
}

/// As [`compile`], and says what sanitising has left out.
///
/// # Errors
/// Every problem in every file, ordered by file and place. At least one.
pub fn compile_with_notes(
    files: impl IntoIterator<Item = (String, Vec<u8>)>,
) -> Result<Compiled, Vec<Problem>> {
    // In order, so that of two duplicates it is always the same one that is the second.
    let mut files: Vec<_> = files.into_iter().collect();
    files.sort();
    let mut compiler = Compiler::default();
    // First, because it says how the others are read.
    for (path, bytes) in files.iter().filter(|(path, _)| path == site::FILE) {
        compiler.site(path, bytes);
    }
    compiler.drafts = Drafts::under(compiler.site.policy.clone());
    for (path, bytes) in &files {
        compiler.file(path, bytes);
    }
    compiler.finish()
}

#[derive(Default)]
struct Compiler {
    site: Site,
    drafts: Drafts,
    problems: Vec<Problem>,
    /// Names already told to be no locale: a folder of files is one mistake.
    no_locale: BTreeSet<String>,
}

impl Compiler {
    fn file(&mut self, path: &str, bytes: &[u8]) {
        match form::role(path) {
            Ok(Role::Messages { tag, prefix }) => self.messages(path, bytes, &tag, &prefix),
            Ok(Role::Html { tag, key }) => self.html(path, bytes, &tag, key),
            Ok(Role::Site | Role::Other) => {}
            Err(misplaced) => self.misplaced(path, misplaced),
        }
    }

    fn site(&mut self, path: &str, bytes: &[u8]) {
        self.site = Site::unreadable();
        let Some(source) = self.decode(path, bytes) else {
            return;
        };
        if let Some(root) = self.parse(&source) {
            self.site = site::read(&root, &source, &mut self.problems);
        }
    }

    fn messages(&mut self, path: &str, bytes: &[u8], tag: &Tag, prefix: &str) {
        self.drafts.touch(tag);
        let Some(source) = self.decode(path, bytes) else {
            return;
        };
        let Some(root) = self.parse(&source) else {
            return;
        };
        for message in flatten::messages(&root, prefix, &source, &mut self.problems) {
            self.drafts.add(tag, message, &source, &mut self.problems);
        }
    }

    fn html(&mut self, path: &str, bytes: &[u8], tag: &Tag, key: String) {
        self.drafts.touch(tag);
        let Some(source) = self.decode(path, bytes) else {
            return;
        };
        // Editors end a file with a line break that its author never meant to print.
        let value = source.text().trim_end_matches(['\r', '\n']);
        let message = Message { key, kind: Kind::Html, value, at: 0..0, value_at: 0..0 };
        self.drafts.add(tag, message, &source, &mut self.problems);
    }

    fn decode(&mut self, path: &str, bytes: &[u8]) -> Option<Source> {
        Source::decode(path, bytes).map_err(|problem| self.problems.push(problem)).ok()
    }

    fn parse(&mut self, source: &Source) -> Option<Node> {
        let error = match json::parse(source.text()) {
            Ok(root) => return Some(root),
            Err(error) => error,
        };
        self.problems.push(source.problem(error.span, error.message, error.help));
        None
    }

    fn misplaced(&mut self, path: &str, misplaced: Misplaced) {
        if let Misplaced::BadTag { name, .. } = &misplaced
            && !self.no_locale.insert(name.clone())
        {
            return;
        }
        let source = Source::missing(path);
        self.problems.push(source.problem(0..0, misplaced.message(), misplaced.help()));
    }

    fn finish(mut self) -> Result<Compiled, Vec<Problem>> {
        let sound = self.problems.is_empty();
        match default_locale::choose(&self.site, &self.drafts, sound) {
            Ok(default) if sound => {
                let notes = in_order(std::mem::take(&mut self.drafts.notes));
                let catalogs = self.drafts.into_catalogs().into_iter().map(Arc::new).collect();
                let Site { fallback, policy, .. } = self.site;
                let snapshot = Snapshot::new(default, fallback, policy, catalogs);
                Ok(Compiled { snapshot, notes })
            }
            Ok(_) => Err(in_order(self.problems)),
            Err(problem) => {
                self.problems.extend(problem);
                Err(in_order(self.problems))
            }
        }
    }
}

fn in_order(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by(|a, b| (&a.file, a.span.start).cmp(&(&b.file, b.span.start)));
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compiled(files: &[(&str, &str)]) -> Result<Snapshot, Vec<Problem>> {
        compile(files.iter().map(|(path, text)| ((*path).into(), (*text).into())))
    }

    /// Every problem as `file:line: message`.
    fn problems(files: &[(&str, &str)]) -> Vec<String> {
        let problems = compiled(files).unwrap_err();
        assert!(problems.iter().all(|problem| problem.help.is_some()));
        problems.iter().map(|p| format!("{}:{}: {}", p.file, p.line(), p.message)).collect()
    }

    #[test]
    fn every_form_of_file_is_read() {
        let snapshot = compiled(&[
            ("site.json", r#"{"default_locale": "de"}"#),
            ("en.json", "\u{FEFF}{\"nav.cta\": \"Buy\", \"home\": {\"title\": \"Hello {name}\"}}"),
            ("en/home/terms.html", "<p>Terms</p>\r\n"),
            ("de/checkout.json", r#"{"pay": {"$html": "<b>Zahlen</b>", "$note": "button"}}"#),
            ("notes.txt", "not content"),
        ])
        .unwrap();
        let voice = snapshot.voice(&Tag::parse("en").unwrap()).unwrap();
        assert_eq!(voice.find("nav.cta").unwrap().source(), "Buy");
        assert_eq!(voice.find("home.title").unwrap().source(), "Hello {name}");
        assert_eq!(voice.find("home.terms").unwrap().source(), "<p>Terms</p>");
        assert_eq!(voice.find("checkout.pay").unwrap().source(), "<b>Zahlen</b>");
    }

    #[test]
    fn every_problem_names_file_and_line() {
        for (path, text, expected) in [
            ("en.json", "{\n\"a\": 1}", "en.json:2: a number is not text"),
            ("en.json", "{\n\"a b\": \"\"}", "en.json:2: bad key \"a b\": it contains ' '"),
            ("en.json", "{\n\"a\": \"\",\n}", "en.json:2: trailing commas are not allowed"),
            ("en.json", "", "en.json:1: the file is empty"),
            ("en/a.html", "\n", "en/a.html:1: the file is empty"),
            (
                "en.json",
                "{\"a\":\n{\"$html\":\n\"<script></script>\"}}",
                "en.json:3: \"a\": sanitising leaves nothing of it",
            ),
            ("en/a.html", "\n<!-- x -->", "en/a.html:1: \"a\": sanitising leaves nothing of it"),
            (
                "en/a b.html",
                "x",
                "en/a b.html:1: the path makes the bad key \"a b\": it contains ' '",
            ),
            ("terms.html", "x", "terms.html:1: an HTML file must be in a locale's folder"),
            (
                "images.json",
                "{}",
                "images.json:1: \"images\" is not a language tag: it does not start with a language \
                 such as \"en\"",
            ),
            ("site.json", "{\n\"defaults\": 1}", "site.json:2: unknown \"defaults\""),
            (
                "site.json",
                "{\"html\":\n{\"allow\": [\"script\"]}}",
                "site.json:2: \"script\" cannot be allowed",
            ),
            (
                "site.json",
                "{\n\"default_locale\": \"fr\"}",
                "site.json:2: the default locale fr has no content",
            ),
        ] {
            assert_eq!(problems(&[("fi.json", r#"{"k": "v"}"#), (path, text)]), [expected]);
        }
    }

    #[test]
    fn what_is_left_out_is_noted_with_its_key_and_its_place() {
        let files = [
            (
                "en.json",
                "{\"home\": {\n\"a\": {\"$html\": \"x<b onclick=y>z</b>\"},\n\"b\": \"<b>\"}}",
            ),
            ("en/c.html", "<p>x</p>\n<p><video src=y>z</video><b>\n"),
            ("de.json", "{\"d\": {\"$html\": \"<B>x\"}}"),
        ];
        let noted = |files: &[(&str, &str)]| {
            let files = files.iter().map(|(path, text)| ((*path).into(), (*text).into()));
            let notes = compile_with_notes(files).unwrap().notes;
            let noted =
                notes.iter().map(|note| format!("{}:{}: {}", note.file, note.line(), note.message));
            (noted.collect::<Vec<_>>(), notes)
        };
        let (told, notes) = noted(&files);
        let first = "en.json:2: \"home.a\" loses onclick of <b>";
        assert_eq!(told, [first, "en/c.html:2: \"c\" loses <video>"]);
        assert_eq!(&notes[0].source[notes[0].span.clone()], "\"x<b onclick=y>z</b>\"");
        assert_eq!(&notes[1].source[notes[1].span.clone()], "<p><video src=y>z</video><b>");
        let allowed = ("site.json", r#"{"default_locale": "en", "html": {"allow": ["video"]}}"#);
        assert_eq!(noted(&[files[0], files[1], allowed]).0, [first]);
    }

    #[test]
    fn a_mistake_in_the_policy_makes_no_others() {
        let entry = ("en.json", "{\"a\": {\"$html\": \"<video></video>\"}}");
        for site in
            ["{\"html\": {\"allow\": [\"vidoe\"]}}", "{\"html\": {\"allow\": [\"video\"]}, }", "\n"]
        {
            assert_eq!(problems(&[entry, ("site.json", site)]).len(), 1, "{site}");
        }
    }

    #[test]
    fn bad_bytes_are_a_problem() {
        let files = [("en.json".to_owned(), b"{\n\n\"a\": \"\xFF\"}".to_vec())];
        let problems = compile(files).unwrap_err();
        assert_eq!((problems.len(), problems[0].line()), (1, 3));
        assert_eq!(problems[0].message, "the file is not valid UTF-8 here");
    }

    #[test]
    fn duplicates_name_both_places() {
        let nested = ("en.json", "{\"a.b\": \"1\",\n\"a\": {\"b\": \"2\"}}");
        assert_eq!(problems(&[nested]), ["en.json:2: duplicate key \"a.b\", already at en.json:1"]);
        let files = [
            ("en/a.json", "{\n\n\"b\": \"1\"}"),
            ("en/a/b.html", "x"),
            ("EN.json", "{\n\"a.b\": {\"$text\": \"2\"}}"),
            ("de.json", "{\"a.b\": \"3\"}"),
        ];
        let expected = [
            "en/a.json:3: duplicate key \"a.b\", already at EN.json:2",
            "en/a/b.html:1: duplicate key \"a.b\", already at EN.json:2",
        ];
        assert_eq!(problems(&files), expected);
        let mut reversed = files;
        reversed.reverse();
        assert_eq!(problems(&reversed), expected);
    }

    #[test]
    fn a_rejected_entry_still_takes_its_key() {
        let text = "{\"a\": {\"$html\": \"<svg/>\"},\n\"a.b\": \"\"}";
        let told = problems(&[("en.json", text), ("en/a.html", "x")]);
        assert_eq!(told.len(), 2);
        assert_eq!(told[1], "en/a.html:1: duplicate key \"a\", already at en.json:1");
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let told = problems(&[
            ("de.json", "{"),
            ("en.json", "{\"a\": 1, \"b\": null,\n\"c d\": \"\"}"),
            ("site.json", "{\"x\": 1}"),
            ("x_y/a.json", "{}"),
            ("x_y/b.json", "{}"),
        ]);
        let places: Vec<&str> = told.iter().map(|t| t.split(": ").next().unwrap()).collect();
        let expected =
            ["de.json:1", "en.json:1", "en.json:1", "en.json:2", "site.json:1", "x_y/a.json:1"];
        assert_eq!(places, expected);
    }
}
