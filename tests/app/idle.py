"""How the pilot waits after every key: until the app has nothing left to do, and no longer.

Textual's own waits for 20 ms in which the process was idle, three times a key, which made much of the tests' time.
"""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

from textual import app, pilot
from textual._context import active_app

THREADS = {"scan", "preview", "cleanup", "diff", "source", "write"}  # by name: what works for the app meanwhile
MOMENT = 0.008  # seconds that they get to come to their end; for what takes longer there is ``drive.until``


async def idle(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    """Wait until nothing is left that would happen at once."""
    ready: Any = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
    begun = time.monotonic()
    while time.monotonic() - begun < max_sleep:
        await asyncio.sleep(0)
        if ready:
            continue
        screens = active_app.get()._screen_stack
        if screens and screens[-1]._update_timer._active.is_set():  # a repaint is due, in a sixtieth of a second
            screens[-1]._on_timer_update()
        elif time.monotonic() - begun < MOMENT and any(one.name in THREADS for one in threading.enumerate()):
            await asyncio.sleep(0.0005)
        else:
            return


app.wait_for_idle = pilot.wait_for_idle = idle  # type: ignore[attr-defined]
