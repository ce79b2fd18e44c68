"""The error tree: every failure a user can meet, with the exit code a script can trust.

    SeqlineError            1   a failure: something broke that was in order before
    ├── ArtifactError       1   a file of ours is torn, truncated or altered
    ├── StageError          1   a stage could not finish
    ├── NotFiniteError      1   a loss or a gradient is NaN or infinite
    ├── FetchError          1   the network or a server failed, or took too long
    ├── RegistryError       1   the model registry did not answer or refused
    └── InputError          2   what was given is wrong; nothing was done
        ├── ParamsError     2   params.yaml holds an unknown, mistyped or impossible key
        ├── CorpusError     2   a corpus file is missing, misaligned, damaged or not UTF-8
        ├── MissingError    2   a model, a version or a stage output does not exist (yet)
        ├── MismatchError   2   two things that must agree do not (fingerprints, languages, line counts)
        └── BusyError       2   another run holds the pipeline

Every message is one plain line that names the file, the row or the key, and the way out.
"""


class SeqlineError(Exception):
    """A failure with a message fit for a user's eyes."""

    exit_code = 1


class ArtifactError(SeqlineError):
    """A file of ours is torn, truncated or altered."""


class StageError(SeqlineError):
    """A stage could not finish."""


class NotFiniteError(SeqlineError):
    """A loss or a gradient is NaN or infinite."""


class FetchError(SeqlineError):
    """The network or a server failed, or took too long."""


class RegistryError(SeqlineError):
    """The model registry did not answer or refused."""


class InputError(SeqlineError):
    """What was given is wrong; nothing was done."""

    exit_code = 2


class ParamsError(InputError):
    """params.yaml holds an unknown, mistyped or impossible key."""


class CorpusError(InputError):
    """A corpus file is missing, misaligned, damaged or not UTF-8."""


class MissingError(InputError):
    """A model, a version or a stage output does not exist (yet)."""


class MismatchError(InputError):
    """Two things that must agree do not."""


class BusyError(InputError):
    """Another run holds the pipeline."""
