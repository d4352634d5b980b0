"""A screen that nobody looks at."""

import os
import subprocess
from collections.abc import Mapping
from typing import Self


class Display:
    """`xvfb` is the program; as a context manager it runs, for whoever has `environment`."""

    def __init__(self, xvfb: str) -> None:
        self._xvfb = xvfb

    def __enter__(self) -> Self:
        told, tells = os.pipe()
        with os.fdopen(told) as name:
            self._process = subprocess.Popen(
                [self._xvfb, "-displayfd", str(tells), "-screen", "0", "1600x1100x24"],
                pass_fds=[tells],
                stderr=subprocess.DEVNULL,
            )
            os.close(tells)
            self._name = name.readline().strip()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    @property
    def environment(self) -> Mapping[str, str]:
        return {"DISPLAY": f":{self._name}", "GDK_BACKEND": "x11", "NO_AT_BRIDGE": "1"}
