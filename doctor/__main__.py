"""``python -m doctor``: is the deployment what its outputs say?"""

from doctor.cli import main

if __name__ == "__main__":
    main()
