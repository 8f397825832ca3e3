// The radius with which a cluster of cells meets a vessel.
//
// In a vessel that is wide enough a cluster travels as a ball; in a narrower one it unfolds to a
// single file and is as wide as one of its cells:
//
//   radius = ball    where ball <= lumen,    one cell    elsewhere.
//
// For a single cell both are one, and nothing changes. Arrest in capillaries, which are narrower
// than any ball, is by the single cell's diameter (host/tables.cpp).
// Source: Au 2016 PNAS 113:4947, doi:10.1073/pnas.1524448113 (more than 90 % of clusters of up to 20
// cells pass 5-10 um in single file and gather again behind).
// Test: tests/physics/test_clusters.py.
#pragma once
#include "core/platform.h"

CTC_NAMESPACE_BEGIN

template <class F>
CTC_FUNCTION F felt_radius(F ball_radius, F chain_radius, F lumen_radius) {
    return select(ball_radius <= lumen_radius, ball_radius, chain_radius);
}

CTC_NAMESPACE_END
