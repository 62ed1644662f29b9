"""The group ``m3e``, which loads a command only when it is called."""

from __future__ import annotations

from collections.abc import Sequence

import click

from bench.commands import COMMANDS, CommandEntry
from bench.console.interrupts import interruption
from problems.foundation.errors import BrokenEntry, CommandInterrupted, Interrupted, UnknownName

_CALLED = "bench.commands.called"
"""Key of the called command's name in a context."""


class LazyGroup(click.Group):
    """A group that looks its commands up in ``bench.commands``; unknown ones answer "did you mean"."""

    def invoke(self, ctx: click.Context) -> object:
        """Call the command; an interruption becomes an error that says what holds."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            entry = COMMANDS.get(ctx.meta[_CALLED]) if _CALLED in ctx.meta else None
            holds = entry.interrupted if isinstance(entry, CommandEntry) else ""
            cause = error if isinstance(error, Interrupted) else interruption()  # of a search that was ended by it
            raise CommandInterrupted(cause, holds) from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return COMMANDS.names()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load the command of that name; None if there is none.

        Raises:
            MissingExtra, BrokenEntry: If it cannot be loaded, or is not a command.
        """
        if cmd_name not in COMMANDS.names():
            return None
        ctx.meta[_CALLED] = cmd_name
        entry = COMMANDS.get(cmd_name)
        command: object = entry.load()
        if not isinstance(command, click.Command):
            what = f"command {cmd_name!r}: {entry.factory!r} names a {type(command).__name__}"
            raise BrokenEntry(f"{what}, expected a click.Command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Resolve a command; an unknown one is a usage error with a suggestion."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS.names():
            raise click.UsageError(str(UnknownName("command", args[0], COMMANDS.names())), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their summaries, without loading any."""
        rows = [(name, COMMANDS.get(name).summary) for name in COMMANDS.names()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="m3e")
def group() -> None:
    """Benchmark black-box optimizers on mapping DNN layers onto multi-core accelerators."""


def call(arguments: Sequence[str] | None) -> int:
    """Call the command that ``arguments`` name, and return its exit code.

    Raises:
        click.ClickException, M3EError, KeyboardInterrupt: As the command.
    """
    code = group.main(args=arguments, prog_name="m3e", standalone_mode=False)
    return code if isinstance(code, int) else 0
