"""Dynamic resource providers. State refers to them by import path: their paths are frozen."""
