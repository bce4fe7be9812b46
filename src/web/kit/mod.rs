//! What every page is made of: layout, assets, forms, sessions and the guards around them.

mod app;
pub mod assets;
pub mod column;
pub mod cookies;
mod csrf;
mod fault;
pub mod flash;
pub mod frame;
pub(super) mod headers;
mod hex;
mod names;
mod own_path;
pub mod page;
pub mod pager;
mod problems;
pub mod query;
pub mod route;
pub mod shown;
pub mod stamp;
pub(super) mod visit;
pub mod words;

pub use app::App;
pub use column::{Column, Direction};
pub use csrf::{CsrfToken, ProtectedForm};
pub use fault::{Fault, retry_after};
pub use frame::{Flash, Frame, Section, Theme, Viewer};
pub use names::Names;
pub use own_path::OwnPath;
pub use page::Page;
pub use pager::Pager;
pub use problems::{Problem, Problems};
pub use query::Query;
pub use route::{Access, Route};
pub use shown::Shown;
pub use stamp::Stamp;
pub use visit::{Session, Visit};
