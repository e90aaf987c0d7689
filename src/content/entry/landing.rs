//! Where an entry is printed, and why it may not be.

/// Where an entry lands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Landing<'a> {
    /// Where markup means something.
    Markup,
    /// Where everything is text: a title, a text area, SVG.
    Text,
    /// In the attribute of that name, in lower case.
    Attribute(&'a str),
}

/// Why an entry is not printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unprintable {
    /// It takes an argument that is not there.
    MissingArgument,
    /// It takes an argument for something that it is not.
    WrongArgument,
    /// It would be a URL that is neither relative nor `http`, `https`, `mailto` or `tel`.
    UnsafeUrl,
}

impl From<crate::message::Unprintable<'_>> for Unprintable {
    fn from(unprintable: crate::message::Unprintable<'_>) -> Self {
        match unprintable {
            crate::message::Unprintable::Missing(_) => Self::MissingArgument,
            crate::message::Unprintable::WrongType(_) => Self::WrongArgument,
        }
    }
}
