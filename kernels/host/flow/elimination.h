// Elimination of the nodes of a network of resistors, in an order that is found once.
//
// Nodal analysis, sum_j g_ij (p_i - p_j) = q_i, is solved by removing node after node. A node of
// conductances g_1 ... g_k to the nodes that are left, and g_0 to nodes of known pressure, turns
// into conductances g_i g_j / d between those nodes, d = g_0 + g_1 + ... + g_k (the star-mesh
// transform: LDL^T of the conductance matrix). The diagonal is never stored but summed from the
// conductances that are left, so nothing is ever subtracted and every number is right to a few
// roundings, over any span of conductances (as in Grassmann, Taksar and Heyman 1985, Oper Res
// 33:1107, for Markov chains).
//
// "Light" nodes have at most LIGHT conductances when they go: all of a pair or triple of trees
// that share their terminals. Where each of their products lands is listed. The rest, the core (a
// mesh), is ordered by approximate minimum degree and factored column by column.
#pragma once
#include <vector>

namespace ctc_flow {

using i32 = int;
using i64 = long long;
using u8 = unsigned char;

constexpr i32 LIGHT = 3;

struct Joints {
    const i32* start;
    const i32* end;
    i64 count;
};

// One conductance of a node that is being eliminated: to which node, and which one it is.
struct Edge {
    i32 node;
    i32 id;
};

// Lists of conductances of each node, which grow and shrink.
class Neighbours {
  public:
    // is_free: nodes of unknown pressure. Parallel joints share one conductance;
    // edge_of_joint: which, or -1 where an end is not free.
    Neighbours(i32 n_nodes, const Joints& joints, const std::vector<u8>& is_free,
               std::vector<i32>& edge_of_joint);

    i32 degree(i32 node) const { return size_[node]; }
    const Edge* begin(i32 node) const { return pool_.data() + first_[node]; }
    const Edge* end(i32 node) const { return begin(node) + size_[node]; }
    i32 n_edges() const { return n_edges_; }

    // The conductance between two nodes, made if there is none.
    i32 join(i32 a, i32 b);
    void drop(i32 node, i32 neighbour);

  private:
    void push(i32 node, Edge edge);

    std::vector<i64> first_;
    std::vector<i32> size_, room_;
    std::vector<Edge> pool_;
    i32 n_edges_ = 0;
};

// The light nodes in the order in which they went, and what they were joined to then.
struct LightNodes {
    std::vector<i32> node;
    std::vector<i64> first;   // of the columns below; one more than nodes
    std::vector<Edge> edge;   // left at elimination
    std::vector<i32> target;  // edges that the pairs (0,1), (0,2), (1,2) of a column land on
};

LightNodes eliminate_light(i32 n_nodes, const std::vector<u8>& is_free, Neighbours& neighbours);

// Elimination order of the core by approximate minimum degree: graph[i] lists the neighbours of i.
std::vector<i32> minimum_degree_order(const std::vector<std::vector<i32>>& graph);

// The pattern of a factor: columns in elimination order, light ones first.
struct Pattern {
    i32 n_nodes = 0;
    i32 n_light = 0;
    i32 n_free = 0;
    std::vector<i32> node_at;    // node of each place in the order
    std::vector<i32> place;      // place of each node, -1 for the others
    std::vector<i32> first;      // slots of each column; one more than places
    std::vector<i32> row;        // place of the node that a slot leads to, later in the order
    std::vector<i32> target;     // of light columns: slots that their products land on
    std::vector<i32> slot;       // of each joint: slot, or -1
    std::vector<i32> block;      // first places of blocks: core columns of the same later rows
    double core_products = 0.0;  // multiplications that the core takes
};

enum Status { DONE = 0, NO_MEMORY = 1, TOO_LARGE = 2 };

Status find_pattern(i32 n_nodes, const Joints& joints, const u8* is_fixed, Pattern& pattern);

// Numbers of one factor. Solved pressures are exact for these conductances.
class Factor {
  public:
    explicit Factor(const Pattern& pattern) : pattern_(pattern) {}

    // Factor for conductances of the joints; is_fixed and joints as for the pattern.
    void refresh(const Joints& joints, const double* conductance);

    // pressure: read at fixed nodes, written at free ones. inflow at free nodes.
    void solve(const Joints& joints, const double* conductance, const double* inflow,
               double* pressure);

    // The same for conductances near those of the last refresh, from a guess in pressure, by
    // conjugate gradients; returns the rounds that it took, or -1 where MOST did not bring the
    // error down to the tolerance (of the square root of the power that the flow takes).
    i32 improve(const Joints& joints, const double* conductance, const double* inflow,
                double tolerance, double* pressure) const;

  private:
    void refresh_core();
    void substitute(double* drive) const;

    const Pattern& pattern_;
    std::vector<double> value_;    // conductance of every slot when its column goes
    std::vector<double> ground_;   // conductance to known pressures when a node goes
    std::vector<double> inverse_;  // 1 / sum of a column's conductances and its ground
    std::vector<double> drive_;    // inflow, of a node and of those before it
};

}  // namespace ctc_flow
