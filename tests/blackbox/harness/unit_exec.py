# SPDX-License-Identifier: AGPL-3.0-or-later
"""Runs a program with the filters of system calls that a unit asks for, where no systemd runs:

    python3 -m harness.unit_exec [--user=NAME] UNIT PROGRAM [ARGUMENT...]

SystemCallFilter=, MemoryDenyWriteExecute=, RestrictNamespaces=, ProcSubset=, UMask= and NoNewPrivileges= do what they
do under systemd. What else needs root or a mount namespace is left out."""

import ctypes
import os
import pwd
import subprocess
import sys

from . import installed

ALLOW, REFUSE = 0x7FFF0000, 0x00050001  # SCMP_ACT_ALLOW, SCMP_ACT_ERRNO(EPERM)
MASKED = 7  # SCMP_CMP_MASKED_EQ
WRITE, EXECUTE, SHM_EXEC = 2, 4, 0o100000
PR_SET_NO_NEW_PRIVS = 38
NAMESPACES = 0x7E020080  # CLONE_NEW*
CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 0x40000

libc = ctypes.CDLL(None, use_errno=True)
seccomp = ctypes.CDLL("libseccomp.so.2")
seccomp.seccomp_init.restype = ctypes.c_void_p


class Argument(ctypes.Structure):
    _fields_ = [("number", ctypes.c_uint), ("operator", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


def group(name):
    """The calls of a group, those of groups in it included."""
    if not name.startswith("@"):
        return {name}
    done = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", name], text=True, capture_output=True,
                          check=True)
    words = [line.strip() for line in done.stdout.splitlines()[1:]]
    return set().union(*(group(word) for word in words if word and not word.startswith("#")))


def allowed(unit):
    calls = group("@default")
    for value in installed.settings(unit, "SystemCallFilter"):
        named = set().union(*(group(word) for word in value.lstrip("~").split()))
        calls = calls - named if value.startswith("~") else calls | named
    return calls | {"execve"}  # systemd's own need


def check(result):
    if result:
        raise OSError(-result, os.strerror(-result))


def rule(made, action, call, *arguments):
    number = seccomp.seccomp_syscall_resolve_name(call.encode())
    if number >= 0:  # others are of another architecture
        array = (Argument * max(1, len(arguments)))(*arguments)
        check(seccomp.seccomp_rule_add_array(made, ctypes.c_uint32(action), number, len(arguments), array))


def load(default, rules):
    made = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(default)))
    for each in rules:
        rule(made, *each)
    check(seccomp.seccomp_load(made))
    seccomp.seccomp_release(made)


def both(number, bits):
    return Argument(number, MASKED, bits, bits)


def need(result):
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def hide(unit):
    """/proc with processes alone; the last word of a setting holds."""
    if installed.settings(unit, "ProcSubset")[-1] == "pid":
        need(libc.unshare(CLONE_NEWNS))
        need(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None))
        need(libc.mount(b"proc", b"/proc", b"proc", 0, b"subset=pid"))


def become(name):
    user = pwd.getpwnam(name)
    os.initgroups(name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)


def enter(unit, user):
    calls = allowed(unit)
    os.umask(int(installed.settings(unit, "UMask")[0], 8))
    hide(unit)
    if user:
        become(user)
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    for key in ("MemoryDenyWriteExecute", "RestrictNamespaces"):
        assert installed.settings(unit, key) == ["yes"], key
    load(ALLOW, [(REFUSE, "mmap", both(2, WRITE | EXECUTE)), (REFUSE, "mprotect", both(2, EXECUTE)),
                 (REFUSE, "pkey_mprotect", both(2, EXECUTE)), (REFUSE, "shmat", both(2, SHM_EXEC)),
                 *((REFUSE, "clone", both(0, 1 << bit)) for bit in range(32) if NAMESPACES >> bit & 1),
                 (REFUSE, "unshare"), (REFUSE, "setns")])
    load(REFUSE, [(ALLOW, call) for call in sorted(calls)])


if __name__ == "__main__":
    words = sys.argv[1:]
    account = words.pop(0).removeprefix("--user=") if words[0].startswith("--user=") else None
    enter(words[0], account)
    os.execv(words[1], words[1:])
