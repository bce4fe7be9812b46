//! What every page is made of: layout, assets, forms, sessions and the guards around them.

pub mod assets;
pub mod frame;
pub mod page;

pub use frame::{Flash, Frame, Section, Theme, Viewer};
pub use page::Page;
