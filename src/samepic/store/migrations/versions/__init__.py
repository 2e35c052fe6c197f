"""One module for each revision, oldest first; written once, then never changed."""
