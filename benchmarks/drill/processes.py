"""Processes by their parents."""

import contextlib

import psutil


def descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def kill_tree(pid: int) -> None:
    """SIGKILL for a process and all that it started, at once."""
    for one in [*descendants(pid), psutil.Process(pid)] if psutil.pid_exists(pid) else []:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
