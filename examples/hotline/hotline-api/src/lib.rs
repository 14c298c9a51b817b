//! The hotline's HTTP interface.
