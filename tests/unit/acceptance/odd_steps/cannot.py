"""A step that cannot be done here."""

from tools.gpu_acceptance.findings import CannotRunError
from tools.gpu_acceptance.scene import Scene


def run(scene: Scene) -> str:
    raise CannotRunError("counters are for administrators")
