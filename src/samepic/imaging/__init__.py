"""Untrusted bytes in, plain renditions out."""
