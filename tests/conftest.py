"""What tests of several folders share: real bundles small enough to build in a moment."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tiny_bundles import write_bundle, write_project
from web import Web

from seqline.workspace import Workspace

MakeBundle = Callable[..., Path]
MakeProject = Callable[[Path, Path], Workspace]


@pytest.fixture
def web() -> Iterator[Web]:
    """An HTTP server of this machine that gives what it is told to."""
    with Web() as server:
        yield server


@pytest.fixture(scope="session")
def make_bundle() -> MakeBundle:
    """``make_bundle(folder, seed=1, name="tiny")``: random weights, in the shape `quantize` leaves."""
    return write_bundle


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished bundle en → zh; do not alter it."""
    return write_bundle(tmp_path_factory.mktemp("bundle") / "selected", seed=1)


@pytest.fixture(scope="session")
def other_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another one, whose translations have nothing in common with those of ``tiny_bundle``; do not alter it."""
    return write_bundle(tmp_path_factory.mktemp("bundle") / "selected", seed=2)


@pytest.fixture(scope="session")
def make_project() -> MakeProject:
    """``make_project(root, bundle)``: a project whose stages have run and left ``bundle`` as every model.

    The references of its 60 test pairs are the bundle's own translations, so it scores 100 BLEU.
    """
    return write_project
