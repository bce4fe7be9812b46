//! Who may use the panel, and what signing in takes: for administrators.

mod sign_in;
mod users;

pub(super) use sign_in::PATH as SIGN_IN;
pub(super) use users::PATH as USERS;

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
