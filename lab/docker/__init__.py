"""The lab's Docker side: the provider stand-in, and an Engine to simulate where none is."""
