//! What every page is made of: layout, assets, forms, sessions and the guards around them.

pub mod assets;
pub mod column;
pub mod frame;
pub mod page;
pub mod pager;
pub mod query;
pub mod shown;
pub mod stamp;
pub mod words;

pub use column::{Column, Direction};
pub use frame::{Flash, Frame, Section, Theme, Viewer};
pub use page::Page;
pub use pager::Pager;
pub use query::Query;
pub use shown::Shown;
pub use stamp::Stamp;
