"""``seqline sources``: whether the corpora are still what was read."""

from seqline.cli.opening import workspace
from seqline.cli.output import Json, print_json


def sources(as_json: Json = False) -> None:
    """Ask whether the corpora changed since they were read: one question for each remote file, and no download.

    What is a reason to run `download` again is marked with *; the flows do so by themselves.

    Example: [bold]seqline sources[/bold]
    """
    from seqline import params
    from seqline.corpus import changes

    work, told = workspace(), list[str]()
    settings = params.load(work.params)
    reasons = changes.changed(settings, work) + changes.news(settings, work, told.append)
    if as_json:
        print_json({"changed": reasons, "told": told})
        return
    print("\n".join([*(f"* {reason}" for reason in reasons), *(f"  {sentence}" for sentence in told)]) or "unchanged")
