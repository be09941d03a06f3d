# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which routes of the client API the black-box tests ask for with success, read from the tests' own text: the harness'
Api validates each answer that such a call gets, so a route that is called there has a contract test."""

import ast
import dataclasses
import itertools
import re

from . import lab

PAGE = lab.ROOT / "docs/client-api.md"
ROW = re.compile(r"^\| (\w+) `([^`?]+)[^`]*` \| ([CU]) \| ([^|]*) \|$", re.MULTILINE)
STATUS = re.compile(r"\banswered (\d+)")

VERBS = ("get", "post", "put", "patch", "delete")
HOLE = "\0"


@dataclasses.dataclass(frozen=True)
class Route:
    """status: of the answer that the page states; None: a good one."""
    method: str
    path: str
    tier: str
    program: str
    status: int | None


def named_routes():
    """Each route that docs/client-api.md says programs use."""
    return [Route(method, path, tier, by.partition(",")[0], int(said[1]) if (said := STATUS.search(by)) else None)
            for method, path, tier, by in ROW.findall(PAGE.read_text(encoding="utf-8"))]


def _constants(node):
    """The strings that an expression goes through when it is a loop's; None: who knows."""
    if isinstance(node, (ast.Tuple, ast.List)) and all(isinstance(one, ast.Constant) for one in node.elts):
        return [one.value for one in node.elts]
    return None


def _pairs(target, source):
    """(name, its values) that a loop over constants, or over tuples of them, gives its names."""
    if isinstance(target, ast.Name) and (values := _constants(source)) is not None:
        yield target.id, values
    if isinstance(target, ast.Tuple) and isinstance(source, (ast.Tuple, ast.List)):
        for n, name in enumerate(target.elts):
            rows = [one.elts[n] for one in source.elts if isinstance(one, ast.Tuple) and n < len(one.elts)]
            values = [one.value for one in rows if isinstance(one, ast.Constant)]
            if isinstance(name, ast.Name) and values:
                yield name.id, values


def _parametrized(call):
    """(name, its values) of pytest.mark.parametrize("a, b", [...])."""
    if isinstance(call.func, ast.Attribute) and call.func.attr == "parametrize" and len(call.args) == 2:
        names = [ast.Name(one.strip()) for one in call.args[0].value.split(",")]
        yield from _pairs(names[0] if len(names) == 1 else ast.Tuple(names), call.args[1])


def _known(function, around):
    """What the names of a function can be, as far as its loops, its parameters and what it assigns say."""
    known = {name: list(values) for name, values in around.items()}
    for node in ast.walk(function):
        found = ()
        if isinstance(node, (ast.For, ast.comprehension)):
            found = _pairs(node.target, node.iter)
        elif isinstance(node, ast.Call):
            found = _parametrized(node)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found = [(node.targets[0].id, _texts(node.value, known))]
        for name, values in found:
            known.setdefault(name, []).extend(values)
    return known


def _texts(node, known):
    """Every text that an expression can be; what is not known is a hole."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.Name):
        return known.get(node.id, [])
    if isinstance(node, ast.JoinedStr):
        parts = [[one.value] if isinstance(one, ast.Constant)
                 else _texts(one.value, known) or [HOLE] for one in node.values]
        return ["".join(map(str, one)) for one in itertools.product(*parts)]
    return []


def _requests(function, known):
    """(method, path) of each request in a function."""
    for call in ast.walk(function):
        if not isinstance(call, ast.Call) or not call.args:
            continue
        name = getattr(call.func, "attr", getattr(call.func, "id", None))
        if name in VERBS:
            yield from ((name.upper(), path) for path in _texts(call.args[0], known))
        elif name in ("ask", "refused") and len(call.args) >= 2:
            method, path = call.args[-2:]
            status = getattr(call.args[0], "value", None) if name == "refused" else None
            for asked in itertools.product(_texts(method, known), _texts(path, known)):
                yield (*asked, status) if status else asked
        elif name == "events_of":
            yield from (("GET", "/api/v1/streaming" + channel) for channel in _texts(call.args[0], known))


def _bind(function, known, callees):
    """Gives the parameters of a module's functions the texts that a function calls them with."""
    for call in ast.walk(function):
        callee = callees.get(getattr(call.func, "id", None)) if isinstance(call, ast.Call) else None
        if callee:
            for parameter, given in zip(callee[0].args.args, call.args):
                callee[1].setdefault(parameter.arg, []).extend(_texts(given, known))


def _module(body):
    around = _known(ast.Module([one for one in body if isinstance(one, ast.Assign)], []), {})
    callees = {one.name: (one, dict(around)) for one in body if isinstance(one, ast.FunctionDef)}
    for function, _ in callees.values():
        _bind(function, _known(function, around), callees)
    for function, known in callees.values():
        yield from _requests(function, _known(function, known))


def called():
    """(method, path) of all requests that are answered well, and (method, path, status) of those that must be refused;
    what is not known of a path is a hole."""
    found = set()
    for path in (lab.ROOT / "tests/blackbox").glob("test_api*.py"):
        found |= {(method, text.partition("?")[0], *status)
                  for method, text, *status in _module(ast.parse(path.read_text(encoding="utf-8")).body)}
    return found


def is_called(calls, route):
    """Whether a route is among the calls: a hole stands only for a :name."""
    parts = ["[^/]+" if one.startswith(":") else re.escape(one) for one in route.path.split("/")]
    pattern = re.compile("/".join(parts) + "/?")
    return any(asked == route.method and status == ([route.status] if route.status else [])
               and pattern.fullmatch(path) for asked, path, *status in calls)
