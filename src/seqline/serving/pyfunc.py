"""The bundle as an MLflow model ("models from code"): MLflow runs this file to load it, and no pickle is involved.

It needs mlflow, ctranslate2 and sentencepiece. The few modules of Seqline that open a bundle travel with the model,
in its ``runtime`` artifact, and are used where Seqline itself is not installed. They go to the *end* of the path,
so that loading a model never hides an installed Seqline.
"""

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel, PythonModelContext

_MOST_BEAM = 16


class BundleModel(PythonModel):
    """Lines in, as many translations out, in the same order. The parameter ``beam`` is the search's width, 1 to 16."""

    def load_context(self, context: PythonModelContext) -> None:
        """Check the bundle against its manifest and open it."""
        if find_spec("seqline") is None:
            sys.path.append(context.artifacts["runtime"])
        from seqline.serving.bundle import Bundle

        self._bundle = Bundle.open(Path(context.artifacts["bundle"]))

    def predict(
        self, context: PythonModelContext, model_input: list[str], params: dict[str, Any] | None = None
    ) -> list[str]:
        """Translate lines.

        Raises:
            ValueError: ``beam`` is out of its range.
        """
        beam = int((params or {}).get("beam", 4))
        if not 1 <= beam <= _MOST_BEAM:
            raise ValueError(f"beam {beam}: from 1 to {_MOST_BEAM}")
        return [best[0].text for best in self._bundle.translate(model_input, beam=beam)]


set_model(BundleModel())
