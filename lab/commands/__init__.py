"""The commands of `python -m lab`, and how they look."""
