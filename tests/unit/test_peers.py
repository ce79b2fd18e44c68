"""Processes that train together, one group after the other."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import torch.distributed as dist

_MEMBER = """
import torch
from seqline.training.peers import joined
for name in ("prune-1", "prune-2", "prune-3"):
    with joined(name) as peers:
        tensor = torch.tensor([1.0 + peers.rank])
        peers.add(tensor)
        peers.wait()
        print(name, tensor.item())
"""


@pytest.mark.parametrize("has_agent", [True, False], ids=["torchrun", "project.processes"])
def test_the_same_processes_meet_again_for_the_next_training(has_agent: bool) -> None:
    store = dist.TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False, timeout=timedelta(seconds=30))
    port = store.port
    if not has_agent:
        del store
    common = {
        **os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src"), "OMP_NUM_THREADS": "1",
        "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port),
        "TORCHELASTIC_USE_AGENT_STORE": str(has_agent),
    }  # fmt: skip
    members = [
        subprocess.Popen(
            [sys.executable, "-c", _MEMBER], env={**common, "RANK": str(rank)}, stdout=subprocess.PIPE, text=True
        )
        for rank in range(2)
    ]
    try:
        for member in members:
            printed, _ = member.communicate(timeout=40)
            assert member.returncode == 0
            assert printed == "prune-1 3.0\nprune-2 3.0\nprune-3 3.0\n"
    finally:
        for member in members:
            member.kill()
            member.communicate()
