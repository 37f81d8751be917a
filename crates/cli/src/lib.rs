//! The BFG-G command line: serve, run, agents, token, demo.
