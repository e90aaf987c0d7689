//! Why a slot keeps the origin's text. One vocabulary for logs, `explain`, `scan` and tests.

use std::fmt;

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident $name:literal $text:literal)*) => {
        /// Why a slot was left alone.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Reason { $($(#[$doc])* $variant,)* }

        impl Reason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// A stable name for logs and metrics: `snake_case`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What happened, in a sentence for people.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

reasons! {
    /// No locale of the fallback chain has the key.
    MissingKey "missing_key" "there is no content for this key"
    /// The label's value is not a key, or not a list of `attribute: key`.
    BadLabel "bad_label" "the label is not a key, or not a list of `attribute: key`"
    /// The key begins with a dot, and no element around it has a `…-scope`.
    NoScope "no_scope" "the key begins with a dot, and nothing around it says below which key it stands"
    /// `…-args` is not a JSON object.
    BadArguments "bad_arguments" "the arguments are not a JSON object"
    /// The message takes an argument that neither the origin nor the request supplies.
    MissingArgument "missing_argument" "the message takes an argument that is not there"
    /// An argument is not what the message takes it for: a number, a date, a text.
    WrongArgument "wrong_argument" "an argument is of another kind than the message takes: a word where a number or a date belongs, or a list"
    /// The element is never closed.
    UnclosedElement "unclosed_element" "the element is still open at the end of the page"
    /// The default text is larger than `max_slot`.
    TooLarge "too_large" "the default text is larger than `limits.max_slot`"
    /// Scripts, styles, the document's frame and table rows hold no copy.
    ForbiddenElement "forbidden_element" "this element's content is never replaced"
    /// `<img>` and its like have attributes only.
    VoidElement "void_element" "this element has no content; label its attributes instead"
    /// What runs code, steers the parser or is a label is never set.
    ForbiddenAttribute "forbidden_attribute" "this attribute is never set"
    /// An earlier part of the label sets the same attribute.
    DuplicateAttribute "duplicate_attribute" "the label sets this attribute twice; the first wins"
    /// A URL attribute whose content is not relative, `http`, `https`, `mailto` or `tel`.
    UnsafeUrl "unsafe_url" "the content is not a relative, http, https, mailto or tel URL, or an argument is a step (`..`) in its path"
    /// A formatting element is open across the slot's edge and would be rebuilt after it.
    OpenFormatting "open_formatting" "a formatting element is left open here, and browsers rebuild it in what follows"
    /// Tags overlap so that the parser moves nodes across the slot's edge.
    Misnested "misnested" "tags overlap here, and browsers move nodes across the slot's edge"
    /// Parsers differ on this markup.
    AmbiguousMarkup "ambiguous_markup" "browsers do not agree on how this markup is read"
    /// The parser ignores the tag where it stands.
    IgnoredTag "ignored_tag" "browsers ignore this tag where it stands"
    /// The parser moves what stands here in front of the table.
    Fostered "fostered" "browsers move what stands here in front of the table"
    /// The content has an element that would end the one it is printed in.
    BreaksOut "breaks_out" "the content has an element that would end the one it is put in"
    /// The page has more labels than are planned for.
    TooManySlots "too_many_slots" "the page has too many labels before this one"
    /// The page nests deeper than browsers keep.
    TooDeep "too_deep" "elements nest deeper here than browsers keep"
    /// The page's charset is not ASCII-compatible.
    Charset "charset" "the page is in UTF-16 or another charset that is not ASCII-compatible"
    /// A tag, or another token, is longer than any real one.
    TokenTooLong "token_too_long" "a tag before this one is longer than a megabyte"
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
