"""The entry point of ``m3e``: every error becomes one message and an exit code, from the first moment on.

Exit codes: 0 done; 1 done, but runs failed, or a comparison is lost; 2 bad input or storage; 3 internal error; 130
interrupted by Ctrl-C, 143 by SIGTERM, 129 by SIGHUP.
"""

from __future__ import annotations

import atexit
import errno
import os
import sys
import warnings
from collections.abc import Sequence
from typing import TextIO

from bench.console.interrupts import ignore_interrupts, interrupt_once

INTERRUPTED = 130
INTERNAL = 3

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
"""Errors of the place that output goes to, not of the suite."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of ``m3e``, which never shows a traceback."""
    try:
        interrupt_once()
        atexit.register(ignore_interrupts)  # the exit code is decided then
        code = exit_code_of(arguments)
    except KeyboardInterrupt as error:  # before the command was known
        sys.stderr.write("\nm3e: interrupted\n")
        code = getattr(error, "exit_code", INTERRUPTED)
    sys.exit(code)


def exit_code_of(arguments: Sequence[str] | None) -> int:
    """Call the command, report what goes wrong, and return the exit code; imports here can be interrupted."""
    import io

    import click

    from bench.commands.group import call
    from problems.foundation.errors import CommandInterrupted, M3EError, explain
    from problems.foundation.text import printable, visible

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # characters that the terminal cannot show
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            code = call(arguments)
        sys.stdout.flush()
        return code
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        click.echo("\n".join(map(visible, shown.getvalue().splitlines())), err=True)
        return error.exit_code
    except CommandInterrupted as error:
        click.echo(f"\nm3e: {printable(error)}", err=True)
        return error.exit_code
    except M3EError as error:
        click.echo(f"m3e: {printable(error)}", err=True)
        return error.exit_code
    except click.Abort as error:
        click.echo("\nm3e: interrupted", err=True)
        return getattr(error.__cause__, "exit_code", INTERRUPTED)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in FULL:
            click.echo(f"m3e: cannot write: {error.strerror}", err=True)
            return M3EError.exit_code
        if os.environ.get("M3E_DEBUG"):
            raise
        click.echo(f"m3e: internal error: {explain(error)} (M3E_DEBUG=1 shows where)", err=True)
        return INTERNAL


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Print a warning as one line without the place in the code."""
    from problems.foundation.text import printable

    sys.stderr.write(f"m3e: warning: {printable(message)}\n")
