//! What only a browser can tell: the whole way from the setup link to signing out, with the real programs behind it.

pub mod axe;
mod blocked;
mod closing;
mod cut_off;
mod hostile;
mod journey;
mod rules;
pub mod stage;
pub mod webdriver;
