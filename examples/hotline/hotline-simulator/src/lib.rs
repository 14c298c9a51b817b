//! A city's day in virtual time.
