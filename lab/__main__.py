"""``python -m lab``: the program in the lab."""

from lab.commands.cli import main

if __name__ == "__main__":
    main()
