"""What a person sees when something goes wrong: one plain line on stderr and an exit code that a script can trust."""

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from typer import Abort
from typer.exceptions import TyperException

from seqline.errors import SeqlineError

INTERRUPTED = 130  # 128 + SIGINT, as shells count
BROKEN_PIPE = 141  # 128 + SIGPIPE
DEBUG = "SEQLINE_DEBUG"


def guarded(command: Callable[[], object]) -> int:
    """Run a command and return its exit code; every exception becomes one line.

    A reader that closed the pipe (``… | head``) is no error worth a word.
    """
    try:
        code = command()
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # Typer turns the one into the other
        _silence(sys.stdout.fileno())
        return BROKEN_PIPE
    except (KeyboardInterrupt, Abort):
        code = INTERRUPTED
    except Exception as error:  # the outermost frame: nothing may reach the user as a traceback unasked
        return _tell(error)
    if code == INTERRUPTED:
        say("interrupted; earlier outputs are as they were")
    return code if isinstance(code, int) else 0


def say(message: str) -> None:
    """One line on stderr, with paths as seen from the current folder."""
    line = " ".join(message.replace(f"{Path.cwd()}/", "").split())
    print(f"seqline: {line}", file=sys.stderr, flush=True)


def _tell(error: Exception) -> int:
    if os.environ.get(DEBUG):
        traceback.print_exc()
    match error:
        case SeqlineError():
            say(str(error))
            return error.exit_code
        case TyperException():
            if message := error.format_message().rstrip("."):  # none where help was printed for want of a command
                say(f"{message}; see `seqline --help`")
            return error.exit_code
        case OSError(strerror=str(reason)):
            say(f"{error.filename}: {reason}" if error.filename else reason)
        case _:
            say(f"unexpected {type(error).__name__}: {error} ({DEBUG}=1 shows where)")
    return 1


def _silence(descriptor: int) -> None:
    """Let the interpreter flush into nothing when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
