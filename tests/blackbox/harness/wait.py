# SPDX-License-Identifier: AGPL-3.0-or-later
"""Waiting for what will be: as short as it takes, and as long as a slow machine may need."""

import time

from . import lab


def wait_for(condition, timeout=30, what="it"):
    """Polls until condition() is true and gives its value."""
    until = time.monotonic() + timeout * lab.PATIENCE
    while True:
        late = time.monotonic() > until
        value = condition()
        if value:
            return value
        if late:
            raise AssertionError(f"{what} did not happen within {timeout * lab.PATIENCE} s")
        time.sleep(0.02)
