"""A small body as CSV tables: one organ, one lung, the four boundaries."""

from __future__ import annotations

from pathlib import Path

NODES = [
    "node,x_mm,y_mm,z_mm,tree,boundary,near_organs,part",
    "a0,0,0,100,artery,aortic_root,,x",
    "a1,0,0,90,artery,,brain|left_kidney,x",
    "a2,5,0,80,artery,,left_kidney,x",
    "a3,-5,0,80,artery,,,x",
    "v1,5,0,70,vein,,left_kidney,x",
    "v2,-5,0,70,vein,,,x",
    "v0,0,0,60,vein,vena_cava_outlet,,x",
    "v9,1,0,120,vein,vena_cava_outlet,,x",
    "p0,0,5,100,pulmonary_artery,pulmonary_trunk_root,,x",
    "p1,0,5,95,pulmonary_artery,,left_lung,x",
    "q1,0,9,95,pulmonary_vein,,left_lung,x",
    "q0,0,9,100,pulmonary_vein,pulmonary_vein_outlet,,x",
]
SEGMENTS = [
    "segment,node_a,node_b,radius_mm,length_mm,kind,organ",
    "s0,a0,a1,2,10,vessel,",
    "s1,a1,a2,1.5,11,vessel,",
    "s2,a1,a3,1.5,11,vessel,",
    "s3,v1,a2,30,1,microvascular_link,left_kidney",
    "s4,a3,v2,1,1,microvascular_link,other",
    "s5,v1,v0,1.5,11,vessel,",
    "s6,v2,v0,1.5,11,vessel,",
    "s7,v2,v9,1.5,50,vessel,",
    "s8,p0,p1,2,5,vessel,",
    "s9,p1,q1,1,4,microvascular_link,lung",
    "s10,q1,q0,2,5,vessel,",
]
TARGETS = ["organ,fraction_of_cardiac_output", "left_kidney,0.3", "other,0.7"]


def write_sample(
    folder: Path,
    *,
    nodes: list[str] | None = None,
    segments: list[str] | None = None,
    targets: list[str] | None = TARGETS,
) -> Path:
    """Write the tables, some of them changed, and return their folder."""
    files = {
        "nodes.csv": NODES if nodes is None else nodes,
        "segments.csv": SEGMENTS if segments is None else segments,
        "organ_flow_targets.csv": targets,
    }
    for name, lines in files.items():
        if lines is not None:
            (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def swapped(lines: list[str], old: str, new: str) -> list[str]:
    """Return the lines with one of them replaced."""
    assert lines.count(old) == 1
    return [new if line == old else line for line in lines]
