//! Who gets the call: queues, strategies, overflow and explanations.
