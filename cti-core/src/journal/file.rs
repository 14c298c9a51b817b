//! Framed append file.
