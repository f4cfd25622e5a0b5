//! Promises, tested through the public API.
