"""What a measurement was made on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path


def machine() -> str:
    """Describe this machine in a line: processor, memory, system, and how busy it is."""
    processors = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{processors} x {_processor()}, {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}, pulumi {version('pulumi')}, "
        f"load {os.getloadavg()[0]:.1f} before"
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()
