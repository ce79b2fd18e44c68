"""dvc.yaml names the same stages, paths, blocks and code as the rest: a slip there would run too little or too much."""

import ast
import re
from pathlib import Path
from typing import Any

import grimp
import pytest
from dvc.repo import Repo
from ruamel.yaml import YAML

from seqline import params
from seqline.adapters import dvc_graph
from seqline.adapters.dvc_graph import Graph
from seqline.params import Params
from seqline.workspace import Workspace

ROOT = Path(__file__).parent.parent.parent
SHARED = (  # the ground floor: what every stage imports, and what decides no bytes
    "errors", "files", "types", "workspace", "progress", "params", "adapters", "fetching", "stages.job", "special",
    "lineage", "resolving", "remembering",
)  # fmt: skip
OUTPUTS = {"raw": "download", "clean": "clean", "tokenized": "tokenize", "synthetic": "synthesize"}


@pytest.fixture(scope="module")
def graph() -> Graph:
    return dvc_graph.load(ROOT)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    content = YAML(typ="safe", pure=True).load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content["stages"]


def _stages() -> list[str]:
    return [path.stem for path in sorted((ROOT / "src/seqline/stages").glob("*.py")) if _is_stage(path)]


def _is_stage(path: Path) -> bool:
    return "def run(job: Job) -> Report" in path.read_text(encoding="utf-8")


def test_every_stage_of_the_code_is_in_the_graph_under_its_name(document: dict[str, Any]) -> None:
    assert set(_stages()) == set(document)


def test_each_command_is_what_a_person_would_type(graph: Graph) -> None:
    assert {stage.command for stage in graph.stages.values()} == {
        f"python -m seqline stage {name}" for name in graph.stages
    }


def test_outputs_lie_where_the_workspace_says(graph: Graph) -> None:
    work = Workspace(ROOT)
    expected = {
        "download": work.raw,
        "clean": work.clean,
        "tokenize": work.tokenized,
        "train": work.model("teacher"),
        "synthesize": work.synthetic,
        "distill": work.model("student"),
        "prune@pruned": work.model("pruned"),
        "quantize@pruned": work.model("pruned-quantized"),
        "select": work.model("selected"),
        "register": work.reports / "register.json",
    }
    for name, path in expected.items():
        assert path.relative_to(ROOT).as_posix() in graph.stages[name].outputs
    models = params.load(ROOT / "params.yaml").evaluate.models
    assert {f"evaluate@{model}" for model in models} <= set(graph.stages)


def test_params_are_blocks_that_exist(document: dict[str, Any]) -> None:
    for name, stage in document.items():
        for key in stage.get("do", stage)["params"]:
            block, _, field = key.partition(".")
            assert block in Params.model_fields, f"{name}: {key}"
            field = field.partition(".")[0]
            assert not field or field in Params.model_fields[block].annotation.model_fields, f"{name}: {key}"  # type: ignore[union-attr]


@pytest.mark.parametrize("name", sorted(set(_stages()) & set(Params.model_fields)))
def test_a_stage_depends_on_its_whole_block(name: str, document: dict[str, Any]) -> None:
    named = document[name].get("do", document[name])["params"]
    fields = set(Params.model_fields[name].annotation.model_fields) - {"models"}  # type: ignore[union-attr]
    assert name in named or all(any(f"{key}.".startswith(f"{name}.{field}.") for key in named) for field in fields)


def test_a_shape_that_is_not_chosen_does_not_train_the_student_again() -> None:
    repository = Repo(str(ROOT))
    (stage,) = repository.stage.collect("distill")
    named = {key for one in stage.params for key in one.params}
    assert "distill.students.light" in named
    assert "distill.students" not in named


def test_every_piece_of_code_that_is_named_exists(graph: Graph) -> None:
    for stage in graph.stages.values():
        for path in stage.dependencies:
            assert not path.startswith("src/") or (ROOT / path).exists(), f"{stage.name}: {path}"


@pytest.mark.parametrize("name", _stages())
def test_a_stage_depends_on_the_code_that_it_imports(name: str, graph: Graph) -> None:
    imports = grimp.build_graph("seqline", cache_dir=None)
    named = {stage: graph.stages[stage].dependencies for stage in graph.stages if stage.split("@")[0] == name}
    used = imports.find_upstream_modules(f"seqline.stages.{name}") | {f"seqline.stages.{name}"}
    for stage, dependencies in named.items():
        missing = sorted(module for module in used if not _is_covered(module, dependencies))
        assert not missing, f"{stage} does not name {', '.join(missing)}"


@pytest.mark.parametrize("name", _stages())
def test_a_stage_depends_on_every_folder_that_it_reads(name: str, graph: Graph) -> None:
    text = (ROOT / f"src/seqline/stages/{name}.py").read_text(encoding="utf-8")
    reads = {f"data/{folder}" for folder in re.findall(r"work\.(raw|clean|tokenized|synthetic)\b", text)}
    reads |= {f"models/{model}" for model in re.findall(r'work\.model\("(\w+)"\)', text)}
    for stage in (one for one in graph.stages.values() if one.name.split("@")[0] == name):
        missing = sorted(reads - {*stage.dependencies, *stage.outputs})
        assert not missing, f"{stage.name} reads {', '.join(missing)}"


def test_changing_how_models_are_pruned_moves_only_what_comes_after(graph: Graph) -> None:
    after, grown = {"prune@pruned"}, True
    while grown:
        more = {name for name in graph.stages if graph.upstream[name] & after} - after
        after, grown = after | more, bool(more)
    moved = {"prune@pruned", "quantize@pruned", "evaluate@pruned", "evaluate@pruned-quantized"}
    assert after == {*moved, "select", "register"}


def _is_covered(module: str, dependencies: tuple[str, ...]) -> bool:
    inner = module.removeprefix("seqline").removeprefix(".")
    if any(inner == shared or inner.startswith(f"{shared}.") for shared in SHARED):
        return True
    path = "src/seqline/" + inner.replace(".", "/")
    if f"{path}.py" in dependencies or any(f"{path}/".startswith(f"{one}/") for one in dependencies):
        return True
    package = ROOT / path / "__init__.py"
    return package.is_file() and _says_nothing(package)


def _says_nothing(package: Path) -> bool:
    body = ast.parse(package.read_text(encoding="utf-8")).body
    return all(isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant) for one in body)


def test_no_parameter_has_a_name_that_the_run_cache_leaves_out() -> None:
    """DVC restores the outputs of an earlier run whatever keys of these names say: they are no part of its key."""

    def keys(value: Any) -> set[str]:
        own = set(value) if isinstance(value, dict) else set()
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return own.union(*map(keys, inner))

    content = YAML(typ="safe", pure=True).load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    assert keys(content).isdisjoint({"size", "nfiles"})
