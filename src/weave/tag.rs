//! Element names and the sets of them that tree construction goes by (WHATWG HTML §13.2.4, §13.2.6).

/// The name of an element as tree construction needs it: which of the special ones it is, and an
/// identity that tells any two names apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) tag: Tag,
    /// Hash of the whole lower-cased name; the tag alone for names that have one.
    id: u64,
}

impl Name {
    /// Reads a tag name; ASCII case is folded, as the tokenizer does.
    pub(super) fn parse(name: &[u8]) -> Self {
        match lookup(pack(name), name) {
            Some(tag) => Self::of(tag),
            None if name.iter().any(|&byte| byte == 0 || byte >= 0x80) => Self::UNREADABLE,
            None => Self { tag: Tag::Other, id: fold(name) },
        }
    }

    /// A name that only its decoding tells from others: two that differ here may be the same.
    pub(super) const UNREADABLE: Self = Self { tag: Tag::Other, id: 0 };

    /// The name of a known tag.
    pub(super) const fn of(tag: Tag) -> Self {
        Self { tag, id: tag as u64 }
    }
}

/// FNV-1a over the lower-cased bytes, kept clear of the identities of known tags.
fn fold(name: &[u8]) -> u64 {
    let hash = name.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    });
    hash | 1 << 63
}

/// The first eight bytes, lower-cased, and the length.
const fn pack(name: &[u8]) -> u64 {
    let mut packed = 0;
    let mut at = 0;
    while at < name.len() && at < 8 {
        packed = packed << 8 | name[at].to_ascii_lowercase() as u64;
        at += 1;
    }
    packed.wrapping_add((name.len() as u64) << 56)
}

const SLOTS: usize = 512;

const fn slot_of(packed: u64) -> usize {
    (packed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 55) as usize
}

/// Of what `pack` makes of names, only those longer than eight bytes need a second look.
fn lookup(packed: u64, name: &[u8]) -> Option<Tag> {
    let mut slot = slot_of(packed);
    loop {
        let (candidate, tag) = TABLE[slot];
        if candidate == 0 {
            return None;
        }
        if candidate == packed {
            let known = NAMES[tag as usize].0.as_bytes();
            return (name.len() <= 7 || known.eq_ignore_ascii_case(name)).then_some(tag);
        }
        slot = (slot + 1) % SLOTS;
    }
}

/// Names by hash, open addressing; made by the compiler.
static TABLE: [(u64, Tag); SLOTS] = {
    let mut table = [(0, Tag::Other); SLOTS];
    let mut at = 0;
    while at < NAMES.len() {
        let packed = pack(NAMES[at].0.as_bytes());
        let mut slot = slot_of(packed);
        while table[slot].0 != 0 {
            assert!(table[slot].0 != packed, "two names look alike");
            slot = (slot + 1) % SLOTS;
        }
        table[slot] = (packed, NAMES[at].1);
        at += 1;
    }
    table
};

macro_rules! tags {
    ($($variant:ident $name:literal)*) => {
        /// The elements that tree construction treats differently from a `<span>`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum Tag { $($variant,)* Other }

        const NAMES: &[(&str, Tag)] = &[$(($name, Tag::$variant),)*];
    };
}

