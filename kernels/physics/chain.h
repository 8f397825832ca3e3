// How wide a cell, or a cluster of cells, is in a vessel.
//
// In a vessel that is wide enough a cluster travels as a ball; in a narrower one it unfolds to a
// single file and is as wide as one of its cells:
//
//   radius = ball    where ball <= lumen,    one cell    elsewhere.
//
// For a single cell both are one, and nothing changes. Arrest in capillaries, which are narrower
// than any ball, is by the single cell's diameter (host/tables.cpp). All by square roots, because
// segments carry theirs (core/records.h): root of L = root of the radius * bore, L at most 1.
// Source: Au 2016 PNAS 113:4947, doi:10.1073/pnas.1524448113 (more than 90 % of clusters of up to
// 20 cells pass 5-10 um in single file and gather again behind).
// Test: tests/physics/test_clusters.py.
#pragma once
#include "core/platform.h"

CTC_NAMESPACE_BEGIN

// Square root of cell over lumen diameter. ball_root, chain_root: of the radii [m^1/2].
template <class F>
CTC_FUNCTION F felt_size_root(F ball_root, F chain_root, F bore) {
    const F ball = ball_root * bore;
    const F chain = chain_root * bore;
    return select(ball <= F(1.0f), ball, smaller(chain, F(1.0f)));
}

CTC_NAMESPACE_END
