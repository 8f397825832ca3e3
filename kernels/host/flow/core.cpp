// The numbers of the core: column by column, changed by earlier blocks of columns.
//
// The columns of a block lead to the same later rows, so they change a column together: one pass
// over the rows for up to four of them. A block waits in the list of the next row that it has to
// change.
#include "host/flow/elimination.h"

namespace ctc_flow {
namespace {

// sum[row] += share * value of n columns, whose values below a row lie at at[0] ... at[n-1].
void add_columns(const double* value, const i32* row, i32 count, const i64* at, const double* share,
                 i32 n, double* sum) {
    i32 c = 0;
    for (; c + 4 <= n; c += 4) {
        const double *v0 = value + at[c], *v1 = value + at[c + 1];
        const double *v2 = value + at[c + 2], *v3 = value + at[c + 3];
        const double s0 = share[c], s1 = share[c + 1], s2 = share[c + 2], s3 = share[c + 3];
        for (i32 t = 0; t < count; ++t)
            sum[row[t]] += (s0 * v0[t] + s1 * v1[t]) + (s2 * v2[t] + s3 * v3[t]);
    }
    for (; c < n; ++c) {
        const double* v = value + at[c];
        for (i32 t = 0; t < count; ++t) sum[row[t]] += share[c] * v[t];
    }
}

}  // namespace

void Factor::refresh_core() {
    const Pattern& p = pattern_;
    const i32 n_light = p.n_light, n_core = p.n_free - n_light;
    const i32 n_blocks = static_cast<i32>(p.block.size()) - 1;
    // By place.
    std::vector<double> sums(p.n_free, 0.0);
    double* sum = sums.data();
    std::vector<i32> head(n_core, -1), next(n_blocks, -1), done(n_blocks, 0);
    std::vector<i64> at;
    std::vector<double> share;
    const auto wait_for_next = [&](i32 block) {
        const i32 last = p.block[block + 1] - 1;
        const i32 slot = p.first[last] + done[block];
        if (slot == p.first[last + 1]) return;
        const i32 k = p.row[slot] - n_light;
        next[block] = head[k];
        head[k] = block;
    };
    // What columns from..to of a block do to the row that lies `skip` rows below the last of them.
    const auto change = [&](i32 from, i32 to, i32 skip, i32 place) {
        at.clear();
        share.clear();
        for (i32 column = from; column <= to; ++column) {
            const i64 own = static_cast<i64>(p.first[column]) + (to - column) + skip;
            share.push_back(value_[own] * inverse_[column]);
            ground_[place] += share.back() * ground_[column];
            at.push_back(own + 1);
        }
        const i32 below = p.first[to] + skip + 1;
        add_columns(value_.data(), p.row.data() + below, p.first[to + 1] - below, at.data(),
                    share.data(), to - from + 1, sum);
    };
    for (i32 block = 0; block < n_blocks; ++block) {
        for (i32 place = p.block[block]; place < p.block[block + 1]; ++place) {
            const i32 begin = p.first[place], end = p.first[place + 1];
            for (i32 s = begin; s < end; ++s) sum[p.row[s]] = value_[s];
            for (i32 earlier = head[place - n_light]; earlier >= 0;) {
                const i32 following = next[earlier];
                change(p.block[earlier], p.block[earlier + 1] - 1, done[earlier], place);
                ++done[earlier];
                wait_for_next(earlier);
                earlier = following;
            }
            if (place > p.block[block]) change(p.block[block], place - 1, 0, place);
            double total = ground_[place];
            for (i32 s = begin; s < end; ++s) {
                value_[s] = sum[p.row[s]];
                total += value_[s];
            }
            inverse_[place] = total > 0.0 ? 1.0 / total : 0.0;
        }
        wait_for_next(block);
    }
}

}  // namespace ctc_flow
