# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tests in Python stand on tests/blackbox/harness. They run inside tools/lab and nowhere else:

    tools/lab /usr/bin/python3 -m pytest tests/blackbox -k follow

VARIANT names the build that is tested (plain, asan, tsan)."""

pytest_plugins = ["harness.fixtures"]
