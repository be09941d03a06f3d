# SPDX-License-Identifier: AGPL-3.0-or-later
"""The only place that knows how the programs are configured: environment variables by name.

The names are those of the table in lib/model/settings.c."""

import os

from . import lab

SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=0",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=0:second_deadlock_stack=1",
}


def defaults(database, listen, admin_listen):
    """Options of a site in the lab: it may reach the lab's own addresses and nothing else."""
    return {
        "database": database,
        "listen": listen,
        "admin_listen": admin_listen,
        "console_host": "console.test",
        "trusted_proxy": "127.0.0.1 unix",
        "fetch_allow": "10.7.0.0/16:80 10.7.0.0/16:443",
        "ca_file": str(lab.directory() / "ca.crt"),
        "log_level": "debug",
        "server_threads": 2,
        "offload_threads": 1,
        "remember_seconds": 0,  # a test looks at what a stator or a command just changed
        "rate_limits": 0,  # a test is one address that asks more than anybody
    }


def environment(options):
    """What a program finds in its environment; a None takes an option away."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("ROOKERY_")}
    env.update(SANITIZERS)
    env.update({f"ROOKERY_{name.upper()}": str(value) for name, value in options.items()
                if value is not None})
    return env
