//! Real pages.
