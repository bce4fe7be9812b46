//! What only a browser can tell.

pub mod webdriver;
