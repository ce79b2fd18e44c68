"""params.yaml: the only tunables, one strict block per stage."""

from seqline.params.load import Params, load

__all__ = ["Params", "load"]
