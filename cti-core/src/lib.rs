//! The call model and the Center: a deterministic, sans-IO call-centre machine.
