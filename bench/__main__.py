"""``python -m bench`` is ``m3e``."""

import os
import sys

if __name__ == "__main__":
    if sys.path[0] == os.getcwd() and not __file__.startswith(os.path.join(sys.path[0], "bench")):
        del sys.path[0]  # a file there that is called as one of our modules would be taken for it

    from bench.cli import main

    main()
