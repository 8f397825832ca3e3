// Anderson mixing of the guesses of a fixed point: where single steps creep, the next guess is
// drawn from the last ones and from what each of them asked for.
//
//   f = g(x) - x;  gamma minimises |w (f - dF gamma)|;  next x = g(x) - (dX + dF) gamma
// with dX, dF the differences of successive guesses and residuals, w the weights of the numbers.
// A number goes at most to half or twice what is asked for.
// Source: Anderson 1965, J ACM 12:547; Walker and Ni 2011, SIAM J Numer Anal 49:1715.
#include <new>
#include <vector>

#include "host/floating_point.h"
#include "host/flow/elimination.h"

#define CTC_EXPORT extern "C" __attribute__((visibility("default")))

using namespace ctc_flow;

namespace {

constexpr int MOST = 30;
constexpr i64 ROOM = 60000000;  // differences of guesses times their numbers: 1 GB with residuals
// A difference of which the newer ones leave no more than this share (squared) adds only rounding.
constexpr double LEAST_NEW_PART = 1e-13;

class Mixing {
  public:
    explicit Mixing(i64 count) : count_(count), depth_(MOST) {
        if (count > 0 && ROOM / count < MOST) depth_ = static_cast<int>(ROOM / count);
        if (depth_ < 2) depth_ = 2;
    }

    // Weights are those of the first step since the last forget.
    void step(const double* wanted, const double* weight, double* x) {
        std::vector<double> f(count_);
        for (i64 i = 0; i < count_; ++i) f[i] = wanted[i] - x[i];
        if (last_x_.empty()) weight_.assign(weight, weight + count_);
        else remember(x, f);
        last_x_.assign(x, x + count_);
        const std::vector<double> gamma = coefficients(f);
        for (i64 i = 0; i < count_; ++i) {
            double next = wanted[i];
            for (std::size_t k = 0; k < gamma.size(); ++k)
                next -= gamma[k] * (dx_[k][i] + df_[k][i]);
            const double least = 0.5 * wanted[i], most = 2.0 * wanted[i];
            x[i] = next < least ? least : next > most ? most : next;
        }
        last_f_.swap(f);
    }

    void forget() {
        dx_.clear();
        df_.clear();
        products_.clear();
        last_x_.clear();
    }

  private:
    void remember(const double* x, const std::vector<double>& f) {
        std::vector<double> dx(count_), df(count_);
        for (i64 i = 0; i < count_; ++i) {
            dx[i] = x[i] - last_x_[i];
            df[i] = f[i] - last_f_[i];
        }
        if (static_cast<int>(dx_.size()) == depth_) {
            dx_.erase(dx_.begin());
            df_.erase(df_.begin());
            products_.erase(products_.begin());
            for (std::vector<double>& row : products_) row.erase(row.begin());
        }
        dx_.push_back(std::move(dx));
        df_.push_back(std::move(df));
        products_.emplace_back();
        for (const std::vector<double>& each : df_)
            products_.back().push_back(product(df_.back(), each));
    }

    double product(const std::vector<double>& a, const std::vector<double>& b) const {
        double sum = 0.0;
        for (i64 i = 0; i < count_; ++i) sum += (weight_[i] * a[i]) * (weight_[i] * b[i]);
        return sum;
    }

    // Normal equations by LDL^T, newest difference first.
    std::vector<double> coefficients(const std::vector<double>& f) const {
        const int m = static_cast<int>(df_.size());
        std::vector<double> gamma(m, 0.0), b(m), pivot(m);
        std::vector<std::vector<double>> a(m, std::vector<double>(m, 0.0));
        for (int i = 0; i < m; ++i) {
            b[i] = product(df_[m - 1 - i], f);
            for (int j = 0; j <= i; ++j) a[i][j] = products_[m - 1 - j][m - 1 - i];
        }
        for (int i = 0; i < m; ++i) {
            for (int j = 0; j < i; ++j) {
                for (int k = 0; k < j; ++k) a[i][j] -= a[i][k] * pivot[k] * a[j][k];
                a[i][j] = pivot[j] > 0.0 ? a[i][j] / pivot[j] : 0.0;
            }
            pivot[i] = a[i][i];
            for (int k = 0; k < i; ++k) {
                pivot[i] -= a[i][k] * a[i][k] * pivot[k];
                b[i] -= a[i][k] * b[k];
            }
            if (!(pivot[i] > LEAST_NEW_PART * a[i][i])) pivot[i] = 0.0;
        }
        for (int i = m - 1; i >= 0; --i) {
            if (pivot[i] == 0.0) continue;
            double value = b[i] / pivot[i];
            for (int k = i + 1; k < m; ++k) value -= a[k][i] * gamma[m - 1 - k];
            gamma[m - 1 - i] = value;
        }
        return gamma;
    }

    i64 count_;
    int depth_;
    std::vector<std::vector<double>> dx_, df_;
    std::vector<std::vector<double>> products_;  // of each residual difference with the older ones
    std::vector<double> last_x_, last_f_, weight_;
};

}  // namespace

CTC_EXPORT void* ctc_mixing_open(i64 count) { return new (std::nothrow) Mixing(count); }

CTC_EXPORT void ctc_mixing_close(void* mixing) { delete static_cast<Mixing*>(mixing); }

CTC_EXPORT void ctc_mixing_forget(void* mixing) { static_cast<Mixing*>(mixing)->forget(); }

// Writes the next guess over x.
CTC_EXPORT i32 ctc_mixing_step(void* mixing, const double* wanted, const double* weight,
                               double* x) {
    const ctc_host::FloatingPointMode floating_point;
    try {
        static_cast<Mixing*>(mixing)->step(wanted, weight, x);
    } catch (const std::bad_alloc&) {
        return NO_MEMORY;
    }
    return DONE;
}
