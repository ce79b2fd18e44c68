"""The house rules that a machine can check."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "seqline"
FILES = sorted([*SOURCE.rglob("*.py"), *(ROOT / "flows").rglob("*.py")])
STAGES = sorted((SOURCE / "stages").glob("*.py"))
_FORBIDDEN_CALLS = re.compile(
    r"\bpickle\b|\byaml\.load\(|\btorch\.load\(|\.splitlines\(\)|shell=True|verify=False|(?<![.\w])exec\(|(?<![.\w])eval\("
)
_HEAVY = {"torch", "mlflow", "prefect", "polars", "dvc", "ctranslate2", "numpy", "sacrebleu", "pyarrow", "matplotlib"}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def _code(path: Path) -> str:
    """A file without comments and docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            node.value.value = ""
    return ast.unparse(tree)


def test_imports_keep_the_contracts_of_the_floors() -> None:
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout[-3000:] + checked.stderr


@pytest.mark.parametrize("path", STAGES, ids=_name)
def test_a_stage_knows_no_orchestrator_and_no_environment(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    roots = {module.split(".")[0] for module in _imported(tree)}
    assert not roots & {"prefect", "dvc", "mlflow"}
    assert not any(module.startswith("seqline.adapters") for module in _imported(tree))
    assert "environ" not in _code(path)
    assert "getenv" not in _code(path)


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_nothing_unsafe_and_nothing_that_shifts_lines_is_called(path: Path) -> None:
    assert not _FORBIDDEN_CALLS.findall(_code(path))


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_a_file_is_one_idea(path: Path) -> None:
    assert path.read_text(encoding="utf-8").count("\n") <= 300


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_everything_public_is_documented(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    public = [node for node in tree.body if isinstance(node, definitions) and not node.name.startswith("_")]
    assert [node.name for node in public if not ast.get_docstring(node)] == []


def test_every_imported_package_is_a_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    requirements = [*project["dependencies"], *(one for name in extras if name != "dev" for one in extras[name])]
    declared = {_normal(re.split(r"[<>=]", requirement)[0]) for requirement in requirements}
    owners = packages_distributions()
    imported = {module.split(".")[0] for path in FILES for module in _imported(ast.parse(path.read_text()))}
    foreign = imported - sys.stdlib_module_names - {"seqline", "flows"}
    assert {name for name in foreign if not declared & set(map(_normal, owners.get(name, (name,))))} == set()


def test_the_command_line_imports_nothing_heavy_until_a_verb_needs_it() -> None:
    code = "import sys, seqline.cli; print(*{name.split('.')[0] for name in sys.modules})"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(shown.stdout.split()) & _HEAVY


def test_what_is_deployed_loads_without_torch() -> None:
    code = "import sys, seqline.serving.bundle; print(*{name.split('.')[0] for name in sys.modules})"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(shown.stdout.split()) & {"torch", "mlflow", "prefect", "dvc", "polars", "pydantic"}


def test_a_model_that_is_named_is_found_without_reading_params() -> None:
    code = "import sys, seqline.resolving; print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(shown.stdout.split()) & {"seqline.params", "pydantic", "ruamel.yaml"}
