//! Exact, mergeable statistics of a load test.
