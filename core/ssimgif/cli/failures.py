"""How a command's failure is told: one sentence, and an exit code."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ssimgif.errors import Cancelled, SettingsError, SsimGifError, TargetError

FAILED, USAGE, UNREACHABLE, INTERRUPTED = 1, 2, 3, 130
EXIT_CODES: dict[type[BaseException], int] = {
    click.UsageError: USAGE,
    SettingsError: USAGE,
    TargetError: UNREACHABLE,
    Cancelled: INTERRUPTED,
    KeyboardInterrupt: INTERRUPTED,
}
# Where only a command of a group is missing, click's text is the group's help; of 8.2 or later.
NO_ARGUMENTS: type[click.UsageError] | tuple[()] = getattr(
    click.exceptions, "NoArgsIsHelpError", ()
)


def exit_code(error: BaseException) -> int:
    """Return the code with which an error ends the command."""
    return next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), FAILED)


def named(command: click.Command, words: Sequence[str]) -> str:
    """Return how the command that words name is called, without its arguments."""
    path = ["ssimgif"]
    for word in words:
        found = command.commands.get(word) if isinstance(command, click.Group) else None
        if found is None:
            break
        path, command = [*path, word], found
    return " ".join(path)


def sentence(error: BaseException, named: str) -> str:
    """Tell an error to a person.

    Parameters
    ----------
    error : BaseException
    named : str
        The command whose help may help, as it is called.
    """
    match error:
        case Cancelled() | KeyboardInterrupt():
            text = "interrupted"
        case click.UsageError():
            text = f"{error.format_message()} See {named} --help."
        case SsimGifError() | click.ClickException():
            text = str(error)
        case ImportError():
            text = f"a package it needs can't be loaded ({error}); see ssimgif doctor"
        case MemoryError():
            text = "there is not enough memory for this clip"
        case BrokenPipeError():
            text = "standard output was closed before all was written"
        case OSError():
            reason = (error.strerror or str(error)).lower()
            text = f"{error.filename or 'a temporary file'}: {reason}"
        case _:
            what = f"{type(error).__name__}: {' '.join(str(error).split())}"
            text = f"this is a bug, {what} (SSIMGIF_TRACEBACK=1 shows where)"
    return text
