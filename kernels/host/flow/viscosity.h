// Laws of blood in narrow tubes: apparent viscosity, tube haematocrit, phase separation.
//
// Diameters D in micrometres, haematocrits H as fractions (discharge, unless it says tube).
// Test: tests/physics/test_rheology.py.
#pragma once
#include "host/flow/series.h"

namespace ctc_flow {

enum ViscosityLaw { CONSTANT = 0, IN_VITRO_1992 = 1, IN_VIVO_1994 = 2, SURFACE_LAYER_2005 = 3 };
enum SeparationLaw { PROPORTIONAL = 0, PRIES_1990 = 1, PRIES_2005 = 2 };

// Viscosity over that of plasma as a function of H, in one tube:
//   (base + rise * ((1 - H)^exponent - 1)) / (clear - narrowing * H)^4
struct ViscosityCurve {
    double base, rise, exponent, clear, narrowing;
};

// Exponent C of the haematocrit:
//   C = (0.8 + exp(-0.075 D)) (g - 1) + g, g = 1 / (1 + 1e-11 D^12)
// Source: Pries, Neuhaus and Gaehtgens 1992, Am J Physiol 263:H1770.
inline double haematocrit_exponent(double diameter) {
    const double square = diameter * diameter, fourth = square * square;
    const double g = 1.0 / (1.0 + 1e-11 * fourth * fourth * fourth);
    const double exponent = (0.8 + exp_series(-0.075 * diameter)) * (g - 1.0) + g;
    // It is 0 near 8.04 um, where the law has the limit ln(1 - H) / ln(1 - 0.45).
    return exponent == 0.0 ? 1e-300 : exponent;
}

// Relative viscosity of blood of H = 0.45, without its steep rise in the narrowest tubes, which
// differs between the laws: 3.2 - 2.44 exp(-0.06 D^0.645).
inline double viscosity_without_rise(double diameter) {
    return 3.2 - 2.44 * exp_series(-0.06 * ctc_host::pow_f64(diameter, 0.645));
}

inline double haematocrit_scale(double exponent) {
    const double log_of_plasma_share = -0.59783700075562041;  // ln(1 - 0.45)
    return 1.0 / expm1_series(exponent * log_of_plasma_share);
}

// Glass tubes: mu_45 = 220 exp(-1.3 D) + 3.2 - 2.44 exp(-0.06 D^0.645).
// Source: Pries, Neuhaus and Gaehtgens 1992, Am J Physiol 263:H1770; D from 3.3 um.
inline ViscosityCurve in_vitro_1992(double diameter) {
    const double exponent = haematocrit_exponent(diameter);
    const double at_45 = 220.0 * exp_series(-1.3 * diameter) + viscosity_without_rise(diameter);
    return {1.0, (at_45 - 1.0) * haematocrit_scale(exponent), exponent, 1.0, 0.0};
}

// Living vessels: mu_45 = 6 exp(-0.085 D) + 3.2 - 2.44 exp(-0.06 D^0.645), and with
// w = (D / (D - 1.1))^2 the viscosity is [1 + (mu_45 - 1) h w] w, h the dependence on H.
// Source: Pries, Secomb, Gessner et al. 1994, Circ Res 75:904.
inline ViscosityCurve in_vivo_1994(double diameter) {
    const double exponent = haematocrit_exponent(diameter);
    const double at_45 = 6.0 * exp_series(-0.085 * diameter) + viscosity_without_rise(diameter);
    const double ratio = diameter / (diameter - 1.1), wall = ratio * ratio;
    return {wall, (at_45 - 1.0) * haematocrit_scale(exponent) * wall * wall, exponent, 1.0, 0.0};
}

// Living vessels, with an endothelial surface layer of thickness W that red cells do not enter:
//   mu = mu_in_vitro(D - 2 W_ph) (D / (D - 2 W_eff))^4
//   W_as = W_max (D - D_off) / (D + D_50 - 2 D_off), 0 below D_off
//   W_peak = E_amp (D - D_off) / (D_crit - D_off) up to D_crit, E_amp exp(-E_width (D - D_crit))
//   beyond;  W_ph = W_as + E_peak W_peak;  W_eff = W_as + W_peak (1 + E_HD H)
// Source: Pries and Secomb 2005, Am J Physiol 289:H2657; W_max 2.6 um, D_off 2.4 um, D_crit 10.5
// um, D_50 100 um, E_amp 1.1, E_width 0.03, E_peak 0.6, E_HD 1.18.
inline ViscosityCurve surface_layer_2005(double diameter) {
    const double w_max = 2.6, d_off = 2.4, d_crit = 10.5, d_50 = 100.0;
    const double e_amp = 1.1, e_width = 0.03, e_peak = 0.6, e_hd = 1.18;
    double w_as = 0.0, w_peak = 0.0;
    if (diameter > d_off) {
        w_as = w_max * (diameter - d_off) / (diameter + d_50 - 2.0 * d_off);
        w_peak = diameter <= d_crit ? e_amp * (diameter - d_off) / (d_crit - d_off)
                                    : e_amp * exp_series(-e_width * (diameter - d_crit));
    }
    ViscosityCurve curve = in_vitro_1992(diameter - 2.0 * (w_as + e_peak * w_peak));
    curve.clear = 1.0 - 2.0 * (w_as + w_peak) / diameter;
    curve.narrowing = 2.0 * w_peak * e_hd / diameter;
    return curve;
}

inline ViscosityCurve viscosity_curve(int law, double diameter) {
    if (law == IN_VITRO_1992) return in_vitro_1992(diameter);
    if (law == IN_VIVO_1994) return in_vivo_1994(diameter);
    if (law == SURFACE_LAYER_2005) return surface_layer_2005(diameter);
    return {1.0, 0.0, 1.0, 1.0, 0.0};
}

// Cut at the haematocrit above which nothing flows; only flows that are not settled ask for more.
inline double relative_viscosity(const ViscosityCurve& curve, double haematocrit) {
    if (!(haematocrit < 0.999)) haematocrit = 0.999;
    const double power = curve.exponent * log_series(1.0 - haematocrit);
    // Near the zero of the exponent, at 8.04 um, rise is large and exp - 1 would cancel.
    const bool is_small = curve.exponent < 0.1 && curve.exponent > -0.1;
    const double change = is_small ? expm1_series(power) : exp_series(power) - 1.0;
    const double relative = curve.base + curve.rise * change;
    if (curve.narrowing == 0.0) return relative;
    const double lumen = curve.clear - curve.narrowing * haematocrit, square = lumen * lumen;
    return relative / (square * square);
}

// Fahraeus effect: red cells run ahead of the plasma, so a tube holds fewer than flow through it:
//   H_T / H = H + (1 - H) (1 + 1.7 exp(-0.415 D) - 0.6 exp(-0.011 D))
// Source: Pries, Secomb, Gaehtgens and Gross 1990, Circ Res 67:826. Above 1 below 2.6 um, where
// it is cut: a tube holds no more red cells than flow through it.
inline double tube_haematocrit(double diameter, double haematocrit) {
    const double shape =
        1.0 + 1.7 * exp_series(-0.415 * diameter) - 0.6 * exp_series(-0.011 * diameter);
    const double ratio = haematocrit + (1.0 - haematocrit) * shape;
    return haematocrit * (ratio < 1.0 ? ratio : 1.0);
}

// Share of a vessel's red cells that enters daughter a at a diverging bifurcation, given a's share
// of its blood:
//   0 up to X0, 1 from 1 - X0, between them logit(cells) = A + B logit((blood - X0) / (1 - 2 X0))
// with 1990: A = -6.96 ln(D_a / D_b) / D_f,       B = 1 + 6.98 (1 - H) / D_f, X0 = 0.4 / D_f
//      2005: A = -13.29 (D_a^2 - D_b^2) / (D_a^2 + D_b^2) (1 - H) / D_f,
//            B = 1 + 6.98 (1 - H) / D_f, X0 = 0.964 (1 - H) / D_f
// of diameters D_f (feeding), D_a, D_b and the feeding haematocrit H. Exchanging a and b gives 1
// less the share. Sources: Pries, Secomb, Gaehtgens and Gross 1990, Circ Res 67:826; Pries and
// Secomb 2005, Am J Physiol 289:H2657.
inline double red_cell_share(int law, double blood, double d_a, double d_b, double d_f,
                             double haematocrit) {
    if (law == PROPORTIONAL) return blood;
    const double plasma = 1.0 - haematocrit, curvature = 1.0 / d_f;
    const double x0 = law == PRIES_1990 ? 0.4 * curvature : 0.964 * plasma * curvature;
    if (!(blood > x0)) return 0.0;
    if (!(blood < 1.0 - x0)) return 1.0;
    const double square_a = d_a * d_a, square_b = d_b * d_b;
    const double a = law == PRIES_1990 ? -6.96 * log_series(d_a / d_b) * curvature
                                       : -13.29 * ((square_a - square_b) / (square_a + square_b)) *
                                             plasma * curvature;
    const double b = 1.0 + 6.98 * plasma * curvature;
    const double odds = (blood - x0) / (1.0 - x0 - blood);
    return 1.0 / (1.0 + exp_series(-(a + b * log_series(odds))));
}

// The same for more daughters: a weight of each, whose share is its weight over the sum of all,
//   exp(A_i / 2) (blood_i - X0)^B, 0 where that is negative
// which for two is the law above: A_i is what it says of daughter i against the others, taken as
// one vessel of their diameter averaged over flow. It does not depend on the order of the
// daughters, is the share of the blood where the law is, and has no jump where a daughter's flow
// comes to rest. X0 is cut at LEAST_ROOM below the largest share of the blood, so that some
// daughter gets the cells; with two daughters of tubes that red cells pass the cut never bites.
constexpr double LEAST_ROOM = 0.1;

inline double red_cell_weight(int law, double blood, double largest, double d_own, double d_others,
                              double d_f, double haematocrit) {
    const double plasma = 1.0 - haematocrit, curvature = 1.0 / d_f;
    const double x0 = law == PRIES_1990 ? 0.4 * curvature : 0.964 * plasma * curvature;
    const double cut = (1.0 - LEAST_ROOM) * largest;
    const double room = blood - (x0 < cut ? x0 : cut);
    if (!(room > 0.0)) return 0.0;
    const double square = d_own * d_own, other = d_others * d_others;
    const double a = law == PRIES_1990
                         ? -6.96 * log_series(d_own / d_others) * curvature
                         : -13.29 * ((square - other) / (square + other)) * plasma * curvature;
    const double b = 1.0 + 6.98 * plasma * curvature;
    return exp_series(0.5 * a + b * log_series(room));
}

}  // namespace ctc_flow
