"""Benchmarks: plain scripts that print tables. `make bench` runs them; the tests never do."""
