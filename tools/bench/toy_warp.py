"""The toy hop as a kernel of Warp, which reads its text from this file; needs Warp to import."""

# mypy: ignore-errors
# Warp reads the annotations themselves, so they are not deferred here.
import warp as wp


@wp.kernel
def _advance(  # noqa: PLR0917 - as Warp takes them
    first: wp.array(dtype=wp.uint32),
    second: wp.array(dtype=wp.uint32),
    share: wp.array(dtype=wp.uint32),
    dwell: wp.array(dtype=wp.float32),
    names: wp.array(dtype=wp.uint32),
    place: wp.array(dtype=wp.uint32),
    clock: wp.array(dtype=wp.float32),
    draws: wp.array(dtype=wp.uint32),
):
    i = wp.tid()
    name = names[i]
    here = place[i]
    now = wp.float32(0.0)
    draw = wp.uint32(0)
    while now < 10.0:
        draw = draw + wp.uint32(1)
        word = name + draw * wp.uint32(0x9E3779B9)
        word = word ^ (word >> wp.uint32(16))
        word = word * wp.uint32(0x85EBCA6B)
        word = word ^ (word >> wp.uint32(13))
        word = word * wp.uint32(0xC2B2AE35)
        word = word ^ (word >> wp.uint32(16))
        if word < share[int(here)]:  # noqa: SIM108 - Warp would load both
            here = first[int(here)]
        else:
            here = second[int(here)]
        now = now + dwell[int(here)]
    place[i] = here
    clock[i] = now
    draws[i] = draw


def toy_kernel() -> object:
    """Return the kernel: one thread a particle."""
    return _advance
