//! The BFG-G agent.
