//! `[site.locale]` and `[site.variables]`.

use super::super::place::Written;
use super::super::reader::{Entry, Reader};

/// `[site.locale]`
#[derive(Debug, Default)]
pub(in crate::config) struct Locale {
    pub(in crate::config) default: Option<Written<String>>,
    pub(in crate::config) from: Option<Vec<Written<String>>>,
    pub(in crate::config) strip: Option<Vec<Written<String>>>,
    pub(in crate::config) redirect: Option<Written<bool>>,
    /// The key of each is a host, its value a locale.
    pub(in crate::config) hosts: Option<Vec<Entry<Written<String>>>>,
    pub(in crate::config) alternates: Option<Written<Alternates>>,
}

/// `[site.locale.alternates]`
#[derive(Debug, Default)]
pub(in crate::config) struct Alternates {
    pub(in crate::config) base: Option<Written<String>>,
}

/// `[site.variables]`: what each is made of, by name.
pub(in crate::config) type Variables = Vec<Entry<Vec<Given>>>;

/// One key of a variable.
#[derive(Debug)]
pub(in crate::config) enum Given {
    Header(Written<String>),
    Cookie(Written<String>),
    Query(Written<String>),
    Path(Written<String>),
    Shared(Written<bool>),
}

impl Locale {
    pub(super) fn read(table: &mut Reader<'_>) -> Self {
        Self {
            default: table.scalar("default"),
            from: table.list("from"),
            strip: table.list("strip"),
            redirect: table.scalar("redirect"),
            hosts: table.entries("hosts"),
            alternates: table
                .optional_table("alternates", |table| Alternates { base: table.scalar("base") }),
        }
    }
}

impl Given {
    pub(super) fn read(table: &mut Reader<'_>) -> Vec<Self> {
        [
            table.scalar("header").map(Self::Header),
            table.scalar("cookie").map(Self::Cookie),
            table.scalar("query").map(Self::Query),
            table.scalar("path").map(Self::Path),
            table.scalar("shared").map(Self::Shared),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
