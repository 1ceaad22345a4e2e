"""What gets created: one component per file."""
