"""What the system's own books say of running processes: their CPU time and their memory."""

import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

SCHEDULER_CLOCK = 2
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of the processes, their threads and children, ended ones included."""
    return total(pids, lambda pid: own_seconds(pid) + ended_children_seconds(pid))


def memory_bytes(pids: Iterable[int]) -> int:
    """Proportional set size: pages that processes share are counted once among them."""
    return int(total(pids, own_memory))


def machine_seconds() -> float:
    """CPU time that anybody has used on this machine."""
    user, nice, system, _idle, _waiting, interrupt, soft_interrupt = map(
        int, Path("/proc/stat").read_text().split(maxsplit=8)[1:8]
    )
    return (user + nice + system + interrupt + soft_interrupt) / TICKS_PER_SECOND


def total(pids: Iterable[int], figure: Callable[[int], float]) -> float:
    """Over the processes and all that they have started; one that ends meanwhile counts nothing."""
    found = 0.0
    for pid in pids:
        for process in tree(pid):
            with suppress(OSError):
                found += figure(process)
    return found


def tree(pid: int) -> list[int]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            for child in (task / "children").read_text().split():
                found += tree(int(child))
    return found


def own_seconds(pid: int) -> float:
    """By the process's CPU clock, as clock_getcpuclockid(3) names it: /proc counts in 10 ms."""
    return time.clock_gettime((~pid << 3) | SCHEDULER_CLOCK)


def ended_children_seconds(pid: int) -> float:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system = map(int, after_name[13:15])
    return (user + system) / TICKS_PER_SECOND


def own_memory(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"no Pss of {pid}")
