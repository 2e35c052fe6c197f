"""Tests of imaging; a package so that they can share `samples`."""
