// Margination: cells of the size of leucocytes are pushed to the wall by the red cells.
//
// In a vessel where they marginate a cell travels with chance m on the outermost streamline open to
// it, and else on one drawn by flux. One deviate u in (0, 1) decides both: the streamline is
// that of
//
//   v = min(u / (1 - m), 1 - 2^-24),
//
// uniform below u = 1 - m and the last one above; `margination` is 1 / (1 - m), so that 1 is none
// at all and changes no bit. With s = 1 - (1-L)^2 and b = (4/3) L^2 (streamline.h) the mean of the
// speed is  (1-m) (4 (1 - s^3) / (3 (1 - s^2)) - b) + m (2 s - b).
// Holds for L <= 0.8 (above, all streamlines are one); the outermost streamline lacks the drag of
// the wall itself, so that a cell that touches it is slower still. Daughters are chosen as ever.
// Source: Fedosov and Gompper 2014, doi:10.1039/c3sm52860j (where and how often: parameters).
// Test: tests/physics/test_margination.py.
#pragma once
#include "core/platform.h"

CTC_NAMESPACE_BEGIN

// The largest uniform deviate: no streamline is farther out.
constexpr f32 OUTERMOST = 0x1.fffffep-1f;

template <class F>
CTC_FUNCTION F marginated_deviate(F deviate, F margination) {
    return smaller(deviate * margination, F(OUTERMOST));
}

CTC_NAMESPACE_END
