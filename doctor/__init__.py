"""Checks of a running deployment, from outside: what its outputs promise, the world must show.

The doctor reads the stack's outputs, asks the DNS and opens connections; it changes nothing. Of
mailstack it imports `mail` alone, so it stays right when the program that deploys is wrong.
"""
