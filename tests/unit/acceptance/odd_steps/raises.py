"""A step that fails with an exception."""

from tools.gpu_acceptance.scene import Scene


def run(scene: Scene) -> str:
    scene.add("first", 1.0, ok=True)
    raise ValueError("no such thing")
