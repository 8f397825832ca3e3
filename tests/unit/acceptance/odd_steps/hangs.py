"""A step that finds something and then never ends, nor does what it started."""

import subprocess
import time

from tools.gpu_acceptance.scene import Scene


def run(scene: Scene) -> str:
    child = subprocess.Popen(["sleep", "600"])
    scene.add("child", child.pid)
    time.sleep(600)
    return ""
