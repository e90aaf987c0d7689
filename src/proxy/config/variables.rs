//! Values that messages may take out of a request.

use hyper::header::HeaderName;

/// A value that messages may take out of a request, by name.
#[derive(Debug, Clone)]
pub struct Variable {
    /// `[A-Za-z_][A-Za-z0-9_]*`, unique in its site.
    pub name: String,
    /// Where it is.
    pub source: VariableSource,
}

/// Where a value is.
#[derive(Debug, Clone)]
pub enum VariableSource {
    /// In a header of the request.
    Header {
        /// Which.
        name: HeaderName,
        /// Whether shared caches may keep what is printed with it.
        shared: bool,
    },
    /// In a cookie.
    Cookie {
        /// Which.
        name: String,
        /// Whether shared caches may keep what is printed with it.
        shared: bool,
    },
    /// In the parameter of this name.
    Query(String),
    /// In the path.
    Path(PathPattern),
}

/// `/stores/*`: where in a path a value is. What follows does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern {
    /// The segments before the value, as they are in a path.
    pub before: Vec<String>,
    /// The segments behind it.
    pub after: Vec<String>,
}
