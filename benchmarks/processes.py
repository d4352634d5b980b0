"""What the system's own books say of running processes: their CPU time and their memory."""

import os
from collections.abc import Iterable
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """The process and all that it has started."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += tree(int(child))
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of the processes, their threads and children, ended ones included."""
    return sum(_cpu_ticks(process) for pid in pids for process in tree(pid)) / TICKS_PER_SECOND


def _cpu_ticks(pid: int) -> int:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system, ended_user, ended_system = map(int, after_name[11:15])
    return user + system + ended_user + ended_system


def memory_bytes(pids: Iterable[int]) -> int:
    """Proportional set size: pages that processes share are counted once among them."""
    return sum(_memory_bytes(process) for pid in pids for process in tree(pid))


def _memory_bytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"no Pss of {pid}")
