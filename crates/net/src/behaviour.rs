//! The node's behaviour.
