"""``python -m bench`` is ``m3e``."""

from bench.cli import main

if __name__ == "__main__":
    main()
