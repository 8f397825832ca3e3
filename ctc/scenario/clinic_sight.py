"""Which organs a kind of picture shows, by the words of their names."""

from __future__ import annotations

from collections.abc import Iterable

from ctc.states import ExaminationKind

_SKELETON = ("bone", "marrow", "skeleton", "spine", "vertebra", "rib", "femur", "skull", "pelvis")
# Kinds that are not here show every organ.
_SHOWN = {
    ExaminationKind.MAMMOGRAPHY: ("breast",),
    ExaminationKind.BONE_SCAN: _SKELETON,
}
_WHAT = {
    ExaminationKind.MAMMOGRAPHY: "the breast",
    ExaminationKind.BONE_SCAN: "the skeleton",
}


def can_show(kind: object, organ: str) -> bool:
    """Whether an examination of that kind can show that organ, however badly.

    A PET scan of the brain can: it is blind there only to what is small.
    """
    if not isinstance(kind, ExaminationKind) or kind not in _SHOWN:
        return True
    words = organ.lower().replace("_", " ").split()
    return any(word.rstrip("s") in _SHOWN[kind] or word in _SHOWN[kind] for word in words)


def what_it_shows(kind: ExaminationKind) -> str:
    """Return in words what an examination of that kind shows."""
    return _WHAT.get(kind, "every organ")


def shown_organs(kind: object, organs: Iterable[str]) -> tuple[str, ...]:
    """Return those organs that an examination of that kind can show."""
    return tuple(organ for organ in organs if can_show(kind, organ))
