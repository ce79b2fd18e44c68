"""Flows without the command line tool: ``python -m flows pipeline [STAGE…]``, ``retrain``, ``look``, ``promote``.

``python -m flows serve`` starts a server, the deployments of prefect.yaml and a worker.
"""

import sys
from pathlib import Path

from seqline import params
from seqline.adapters import prefect_server, prefect_stack
from seqline.adapters.launch import launch
from seqline.errors import InputError, SeqlineError
from seqline.workspace import Workspace

FLOWS = ("pipeline", "retrain", "look", "promote", "drift")


def main(arguments: list[str]) -> int:
    """Run one flow on the project in the current folder; the exit code is 0, 1 for a failure or 2 for bad input."""
    name, *stages = arguments or [""]
    try:
        if name not in (*FLOWS, "serve") or (stages and name != "pipeline"):
            raise InputError(
                "python -m flows: say `pipeline [STAGE…]`, `retrain`, `look`, `promote`, `drift` or `serve`"
            )
        params.load(Workspace(Path.cwd()).params)  # a slip there is told before anything is started
        if name == "serve":
            return prefect_stack.serve(Path.cwd())
        launch(Path.cwd(), name, **({"stages": stages} if name == "pipeline" else {}))
    except SeqlineError as error:
        print(f"seqline: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    prefect_server.leave(main(sys.argv[1:]))
