//! Tests of the folder feed; see the files beside it.
