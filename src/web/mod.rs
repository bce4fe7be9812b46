//! HTTP: the pages and the kit they are made of.
//!
//! Neighbours: uses `actions` for every change, `store` for reads, `firewall` and `detect` for values. Never `host`,
//! `boundary` or `helper`: a page request runs no probe.
//!
//! Invariant: every route is declared with its method and who may call it, and every change is a POST with a token.

pub mod kit;
pub mod pages;
