"""Flow runs that a kill left *Running* for ever: marked as crashed by the next run that holds the project."""

from pathlib import Path
from uuid import UUID


def take_over(root: Path, own: UUID) -> int:
    """Tag our flow run as this project's, and mark as crashed every other one with the tag that still says it runs.

    Call it while the run lock is held: then no such run can be alive. Returns how many there were.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas import filters
    from prefect.client.schemas.objects import StateType
    from prefect.states import Crashed

    tag = f"project:{root}"
    ours = filters.FlowRunFilter(
        tags=filters.FlowRunFilterTags(all_=[tag]),
        state=filters.FlowRunFilterState(type=filters.FlowRunFilterStateType(any_=[StateType.RUNNING])),
        id=filters.FlowRunFilterId(not_any_=[own]),
    )
    with get_client(sync_client=True) as client:
        client.update_flow_run(own, tags=[*client.read_flow_run(own).tags, tag])  # it has its deployment's, too
        dead = client.read_flow_runs(flow_run_filter=ours)
        for run in dead:
            client.set_flow_run_state(run.id, Crashed(message="killed; found by the next run"), force=True)
    return len(dead)