tags! {
    A "a" Address "address" AnnotationXml "annotation-xml" Applet "applet" Area "area"
    Article "article" Aside "aside" B "b" Base "base" Basefont "basefont" Bgsound "bgsound"
    Big "big" Blockquote "blockquote" Body "body" Br "br" Button "button" Caption "caption"
    Center "center" Code "code" Col "col" Colgroup "colgroup" Dd "dd" Desc "desc"
    Details "details" Dialog "dialog" Dir "dir" Div "div" Dl "dl" Dt "dt" Em "em" Embed "embed"
    Fieldset "fieldset" Figcaption "figcaption" Figure "figure" Font "font" Footer "footer"
    ForeignObject "foreignobject" Form "form" Frame "frame" Frameset "frameset" H1 "h1" H2 "h2"
    H3 "h3" H4 "h4" H5 "h5" H6 "h6" Head "head" Header "header" Hgroup "hgroup" Hr "hr"
    Html "html" I "i" Iframe "iframe" Image "image" Img "img" Input "input" Keygen "keygen"
    Li "li" Link "link" Listing "listing" Main "main" Malignmark "malignmark" Marquee "marquee"
    Math "math" Menu "menu" Meta "meta" Mglyph "mglyph" Mi "mi" Mn "mn" Mo "mo" Ms "ms"
    Mtext "mtext" Nav "nav" Nobr "nobr" Noembed "noembed" Noframes "noframes"
    Noscript "noscript" Object "object" Ol "ol" Optgroup "optgroup" Option "option" P "p"
    Param "param" Plaintext "plaintext" Pre "pre" Rb "rb" Rp "rp" Rt "rt" Rtc "rtc" Ruby "ruby"
    S "s" Script "script" Search "search" Section "section" Select "select" Small "small"
    Source "source" Span "span" Strike "strike" Strong "strong" Style "style" Sub "sub"
    Summary "summary" Sup "sup" Svg "svg" Table "table" Tbody "tbody" Td "td"
    Template "template" Textarea "textarea" Tfoot "tfoot" Th "th" Thead "thead" Title "title"
    Tr "tr" Track "track" Tt "tt" U "u" Ul "ul" Var "var" Wbr "wbr" Xmp "xmp"
}

/// How many tags there are, `Other` included.
pub(super) const COUNT: usize = NAMES.len() + 1;
const _: () = assert!(COUNT <= 128, "a TagSet is 128 bits");

/// A set of tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct TagSet(u128);

impl TagSet {
    pub(super) const EMPTY: Self = Self(0);

    pub(super) const fn of(tags: &[Tag]) -> Self {
        let mut bits = 0;
        let mut at = 0;
        while at < tags.len() {
            bits |= 1 << tags[at] as u8;
            at += 1;
        }
        Self(bits)
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn but(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) const fn has(self, tag: Tag) -> bool {
        self.0 >> tag as u8 & 1 == 1
    }

    pub(super) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn add(&mut self, tag: Tag) {
        self.0 |= 1 << tag as u8;
    }
}

/// The sets, each named as the standard names it.
pub(super) mod sets {
    use super::{Tag::*, TagSet};

    const fn set(tags: &[super::Tag]) -> TagSet {
        TagSet::of(tags)
    }

