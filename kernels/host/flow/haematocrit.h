// Red cells of a whole network from given flows: node after node, downstream.
#pragma once
#include <vector>

#include "host/flow/elimination.h"

namespace ctc_flow {

// What a segment is to the red cells.
enum Role : u8 {
    TUBE = 0,    // phase separation where it divides from tubes
    BUNDLE = 1,  // many vessels in one: takes red cells in proportion to flow
    GIVEN = 2,   // a pump whose haematocrit is known beforehand: lymph (none), the left ventricle
};

struct RedCellLaw {
    int separation;
    double supply;   // haematocrit of what enters at open nodes
    double largest;  // no daughter gets more: red cells are packed
};

class RedCells {
  public:
    RedCells(i32 n_nodes, const Joints& joints, const u8* role, const u8* is_open,
             const double* diameter);

    // haematocrit: of all segments, read where GIVEN and written elsewhere. through: flow through
    // every node. Returns how many nodes lie on loops of flow, which take last sweep's values.
    i64 sweep(const RedCellLaw& law, const double* flow, double* haematocrit, double* through);

  private:
    // A segment at one of its ends.
    struct Visit {
        double diameter;
        i32 segment;
        u8 role;
        bool ends_here;
    };

    void sort(const double* flow);
    void list_visits();
    void pass(i32 node, const Visit* first, const Visit* past, const RedCellLaw& law,
              const double* flow, double* haematocrit, double* through);
    void divide(const RedCellLaw& law, double d_f, double cells, double* haematocrit);

    i32 n_nodes_;
    Joints joints_;
    const u8* role_;
    const u8* is_open_;
    const double* diameter_;
    std::vector<signed char> way_;  // direction that the order below was made for
    std::vector<i32> order_;
    std::vector<i64> first_;     // visits of each node in the order; one more than nodes
    std::vector<Visit> visits_;  // node after node, so that a sweep reads on
    i64 n_looped_ = 0;
    // Daughters of the node at hand.
    std::vector<Visit> daughter_;
    std::vector<double> blood_, share_;
};

}  // namespace ctc_flow
