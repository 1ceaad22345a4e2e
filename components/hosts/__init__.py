"""Where the server runs: a VPS at AWS, or a machine that exists."""
