//! What the caller hears: flows, their interpreter, prompts and speech.
