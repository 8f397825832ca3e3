"""Closed surfaces made by rule, as corners of triangles [m]."""

import numpy as np

_FACES = [
    (0, 2, 3), (0, 3, 1), (4, 5, 7), (4, 7, 6), (0, 1, 5), (0, 5, 4),
    (2, 6, 7), (2, 7, 3), (0, 4, 6), (0, 6, 2), (1, 3, 7), (1, 7, 5),
]  # fmt: skip


def cube(side=0.1, centre=(0.0, 0.0, 0.0)):
    corner = np.array([[i & 1, i >> 1 & 1, i >> 2] for i in range(8)]) - 0.5
    return (np.array(centre) + side * corner)[np.array(_FACES)]


def ball(radius=0.05, *, centre=(0.0, 0.0, 0.0), divisions=3):
    """Octahedron, each face cut into four again and again, corners pushed out to the ball."""
    signs = np.array([(i, j, k) for i in (1, -1) for j in (1, -1) for k in (1, -1)], dtype=float)
    x, y, z = np.eye(3)
    faces = []
    for i, j, k in signs:
        face = [i * x, j * y, k * z]
        faces.append(face if i * j * k > 0 else face[::-1])
    faces = np.array(faces)
    for _ in range(divisions):
        a, b, c = faces[:, 0], faces[:, 1], faces[:, 2]
        ab, bc, ca = (0.5 * (p + q) for p, q in ((a, b), (b, c), (c, a)))
        parts = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
        faces = np.concatenate([np.stack(part, axis=1) for part in parts])
        # Equal places get equal bits: every corner is rounded in the same way.
        faces = np.round(faces / np.linalg.norm(faces, axis=2)[:, :, None], 12)
    return np.array(centre) + radius * faces


def torus(*, major=0.05, minor=0.02, n=48, m=24):
    u, v = 2 * np.pi * np.arange(n) / n, 2 * np.pi * np.arange(m) / m
    ring = major + minor * np.cos(v)
    points = np.stack(
        [
            np.cos(u)[:, None] * ring,
            np.sin(u)[:, None] * ring,
            np.broadcast_to(minor * np.sin(v), (n, m)),
        ],
        axis=2,
    )
    next_u, next_v = np.roll(points, -1, axis=0), np.roll(points, -1, axis=1)
    both = np.roll(next_u, -1, axis=1)
    quads = [(points, next_u, both), (points, both, next_v)]
    return np.concatenate([np.stack(q, axis=2).reshape(-1, 3, 3) for q in quads])
