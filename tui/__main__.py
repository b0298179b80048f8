"""``python -m tui``: the same program as ``codedeploy-forensics``."""

import sys

from tui.cli import main

if __name__ == "__main__":
    sys.exit(main())
