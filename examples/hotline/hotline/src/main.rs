//! The 12345 hotline centre.
fn main() {}
