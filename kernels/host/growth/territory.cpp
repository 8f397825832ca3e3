// Signed distances of analytic shapes, in the order of operations of ctc/body/shapes.py.
#include "host/growth/territory.h"

namespace ctc_growth {

namespace {

double root(double x) { return __builtin_sqrt(x); }

double ellipsoid(const double* n, const Point& p) {
    const Point s = {(p.x - n[0]) / n[3], (p.y - n[1]) / n[4], (p.z - n[2]) / n[5]};
    const Point t = {s.x / n[3], s.y / n[4], s.z / n[5]};
    const double k0 = length(s), k1 = length(t);
    if (!(k1 > 0.0)) return -smaller(n[3], smaller(n[4], n[5]));
    return k0 * (k0 - 1.0) / k1;
}

double capsule(const double* n, const Point& p) {
    const Point start = {n[0], n[1], n[2]}, end = {n[3], n[4], n[5]};
    const Point axis = end - start;
    const double whole = square(axis);
    const double t = whole > 0.0 ? clamp_unit(dot(p - start, axis) / whole) : 0.0;
    return distance(p, start + t * axis) - (n[6] + t * (n[7] - n[6]));
}

double box(const double* n, const Point& p) {
    const Point gap = {__builtin_fabs(p.x - n[0]) - n[3], __builtin_fabs(p.y - n[1]) - n[4],
                       __builtin_fabs(p.z - n[2]) - n[5]};
    const double inside = smaller(larger(gap.x, larger(gap.y, gap.z)), 0.0);
    const Point out = {larger(gap.x, 0.0), larger(gap.y, 0.0), larger(gap.z, 0.0)};
    return length(out) + inside - n[6];
}

double half_space(const double* n, const Point& p) {
    return (p.x - n[0]) * n[3] + (p.y - n[1]) * n[4] + (p.z - n[2]) * n[5];
}

// Beyond the grid the nearest node of its border counts, plus the way to it.
double in_grid(const SampledGrid& grid, const Point& p, bool adds_way) {
    const double at[3] = {(p.x - grid.low.x) / grid.spacing, (p.y - grid.low.y) / grid.spacing,
                          (p.z - grid.low.z) / grid.spacing};
    i64 cell[3];
    double part[3], away = 0.0;
    for (int a = 0; a < 3; ++a) {
        const double top = static_cast<double>(grid.n[a] - 1);
        const double t = at[a] < 0.0 ? 0.0 : (at[a] > top ? top : at[a]);
        away += (at[a] - t) * (at[a] - t);
        cell[a] = static_cast<i64>(t);  // 0 <= t <= n - 1
        if (cell[a] > grid.n[a] - 2) cell[a] = grid.n[a] - 2;
        part[a] = t - static_cast<double>(cell[a]);
    }
    const auto value = [&](i64 i, i64 j, i64 k) {
        return static_cast<double>(
            grid.values[((cell[0] + i) * grid.n[1] + cell[1] + j) * grid.n[2] + cell[2] + k]);
    };
    double sum = 0.0;
    for (int i = 0; i < 2; ++i)
        for (int j = 0; j < 2; ++j)
            for (int k = 0; k < 2; ++k) {
                const double share = (i ? part[0] : 1.0 - part[0]) * (j ? part[1] : 1.0 - part[1]) *
                                     (k ? part[2] : 1.0 - part[2]);
                sum += share * value(i, j, k);
            }
    return adds_way ? sum + root(away) * grid.spacing : sum;
}

}  // namespace

double signed_distance(const Territory& territory, const Point& p) {
    // NOLINTBEGIN(clang-analyzer-*): programs are checked by ctc/vessels/territory_program.py.
    double stack[MOST_PENDING];
    int top = -1;
    for (i32 i = 0; i < territory.n_steps; ++i) {
        const Step step = territory.steps[i];
        const double* n = territory.numbers + step.first;
        switch (step.operation) {
            case ELLIPSOID:
                stack[++top] = ellipsoid(n, p);
                break;
            case CAPSULE:
                stack[++top] = capsule(n, p);
                break;
            case BOX:
                stack[++top] = box(n, p);
                break;
            case HALF_SPACE:
                stack[++top] = half_space(n, p);
                break;
            case GRID:
                stack[++top] = in_grid(territory.grid, p, true);
                break;
            case LAYER:
                stack[top] = larger(stack[top] + n[0], -(stack[top] + n[1]));
                break;
            case ADD:
                --top, stack[top] = smaller(stack[top], stack[top + 1]);
                break;
            case SUBTRACT:
                --top, stack[top] = larger(stack[top], -stack[top + 1]);
                break;
            default:
                --top, stack[top] = larger(stack[top], stack[top + 1]);
                break;
        }
    }
    return stack[0];
    // NOLINTEND(clang-analyzer-*)
}

double terminal_density(const Territory& territory, const Point& p) {
    if (territory.weight.values == nullptr) return 1.0;
    return larger(in_grid(territory.weight, p, false), 0.0);
}

bool is_way_inside(const Territory& territory, const Point& p, const Point& q) {
    const Point middle = 0.5 * (p + q);
    const double depth = -signed_distance(territory, middle);
    if (!(depth > 0.0)) return false;
    const double half = 0.5 * distance(p, q);
    if (depth >= half) return true;
    return signed_distance(territory, 0.5 * (p + middle)) < 0.0 &&
           signed_distance(territory, 0.5 * (middle + q)) < 0.0;
}

}  // namespace ctc_growth
