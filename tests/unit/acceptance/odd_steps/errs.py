"""A step that ends well with a finding that is not as it must be, and something left out."""

from tools.gpu_acceptance.scene import Scene


def run(scene: Scene) -> str:
    scene.add("digest", "DIFFERENT", ok=False, note="on cuda")
    scene.add("speed", 1.5e10, "hops/s")
    return "no time for the rest"
