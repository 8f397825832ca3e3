"""Every colour of the report by name, on a light and on a dark ground; safe for colour-blind eyes.

The states keep the hues that they have in the pictures of `ctc.viewer`; on paper they are darker.
"""

from __future__ import annotations

from ctc.states import CellState

# Name -> on a light ground, on a dark one.
COLOURS = {
    "ground": ("#ffffff", "#0f151d"),
    "panel": ("#f5f7fa", "#18212c"),
    "text": ("#16202b", "#e8eef6"),
    "faint": ("#5a6878", "#9fb0c3"),
    "line": ("#d3dbe4", "#334254"),
    "accent": ("#1f5fbf", "#8ab4ff"),
    "shed": ("#4a5a6c", "#c3cfdc"),
    "circulating": ("#6b7c8f", "#f4f7fb"),
    "arrested": ("#d4620a", "#ff8a26"),
    "extravasated": ("#009468", "#30e39b"),
    "dormant": ("#2f62d0", "#6f9fff"),
    "colony": ("#d9a600", "#ffe600"),
    "died": ("#a3adb8", "#6d7c8e"),
    "exited": ("#56a4d6", "#7cc7f2"),
    "autopsy": ("#8a2d86", "#e69be0"),
    "artery": ("#c33a30", "#ff7a6e"),
    "plan": ("#16202b", "#e8eef6"),
}
STATE_COLOURS = {state: state.name.lower() for state in CellState}
LIGHT, DARK = 0, 1


def css_variables(ground: int) -> str:
    """Return the declarations of every colour for a ground, `LIGHT` or `DARK`."""
    return "".join(f"--{name}:{pair[ground]};" for name, pair in COLOURS.items())


def css_classes() -> str:
    """Return the classes ``f-NAME`` (fill) and ``s-NAME`` (stroke) of every colour."""
    return "".join(
        f".f-{name}{{fill:var(--{name})}}.s-{name}{{stroke:var(--{name})}}" for name in COLOURS
    )
