//! Clusters, fake Gatling and network namespaces for the tests of BFG-G.
