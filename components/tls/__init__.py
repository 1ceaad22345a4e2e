"""The certificate, and the client that obtains it."""
