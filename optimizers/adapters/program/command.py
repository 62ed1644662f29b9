"""Commands: split as a shell would, and identified by the content of what they run."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import shutil
from pathlib import Path

from problems.foundation.errors import InvalidInput
from problems.foundation.files import digest_of_file

DIGITS = 8
"""Length of a digest."""


def words_of(command: str) -> list[str]:
    """Split a command as a shell would; the first word becomes the path of the program.

    Raises:
        InvalidInput: If it is empty or cannot be split, or there is no such program.
    """
    what = f"optimizer 'exec:{command}'"
    if not command.isprintable() or "#" in command:
        expected = "a printable command without '#', which marks the digest of its program"
        raise InvalidInput(what, expected=expected, actual=command)
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise InvalidInput(
            what, expected="a command, quoted as in a shell", actual=command, hint=f"{error}."
        ) from error
    if not words:
        raise InvalidInput(what, expected="a command after 'exec:'", actual="nothing", hint="For example exec:./mine")
    program = shutil.which(words[0])
    if program is None:
        raise InvalidInput(what, expected="a program that can be run", actual=words[0], hint=_advice(words[0]))
    return [os.path.abspath(program), *words[1:]]


def _advice(program: str) -> str:
    if not Path(program).is_file():
        return "Paths start at the current folder; a name without a slash is searched on the PATH."
    if "/" in program:
        return f"It may not be run: chmod +x {shlex.quote(program)}"
    return f"The one in the current folder is ./{program}"


def without_folders(command: str) -> str:
    """Return ``command`` with each path's last part alone, which it has wherever it lies."""
    return shlex.join(re.sub("[^=]*/", "", word) for word in shlex.split(command))


def digest_of(words: list[str]) -> str:
    """Hash what ``words`` run: the program's file, and the first argument that is a file.

    The latter is the script if the program is an interpreter.
    """
    files = [words[0], *[word for word in words[1:] if os.path.isfile(word)][:1]]
    digests = [digest_of_file(Path(file)) for file in files]
    return hashlib.sha256("".join(digests).encode()).hexdigest()[:DIGITS]
