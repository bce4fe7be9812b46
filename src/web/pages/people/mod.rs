//! Who may use the panel, and what signing in takes: for administrators.

mod sign_in;
mod users;

use crate::{
    store::Role,
    web::kit::{Access, Route},
};

const ADMINISTRATOR: Access = Access::Role(Role::Administrator);

pub(super) fn routes() -> Vec<Route> {
    let mut routes = users::routes();
    routes.extend(sign_in::routes());
    routes
}
