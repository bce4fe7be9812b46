//! The real kernel, in network namespaces that the tests make and remove.

mod case;
mod differential;
mod kinds;
pub mod lab;
mod mutants;
mod mutation;
mod replace;
