"""All checks of the project, in the environment it is run in: ``python tests/check.py``.

Further arguments go to pytest.
"""

import subprocess
import sys
from pathlib import Path

CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("pytest", "-n", "auto", "--dist", "worksteal", "--durations", "40", *sys.argv[1:]),
)


def main() -> int:
    """Run every check, whatever the others say; 0 if all pass."""
    root = Path(__file__).resolve().parents[1]
    failed = []
    for check in CHECKS:
        print(f"$ python -m {' '.join(check)}", flush=True)
        if subprocess.run([sys.executable, "-m", *check], cwd=root, check=False).returncode:
            failed.append(check[0])
    if failed:
        print(f"failed: {', '.join(failed)}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
