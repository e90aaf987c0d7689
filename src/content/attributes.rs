//! How many attributes a tag has, before anything parses it.
//!
//! Where a tokenizer sees a tag depends on all that is before it. So every `<` is taken for one:
//! among them are those that are tags.

/// How many bytes may be looked at in all. Tags follow each other, and then it is each byte once;
/// what has thousands of unclosed ones in each other is no passage of text.
const BUDGET: usize = 32 << 20;

/// Counts, for a limited time.
pub(super) struct Counter {
    limit: usize,
    budget: usize,
}

impl Counter {
    /// Of a tag with more than `limit` it is not known how many more.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, budget: BUDGET }
    }

    /// The attributes of the tag behind whose `<` is `tag`, by the standard's own states (WHATWG HTML
    /// §13.2.5.8 and .32 to .40); none where there are too many.
    pub(super) fn count(&mut self, tag: &str) -> Option<usize> {
        let name = tag.strip_prefix('/').unwrap_or(tag);
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Some(0);
        }
        let mut rest = behind(name.as_bytes(), |byte| is_space(byte) || b"/>".contains(&byte));
        for count in 0..=self.limit {
            rest = behind(rest, |byte| !is_space(byte) && byte != b'/');
            let seen = tag.len() - rest.len();
            match rest.first() {
                None | Some(b'>') => return self.spend(seen).then_some(count),
                Some(_) => rest = behind_attribute(rest),
            }
        }
        None
    }

    fn spend(&mut self, bytes: usize) -> bool {
        let left = self.budget.checked_sub(bytes);
        self.budget = left.unwrap_or(0);
        left.is_some()
    }
}

fn behind_attribute(tag: &[u8]) -> &[u8] {
    // What a name begins with belongs to it, even `=`.
    let name = behind(&tag[1..], |byte| is_space(byte) || b"/>=".contains(&byte));
    let rest = behind(name, |byte| !is_space(byte));
    let Some(value) = rest.strip_prefix(b"=") else { return rest };
    let value = behind(value, |byte| !is_space(byte));
    match value {
        [quote @ (b'"' | b'\''), quoted @ ..] => {
            let rest = behind(quoted, |byte| byte == *quote);
            rest.get(1..).unwrap_or_default()
        }
        _ => behind(value, |byte| is_space(byte) || byte == b'>'),
    }
}

/// From the first byte on that `ends`.
fn behind(text: &[u8], ends: impl Fn(u8) -> bool) -> &[u8] {
    let end = text.iter().position(|byte| ends(*byte)).unwrap_or(text.len());
    &text[end..]
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

#[cfg(test)]
mod tests {
    use html5ever::tendril::StrTendril;
    use html5ever::tokenizer::{
        BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
    };

    use super::*;

    /// Of the first tag, as html5ever has it.
    #[derive(Default)]
    struct First(std::cell::Cell<Option<usize>>);

    impl TokenSink for First {
        type Handle = ();

        fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
            if let Token::TagToken(tag) = token {
                self.0.set(self.0.get().or(Some(tag.attrs.len())));
            }
            TokenSinkResult::Continue
        }
    }

    fn reference(markup: &str) -> Option<usize> {
        let tokenizer = Tokenizer::new(First::default(), TokenizerOpts::default());
        let queue = BufferQueue::default();
        queue.push_back(StrTendril::from_slice(markup));
        let _ = tokenizer.feed(&queue);
        tokenizer.end();
        tokenizer.sink.0.get()
    }

    #[test]
    fn attributes_are_counted_as_a_tokenizer_counts_them() {
        for (tag, count) in [
            ("b>", 0),
            ("b/>", 0),
            ("b a>c d", 1),
            ("b a=\"<b c>\" d='>'e=f/g h>", 4),
            ("b a=b/c d>", 2),
            ("b =a =b c>", 2),
            ("b a==b c>", 2),
            ("b a = 'b' c\n=\td>", 2),
            ("b a='b'c\"d\"e>", 2),
            ("b/a/b/ /c>", 3),
            ("b a=>c", 1),
            ("1 a b>", 0),
            ("!-- a b>", 0),
        ] {
            assert_eq!(Counter::new(9).count(tag), Some(count), "{tag}");
            assert!(reference(&format!("<{tag}")).is_none_or(|found| found == count), "{tag}");
        }
        assert_eq!(Counter::new(2).count("b a b c"), None);
    }

    #[test]
    fn random_tags_are_counted_as_a_tokenizer_counts_them() {
        let mut random = fastrand::Rng::with_seed(3);
        for _ in 0..20_000 {
            let pieces = ["a", "b", " ", "/", "=", "'", "\"", "\n", "<", "x"];
            let mut names = 0;
            let mut piece = || match random.choice(pieces).unwrap() {
                // Each name once, for a tokenizer drops what it has.
                "x" => {
                    names += 1;
                    format!("n{names}")
                }
                piece => piece.to_owned(),
            };
            let tag: String = (0..20).map(|_| piece()).collect();
            let markup = format!("<b {tag}>'>\">");
            let count = Counter::new(99).count(&markup[1..]).unwrap();
            assert!(reference(&markup).is_none_or(|found| found <= count), "{markup}");
        }
    }

    #[test]
    fn looking_takes_no_longer_than_it_may() {
        let nested = "<a".repeat(9_999) + &"x".repeat(1 << 20);
        let mut counter = Counter::new(9);
        let counts = nested.match_indices('<').map(|(at, _)| counter.count(&nested[at + 1..]));
        assert!(counts.into_iter().any(|count| count.is_none()));
    }
}
