//! What every page is made of: layout, assets, forms, sessions and the guards around them.

mod app;
pub mod assets;
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
mod problems;
pub mod route;
pub(super) mod visit;

pub use app::App;
pub use csrf::{CsrfToken, ProtectedForm};
pub use fault::{Fault, retry_after};
pub use frame::{Flash, Frame, Section, Theme, Viewer};
pub use names::Names;
pub use own_path::OwnPath;
pub use page::Page;
pub use problems::{Problem, Problems};
pub use route::{Access, Route};
pub use visit::{Session, Visit};
