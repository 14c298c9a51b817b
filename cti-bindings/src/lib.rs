//! How others speak to the Center: REST and WebSocket.
