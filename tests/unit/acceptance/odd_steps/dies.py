"""A step whose process dies after the first finding, as one whose kernel faults."""

import os

from tools.gpu_acceptance.scene import Scene


def run(scene: Scene) -> str:
    scene.add("first", 1.0, ok=True)
    os.write(2, b"an illegal memory access was encountered\n")
    os._exit(134)
