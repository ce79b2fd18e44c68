"""prefect.yaml, and what docs/operate.md tells people to write into theirs, as Prefect and our flows understand it."""

import asyncio
import inspect
import re
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from seqline.adapters import prefect_events

ROOT = Path(__file__).parents[2]


def _deployments() -> list[dict[str, Any]]:
    yaml = YAML(typ="safe", pure=True)
    found = list(yaml.load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"])
    guide = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    for block in re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL):
        content = yaml.load(textwrap.dedent(block))
        found += content["deployments"] if isinstance(content, dict) else content
    return found


DEPLOYMENTS = _deployments()


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda one: one["name"])
def test_a_deployment_names_a_flow_and_parameters_that_it_has(
    deployment: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    file, _, function = deployment["entrypoint"].partition(":")
    monkeypatch.setitem(sys.modules, "flows", import_module("flows"))
    flow = getattr(import_module(file.removesuffix(".py").replace("/", ".")), function)
    known = inspect.signature(flow.fn).parameters.keys()
    given = [deployment.get("parameters", {}), *(one.get("parameters", {}) for one in deployment.get("triggers", []))]
    assert set().union(*given) <= known


def test_triggers_are_what_prefect_takes_and_wait_for_the_events_that_are_emitted() -> None:
    from prefect.events.schemas.deployment_triggers import DeploymentEventTrigger

    triggers = [DeploymentEventTrigger(**one) for deployment in DEPLOYMENTS for one in deployment.get("triggers", [])]
    expected = {event for trigger in triggers for event in trigger.expect}
    assert {prefect_events.DATA_CHANGED, prefect_events.QUALITY_DROPPED} <= expected
    assert expected - {"prefect.flow-run.Completed"} == {prefect_events.DATA_CHANGED, prefect_events.QUALITY_DROPPED}


def test_only_what_a_schedule_starts_does_not_wait_for_its_turn() -> None:
    own = YAML(typ="safe", pure=True).load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    for deployment in own:
        if deployment["entrypoint"].startswith(("flows/retrain.py", "flows/pipeline.py")):
            given = [deployment["parameters"], *(one["parameters"] for one in deployment.get("triggers", []))]
            assert all(("wait_s" in one) == ("schedules" not in deployment) for one in given), deployment["name"]


def test_no_two_schedules_fire_at_once() -> None:
    crons = [one["cron"] for deployment in DEPLOYMENTS for one in deployment.get("schedules", [])]
    fired = [time for cron in crons for time in asyncio.run(_of_a_day(cron))]
    assert len(set(fired)) == len(fired) > len(crons)


async def _of_a_day(cron: str) -> list[datetime]:
    from prefect.server.schemas.schedules import CronSchedule

    midnight = datetime(2026, 1, 1, tzinfo=UTC)
    return list(await CronSchedule(cron=cron).get_dates(200, start=midnight, end=midnight + timedelta(hours=23.9)))
