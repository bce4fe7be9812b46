//! What only a browser can tell: the whole way from the setup link to signing out, with the real programs behind it.

pub mod axe;
mod hostile;
mod journey;
mod stage;
pub mod webdriver;
