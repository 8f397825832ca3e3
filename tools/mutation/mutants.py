"""What may be changed in a module, and a seeded sample of it. The changes are Cosmic Ray's."""

from __future__ import annotations

import ast
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import MutationVisitor
from cosmic_ray.plugins import get_operator, operator_names

from tools.mutation.rooms import ROOT, Room

Position = tuple[int, int]
Span = tuple[Position, Position]


@dataclass(frozen=True)
class Mutant:
    """One change of one place.

    Attributes
    ----------
    module : str
        Path in the checkout.
    line : int
        Where the changed place begins, from 1.
    last_line : int
        Where it ends.
    operator : str
        Cosmic Ray's name of the change.
    before, after : str
        The line that differs, stripped; `after` may be several lines.
    text : str
        The module with the change.
    """

    module: str
    line: int
    last_line: int
    operator: str
    before: str
    after: str
    text: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line}: {self.before}  ->  {self.after or '(nothing)'}"


@dataclass(frozen=True)
class _Change:
    operator: str
    occurrence: int


def sample(room: Room, n_mutants: int, *, seed: int) -> list[Mutant]:
    """Return mutants of a room: each module has its share of them, one at least.

    A place is drawn first and one of its changes after, so that an operator that can be replaced
    by eleven others weighs no more than a number.
    """
    places = {module: _places(ROOT / module) for module in room.modules}
    n_places = sum(map(len, places.values()))
    chosen = []
    for module, spans in places.items():
        if not spans:
            continue
        draw = random.Random(f"{seed} {module}")
        share = max(1, round(n_mutants * len(spans) / n_places))
        for span in draw.sample(sorted(spans), min(share, len(spans))):
            mutant = _mutant(module, span, draw.choice(spans[span]))
            if _is_python(mutant.text):
                chosen.append(mutant)
    return chosen


def count_places(room: Room) -> int:
    """Return how many places of a room may be changed."""
    return sum(len(_places(ROOT / module)) for module in room.modules)


def _places(path: Path) -> dict[Span, list[_Change]]:
    text = path.read_text(encoding="utf-8")
    tree = get_ast(text)
    silent = list(_never_run(ast.parse(text)))
    rows = text.splitlines()
    places: dict[Span, list[_Change]] = defaultdict(list)
    for name in operator_names():
        kind = get_operator(name)
        if kind.arguments() or name.endswith("/NoOp"):
            continue
        operator = kind()
        spans = [span for node in ast_nodes(tree) for span in operator.mutation_positions(node)]
        for occurrence, (first, last) in enumerate(spans):
            is_bare_star = rows[last[0] - 1].startswith(",", last[1])  # no product: f(a, *, b)
            if not is_bare_star and not any(b <= first and last <= e for b, e in silent):
                places[first, last].append(_Change(name, occurrence))
    return dict(places)


def _never_run(tree: ast.Module) -> Iterator[Span]:
    """Annotations, which are text to a running program, and imports for type checkers."""
    for node in ast.walk(tree):
        silent: Sequence[ast.AST | None] = ()
        match node:
            case ast.FunctionDef():
                silent = [node.returns]
            case ast.arg():
                silent = [node.annotation]
            case ast.AnnAssign():
                silent = [node.annotation]
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                silent = [node]
        for part in silent:
            if isinstance(part, ast.expr | ast.stmt):
                end = (part.end_lineno or part.lineno, part.end_col_offset or part.col_offset)
                yield (part.lineno, part.col_offset), end


def _is_python(text: str) -> bool:
    """Whether the text can be read: stars that unpack are taken for products."""
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def _mutant(module: str, span: Span, change: _Change) -> Mutant:
    text = (ROOT / module).read_text(encoding="utf-8")
    operator = get_operator(change.operator)()
    mutated = MutationVisitor.mutate_code(text, operator, change.occurrence)
    if mutated is None or mutated == text:
        message = f"{change.operator} must change {module} at {span}"
        raise AssertionError(message)
    before, after = _difference(text.splitlines(), mutated.splitlines())
    (line, _), (last_line, _) = span
    return Mutant(module, line, last_line, change.operator, before, after, mutated)


def _difference(old: list[str], new: list[str]) -> tuple[str, str]:
    first = next(i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b)
    n_after = 0
    while n_after < min(len(old), len(new)) - first and old[-1 - n_after] == new[-1 - n_after]:
        n_after += 1
    changed = (lines[first : len(lines) - n_after] for lines in (old, new))
    before, after = ("\n".join(line.strip() for line in lines) for lines in changed)
    return before, after