    pub(crate) const HEADINGS: TagSet = set(&[H1, H2, H3, H4, H5, H6]);
    pub(crate) const FORMATTING: TagSet =
        set(&[A, B, Big, Code, Em, Font, I, Nobr, S, Small, Strike, Strong, Tt, U]);
    /// Elements that never have content, obsolete ones included.
    pub(crate) const VOID: TagSet = set(&[
        Area, Base, Basefont, Bgsound, Br, Col, Embed, Frame, Hr, Image, Img, Input, Keygen, Link,
        Meta, Param, Source, Track, Wbr,
    ]);
    /// Void elements before which formatting is reconstructed.
    pub(crate) const VOID_PHRASING: TagSet =
        set(&[Area, Br, Embed, Image, Img, Input, Keygen, Wbr]);
    /// Elements whose content is one run of text to the tokenizer, references decoded.
    pub(crate) const RCDATA: TagSet = set(&[Textarea, Title]);
    /// Elements whose content is one run of text to the tokenizer, taken as it is.
    pub(crate) const RAW_TEXT: TagSet =
        set(&[Iframe, Noembed, Noframes, Noscript, Plaintext, Script, Style, Xmp]);
    /// Processed alike wherever they stand; none of them closes anything.
    pub(crate) const METADATA: TagSet =
        set(&[Base, Basefont, Bgsound, Link, Meta, Noframes, Script, Style, Template, Title]);
    /// Start tags that close a `p` and are otherwise ordinary.
    pub(crate) const BLOCKS: TagSet = set(&[
        Address, Article, Aside, Blockquote, Center, Details, Dialog, Dir, Div, Dl, Fieldset,
        Figcaption, Figure, Footer, Header, Hgroup, Listing, Main, Menu, Nav, Ol, P, Pre, Search,
        Section, Summary, Ul,
    ]);
    /// Every start tag that closes a `p` in button scope; `table` does so outside quirks mode.
    pub(crate) const CLOSES_P: TagSet =
        BLOCKS.or(HEADINGS).or(set(&[Dd, Dt, Form, Hr, Li, Plaintext, Table, Xmp]));
    /// End tags that close their element, and all in it, if it is in scope.
    pub(crate) const CLOSED_IN_SCOPE: TagSet = BLOCKS.but(set(&[P])).or(set(&[Button, Select]));
    pub(crate) const IMPLIED_END: TagSet = set(&[Dd, Dt, Li, Optgroup, Option, P, Rb, Rp, Rt, Rtc]);
    pub(crate) const MARKED: TagSet = set(&[Applet, Marquee, Object]);
    pub(crate) const CELLS: TagSet = set(&[Td, Th]);
    pub(crate) const ROW_GROUPS: TagSet = set(&[Tbody, Tfoot, Thead]);
    /// Start tags that only mean something inside a table.
    pub(crate) const TABLE_PARTS: TagSet =
        set(&[Caption, Col, Colgroup, Tr]).or(CELLS).or(ROW_GROUPS);
    /// Table elements that hold only table elements: text in them is moved out of the table.
    pub(crate) const TABLE_FRAMES: TagSet = set(&[Colgroup, Table, Tr]).or(ROW_GROUPS);
    pub(crate) const SCOPE: TagSet =
        set(&[Applet, Caption, Html, Marquee, Object, Select, Table, Td, Template, Th]);
    pub(crate) const LIST_ITEM_SCOPE: TagSet = SCOPE.or(set(&[Ol, Ul]));
    pub(crate) const BUTTON_SCOPE: TagSet = SCOPE.or(set(&[Button]));
    pub(crate) const TABLE_SCOPE: TagSet = set(&[Html, Table, Template]);
    pub(crate) const SPECIAL: TagSet = BLOCKS
        .or(HEADINGS)
        .or(TABLE_PARTS)
        .or(RAW_TEXT)
        .or(RCDATA)
        .or(set(&[
            Applet, Area, Base, Basefont, Bgsound, Body, Br, Button, Col, Dd, Dt, Embed, Form,
            Frame, Frameset, Head, Hr, Html, Img, Input, Keygen, Li, Link, Marquee, Meta, Object,
            Param, Select, Source, Table, Template, Track, Wbr,
        ]))
        .but(set(&[Dialog]));
    /// Specials that a search for an open list item passes.
    pub(crate) const LIST_ITEM_STOPS: TagSet = SPECIAL.but(set(&[Address, Div, P]));
    pub(crate) const MATHML_TEXT_POINTS: TagSet = set(&[Mi, Mn, Mo, Ms, Mtext]);
    pub(crate) const SVG_HTML_POINTS: TagSet = set(&[Desc, ForeignObject, Title]);
    /// HTML start tags that end foreign content (§13.2.6.5); `font` does so by its attributes.
    pub(crate) const BREAKOUT: TagSet = HEADINGS.or(set(&[
        B, Big, Blockquote, Body, Br, Center, Code, Dd, Div, Dl, Dt, Em, Embed, Head, Hr, I, Img,
        Li, Listing, Menu, Meta, Nobr, Ol, P, Pre, Ruby, S, Small, Span, Strike, Strong, Sub, Sup,
        Table, Tt, U, Ul, Var,
    ]));
    /// Never a slot's element: code, fallback for browsers that are gone, the document's frame.
    pub(crate) const FORBIDDEN: TagSet = RAW_TEXT.or(set(&[Body, Head, Html]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_name_is_found_in_any_case() {
        for &(name, tag) in NAMES {
            assert_eq!(Name::parse(name.as_bytes()).tag, tag, "{name}");
            assert_eq!(Name::parse(name.to_ascii_uppercase().as_bytes()), Name::of(tag));
        }
    }

    #[test]
    fn unknown_names_differ_and_fold_case() {
        assert_eq!(Name::parse(b"x-card").tag, Tag::Other);
        assert_eq!(Name::parse(b"x-card"), Name::parse(b"X-CARD"));
        assert_ne!(Name::parse(b"x-card"), Name::parse(b"x-cart"));
        assert_ne!(Name::parse(b"a-name-of-more-than-16"), Name::parse(b"a-name-of-more-than-17"));
        assert_eq!(Name::parse(b"annotation-xmlannotation-xml").tag, Tag::Other);
    }

    #[test]
    fn a_dialog_is_a_block_but_not_special() {
        assert!(sets::BLOCKS.has(Tag::Dialog) && !sets::SPECIAL.has(Tag::Dialog));
    }
}
