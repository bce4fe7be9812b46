//! `portreeve`: the panel and its command line.

fn main() {}
