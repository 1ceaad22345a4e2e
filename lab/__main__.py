"""``python -m lab``: the program in the lab."""

from lab.cli import main

if __name__ == "__main__":
    main()
