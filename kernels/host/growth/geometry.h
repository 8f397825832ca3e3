// Points and straight segments in space: float64 arithmetic on coordinates stored in float32.
//
// Stored coordinates count from a corner of the territory's box, so that their rounding, 2^-24 of
// the box, is nanometres for an organ: far below a capillary's bore.
// Test: tests/unit/vessels/test_collisions.py.
#pragma once
#include "core/platform.h"

namespace ctc_growth {

using ctc::i32;
using ctc::i64;
using ctc::u32;
using ctc::u64;
using ctc::u8;

struct Point {
    double x, y, z;
};

struct Stored {
    float x, y, z;
};

inline Point load(const Stored& p) {
    return {static_cast<double>(p.x), static_cast<double>(p.y), static_cast<double>(p.z)};
}
inline Stored store(const Point& p) {
    return {static_cast<float>(p.x), static_cast<float>(p.y), static_cast<float>(p.z)};
}
inline Point operator+(const Point& a, const Point& b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
inline Point operator-(const Point& a, const Point& b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
inline Point operator*(double s, const Point& a) { return {s * a.x, s * a.y, s * a.z}; }
inline double dot(const Point& a, const Point& b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline double square(const Point& a) { return dot(a, a); }
inline double length(const Point& a) { return __builtin_sqrt(square(a)); }
inline double distance(const Point& a, const Point& b) { return length(a - b); }
inline Point cross(const Point& a, const Point& b) {
    return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline double clamp_unit(double t) { return t < 0.0 ? 0.0 : (t > 1.0 ? 1.0 : t); }
inline double larger(double a, double b) { return a > b ? a : b; }
inline double smaller(double a, double b) { return a < b ? a : b; }

// Squared distance from a point to the segment ab; a == b is a point.
inline double square_to_segment(const Point& p, const Point& a, const Point& b) {
    const Point axis = b - a;
    const double whole = square(axis);
    const double t = whole > 0.0 ? clamp_unit(dot(p - a, axis) / whole) : 0.0;
    return square(p - (a + t * axis));
}

// Squared distance between the segments ab and cd.
// Source: Ericson, Real-Time Collision Detection (2005), section 5.1.9; each end is clamped anew,
// so parallel and pointlike segments are right too.
inline double square_between(const Point& a, const Point& b, const Point& c, const Point& d) {
    const Point first = b - a, second = d - c, gap = a - c;
    const double aa = square(first), ee = square(second), f = dot(second, gap);
    double s = 0.0, t = 0.0;
    if (aa > 0.0 && ee > 0.0) {
        const double along = dot(first, gap), mixed = dot(first, second);
        const double determinant = aa * ee - mixed * mixed;
        if (determinant > 0.0) s = clamp_unit((mixed * f - along * ee) / determinant);
        t = (mixed * s + f) / ee;
        if (t < 0.0) {
            t = 0.0;
            s = clamp_unit(-along / aa);
        } else if (t > 1.0) {
            t = 1.0;
            s = clamp_unit((mixed - along) / aa);
        }
    } else if (aa > 0.0) {
        s = clamp_unit(-dot(first, gap) / aa);
    } else if (ee > 0.0) {
        t = clamp_unit(f / ee);
    }
    return square(gap + s * first - t * second);
}

}  // namespace ctc_growth
