//! A scripted feed for tests.
