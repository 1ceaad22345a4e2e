"""Dynamic resource providers. Their module paths are frozen: state refers to them by import path."""
