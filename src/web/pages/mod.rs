//! One folder per page: its handlers, its view and its forms.

pub mod ports;
