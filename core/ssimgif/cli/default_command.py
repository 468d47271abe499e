"""A command with others in it that is used without naming one, and its help."""

from __future__ import annotations

import os

import click
from click.shell_completion import CompletionItem

from ssimgif.cli.options import GROUPS, REST


class DefaultCommand(click.Group):
    """A group that takes a first word which is no command for the input of ``convert``."""

    default = "convert"
    plugins_asked = False

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default command's name before arguments that have none."""
        own = (*ctx.help_option_names, "--version")
        if args and args[0] not in own and self.get_command(ctx, args[0]) is None:
            args = [self.default, *args]
        return super().parse_args(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a command, asking plug-ins only for a name that the core does not know."""
        if cmd_name not in self.commands and not cmd_name.startswith("-"):
            self._ask_plugins()
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List all commands but the default one, plug-ins' too."""
        self._ask_plugins()
        return [name for name in super().list_commands(ctx) if name != self.default]

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the first word: a command, a file, or an option of the default command."""
        found = super().shell_complete(ctx, incomplete)
        if incomplete.startswith("-"):
            return self.commands[self.default].shell_complete(ctx, incomplete) + found
        return [*found, CompletionItem(incomplete, type="file")]

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show how the default command and the others are called."""
        formatter.write_usage(ctx.command_path, "[OPTIONS] IN... OUT.gif")
        formatter.write_usage(ctx.command_path, "COMMAND ...", prefix="       ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the options of the default command in groups, then the other commands."""
        records = {}
        for option in (*self.commands[self.default].params, *self.get_params(ctx)):
            record = isinstance(option, click.Option) and option.get_help_record(ctx)
            if record:
                records[option.opts[-1]] = record
        # One width for all groups.
        first = max(len(record[0]) for record in records.values())
        for title, names in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([_padded(records.pop(name), first) for name in names])
        with formatter.section(REST):
            formatter.write_dl([_padded(record, first) for record in records.values()])
        self.format_commands(ctx, formatter)

    def _ask_plugins(self) -> None:
        if not self.plugins_asked:
            self.plugins_asked = True
            if _plugins_installed():
                from ssimgif import plugins
                from ssimgif.host import kernel_cache

                kernel_cache.prepare()
                plugins.add_commands(self._add_plugin_command)

    def _add_plugin_command(self, new: click.Command) -> None:
        if new.name in self.commands:
            raise ValueError(f"there is already a command named {new.name!r}")
        self.add_command(new)


class Convert(click.Command):
    """The default command: its help is that of all."""

    def get_help(self, ctx: click.Context) -> str:
        """Return the help of the command that it belongs to."""
        return ctx.find_root().get_help()


def _padded(record: tuple[str, str], width: int) -> tuple[str, str]:
    return record[0].ljust(width), record[1]


def _plugins_installed() -> bool:
    from importlib.metadata import entry_points

    return os.environ.get("SSIMGIF_PLUGINS") != "" and bool(entry_points(group="ssimgif"))
