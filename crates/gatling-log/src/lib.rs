//! Decodes, encodes and merges Gatling's simulation.log.
