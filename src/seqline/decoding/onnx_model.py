"""A recurrent model that ONNX Runtime runs, behind the interface of decoding: encode, start, step.

What the folder holds is told in ``seqline/compression/onnx_export.py``. All that the encoder gives besides the state
goes to every step of the decoder, by name.

Legend: B sentences, S source length, N rows, K stacked vectors, D model width, V target vocabulary.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

import torch
from torch import Tensor

from seqline.decoding.cores import Work
from seqline.decoding.step_translator import StepTranslator
from seqline.errors import ArtifactError, InputError
from seqline.files import verify
from seqline.models.base import State
from seqline.serving.batching import batches
from seqline.tokenization import Tokenizer

if TYPE_CHECKING:
    import onnxruntime

_ENCODER, _DECODER = "encoder.onnx", "decoder.onnx"


@dataclass(frozen=True)
class OnnxState(State):
    """What a step hands to the next, and what the decoder sees of the source: the same for all rows of a sentence.

    The ``num_rows`` rows of a sentence stand side by side.
    """

    state_NKD: Tensor
    source: Mapping[str, Tensor]
    num_rows: int = 1

    def select(self, rows_N: Tensor) -> Self:
        """Keep, repeat or reorder rows: each becomes a sentence of its own."""
        return self.regroup(rows_N[:, None])

    def regroup(self, rows_BK: Tensor) -> Self:
        """Keep, repeat or reorder rows within sentences, and sentences."""
        rows_N, num_rows, source = rows_BK.flatten(), rows_BK.size(1), self.source
        own_N = torch.arange(len(self.state_NKD)) // num_rows  # whose row it is
        if num_rows != self.num_rows or not torch.equal(rows_N // num_rows, own_N):
            source = {name: value.index_select(0, rows_N) for name, value in source.items()}
        return type(self)(self.state_NKD.index_select(0, rows_N), source, num_rows)


class OnnxModel:
    """An encoder and a decoder of one step; implements :class:`seqline.models.base.StepModel`."""

    def __init__(self, encoder: "onnxruntime.InferenceSession", decoder: "onnxruntime.InferenceSession") -> None:
        self._encoder, self._decoder = encoder, decoder

    @classmethod
    def open(cls, folder: Path, threads: int) -> Self:
        """Load both halves.

        Raises:
            ArtifactError: a file is not what ONNX Runtime can run.
            InputError: ONNX Runtime is not installed.
        """
        return cls(_session(folder / _ENCODER, threads), _session(folder / _DECODER, threads))

    def encode(self, source_BS: Tensor) -> dict[str, Tensor]:
        """Encode padded source ids: the encoder's results by name."""
        return _run(self._encoder, {"source": source_BS})

    def start(self, memory: dict[str, Tensor]) -> OnnxState:
        """The state before the first target piece."""
        return OnnxState(memory["state"], {name: value for name, value in memory.items() if name != "state"})

    def step(self, state: State, piece_N: Tensor) -> tuple[Tensor, OnnxState]:
        """Log-probabilities of the next piece, (N, V), after one more target piece per row, and the next state."""
        assert isinstance(state, OnnxState)
        found = _run(self._decoder, {"piece": piece_N, "state": state.state_NKD, **state.source})
        return found["log_probs"], replace(state, state_NKD=found["next_state"])


class OnnxTranslator(StepTranslator):
    """A folder that ``seqline export`` wrote, opened."""

    @classmethod
    def open(cls, folder: Path, threads: int, batch_tokens: int = 4096) -> Self:
        """Check a folder against its manifest, then load it.

        Raises:
            MissingError: there is no finished export in the folder.
            ArtifactError: a file is absent, damaged, or not what ONNX Runtime can run.
            InputError: ONNX Runtime is not installed.
        """
        verify(folder)
        return cls(OnnxModel.open(folder, threads), Tokenizer.load(folder), batch_tokens)

    def _each_batch(self, lengths: Sequence[int], width: int, work: Work) -> None:
        """One after the other: ONNX Runtime has threads of its own."""
        for sentences in batches(lengths, self.batch_tokens // width):
            work(sentences)


def _session(path: Path, threads: int) -> "onnxruntime.InferenceSession":
    try:
        import onnxruntime
    except ImportError:
        raise InputError(f"{path}: needs ONNX Runtime; run `pip install 'seqline[onnx]'`") from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # two sessions that take turns
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its own classes are private, and differ from version to version
        reason = str(error).strip().split("\n")[0]
        raise ArtifactError(f"{path}: ONNX Runtime cannot load the model ({reason}); export it again") from None


def _run(session: "onnxruntime.InferenceSession", inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    arrays = {name: value.contiguous().numpy() for name, value in inputs.items()}
    names = [output.name for output in session.get_outputs()]
    return {name: torch.from_numpy(value) for name, value in zip(names, session.run(names, arrays), strict=True)}
