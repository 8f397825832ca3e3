"""Hops a second by size of the network, number of cells and device, all in one run."""

from __future__ import annotations

import os

from ctc.backends.base import Backend
from ctc.backends.cpu import CpuBackend
from ctc.backends.cuda import CudaBackend
from tools.gpu_acceptance.bodies import body_setting
from tools.gpu_acceptance.goals import judge_rate
from tools.gpu_acceptance.hop_speed import HopSpeed, Walkers
from tools.gpu_acceptance.scene import Scene

# Copies of a body of 8e4 segments, cells. What says most comes first.
_ON_GPU = ((12, 10**6), (1, 10**6), (120, 10**6), (12, 10**7), (12, 10**5), (1, 10**5), (1, 10**7))
_ON_GPU_LATER = ((120, 10**7), (120, 10**5))
_ON_CPU = ((12, 10**5), (1, 10**5), (120, 10**5))
_SHORT = ((1, 2000),)
# So many copies have 10^6 segments.
_MILLION = 12


def run(scene: Scene) -> str:
    """Measure case after case; the networks are made once."""
    setting = body_setting(is_short=scene.is_short)
    walkers: dict[int, Walkers] = {}
    cores = len(os.sched_getaffinity(0))
    jobs: list[tuple[Backend, tuple[tuple[int, int], ...]]] = []
    if scene.has_gpu:
        jobs.append((CudaBackend(), _ON_GPU))
    jobs.append((CpuBackend(threads=cores), _ON_CPU))
    jobs.append((CpuBackend(threads=1), _ON_CPU[:1]))
    if scene.has_gpu:
        jobs.append((jobs[0][0], _ON_GPU_LATER))
    rates: dict[tuple[str, int], float] = {}
    left_out = []
    for backend, cases in jobs:
        for n_copies, n_cells in _SHORT if scene.is_short else cases:
            if scene.left < 8.0 and not scene.is_short:
                left_out.append(f"{backend.name} {n_copies} x {n_cells:,}")
                continue
            walker = walkers.setdefault(n_copies, Walkers(setting, n_copies))
            found = walker.measure(backend, n_cells)
            _tell(scene, backend, found)
            key = (backend.name, n_copies)
            rates[key] = max(rates.get(key, 0.0), found.kernel)
    for n_copies, walker in walkers.items():
        gpu, cpu = rates.get(("cuda:0", n_copies)), rates.get(("cpu", n_copies))
        if gpu and cpu:
            name = f"GPU over all cores, {walker.hops.records.size:,} records"
            scene.add(name, gpu / cpu, "times", note="the best of each, launches only")
    if ("cuda:0", _MILLION) in rates and not scene.is_short:
        judge_rate(scene, rates["cuda:0", _MILLION], device=jobs[0][0].description)
    return f"no time for {', '.join(left_out)}" if left_out else ""


def _tell(scene: Scene, backend: Backend, found: HopSpeed) -> None:
    what = f"{backend.description}: {found.n_records:,} records, {found.n_cells:,} cells"
    note = f"with all around {found.whole:.3g}; {found.hops / found.n_cells:.0f} hops a cell"
    scene.add(what, found.kernel, "hops/s", ok=found.kernel > 0.0, note=note)
