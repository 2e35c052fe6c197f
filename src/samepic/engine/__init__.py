"""Matching, choosing, deciding (pure), and the thin modules that act."""
