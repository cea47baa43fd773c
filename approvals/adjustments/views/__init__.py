"""Pages: try rules out, change a standard, decide on its drafts."""
