"""All targets by name. A new one is a `Target` in a module of its kind, listed here."""

from __future__ import annotations

from tools.fuzz import (
    argument_targets,
    hdf5_targets,
    network_targets,
    surface_targets,
    toml_targets,
)
from tools.fuzz.target import Target

TARGETS: dict[str, Target] = {
    target.name: target
    for module in (
        toml_targets,
        network_targets,
        surface_targets,
        argument_targets,
        hdf5_targets,
    )
    for target in module.TARGETS
}
