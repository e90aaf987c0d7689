//! Header lines as they stood on the wire. Knows nothing of what any header means.

/// Header lines, in the order and the case of the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Headers(Vec<(String, Vec<u8>)>);

impl Headers {
    /// The value of a header that may stand once at most; a repeated one ends the test.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let values = self.all(name);
        assert!(values.len() <= 1, "{name} is repeated: {values:?}");
        values.first().copied()
    }

    /// The values of every line of this name.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.all_bytes(name).into_iter().map(|value| text(name, value)).collect()
    }

    /// The same for values that are not UTF-8.
    pub(crate) fn all_bytes(&self, name: &str) -> Vec<&[u8]> {
        let named = self.0.iter().filter(|(given, _)| given.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_slice()).collect()
    }

    /// Every name, in order and as written.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }

    pub(super) fn push(&mut self, name: impl Into<String>, value: impl AsRef<[u8]>) {
        self.0.push((name.into(), value.as_ref().to_vec()));
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.0.retain(|(given, _)| !given.eq_ignore_ascii_case(name));
    }

    /// Adds one line, without its CRLF. What RFC 9112 section 5 does not allow ends the test.
    pub(super) fn push_line(&mut self, line: &[u8]) {
        let colon = line.iter().position(|&byte| byte == b':');
        let (name, value) = line.split_at(colon.unwrap_or_else(|| malformed(line)));
        if name.is_empty() || line.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
            malformed(line);
        }
        if name.iter().any(u8::is_ascii_whitespace) {
            malformed(line);
        }
        self.push(text("a header name", name), value[1..].trim_ascii());
    }

    /// The lines as bytes, each with its CRLF.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let line = |(name, value): &(String, Vec<u8>)| {
            [name.as_bytes(), b": ", value.as_slice(), b"\r\n"].concat()
        };
        self.0.iter().flat_map(line).collect()
    }
}

/// Splits a head, given with its empty line, into its start line and its headers.
pub(super) fn split_head(head: &[u8]) -> (String, Headers) {
    let head = head.strip_suffix(b"\r\n\r\n").expect("a head ends with an empty line");
    let mut lines = lines(head).into_iter();
    let start = text("the start line", lines.next().unwrap_or_default()).to_owned();
    let mut headers = Headers::default();
    lines.for_each(|line| headers.push_line(line));
    (start, headers)
}

/// Where `needle` starts in `haystack`.
pub(super) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

fn lines(head: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let mut rest = head;
    while let Some(end) = find(rest, b"\r\n") {
        lines.push(&rest[..end]);
        rest = &rest[end + 2..];
    }
    lines.push(rest);
    lines
}

fn text<'a>(what: &str, bytes: &'a [u8]) -> &'a str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("{what} is not UTF-8: {}", bytes.escape_ascii()),
    }
}

fn malformed(line: &[u8]) -> ! {
    panic!("not a header line: {}", line.escape_ascii())
}
