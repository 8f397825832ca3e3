// Elimination order of a graph by approximate minimum degree on its quotient graph.
//
// Eliminated nodes live on as elements, the cliques that they leave; an element that another
// covers is absorbed. Degrees are the upper bounds of Amestoy, Davis and Duff 1996, SIAM J Matrix
// Anal Appl 17:886; nodes with the same neighbours are merged and eliminated together. Ties go to
// the node whose degree was set last, and every loop runs in a fixed order.
#include <algorithm>

#include "host/flow/elimination.h"

namespace ctc_flow {
namespace {

class QuotientGraph {
  public:
    explicit QuotientGraph(const std::vector<std::vector<i32>>& graph)
        : n_(static_cast<i32>(graph.size())),
          variables_(graph),
          elements_(n_),
          members_(n_),
          weight_(n_, 1),
          degree_(n_),
          is_element_(n_, 0),
          rest_(n_, 0),
          stamp_(n_, -1),
          rest_stamp_(n_, -1),
          merged_(n_),
          bucket_(n_ + 1, -1),
          next_(n_, -1),
          previous_(n_, -1),
          hash_head_(n_, -1),
          hash_next_(n_, -1) {
        for (i32 i = n_ - 1; i >= 0; --i) {
            degree_[i] = static_cast<i32>(graph[i].size());
            insert(i);
        }
    }

    std::vector<i32> order() {
        std::vector<i32> sequence;
        sequence.reserve(n_);
        i32 least = 0;
        n_left_ = n_;
        while (n_left_ > 0) {
            while (bucket_[least] < 0) ++least;
            const i32 pivot = bucket_[least];
            remove(pivot);
            eliminate(pivot, sequence);
            least = std::max(0, std::min(least, lowest_));
        }
        return sequence;
    }

  private:
    void insert(i32 i) {
        const i32 degree = degree_[i];
        previous_[i] = -1;
        next_[i] = bucket_[degree];
        if (next_[i] >= 0) previous_[next_[i]] = i;
        bucket_[degree] = i;
        lowest_ = std::min(lowest_, degree);
    }

    void remove(i32 i) {
        if (previous_[i] >= 0) next_[previous_[i]] = next_[i];
        else bucket_[degree_[i]] = next_[i];
        if (next_[i] >= 0) previous_[next_[i]] = previous_[i];
    }

    // A node and all that were merged into it, in the order of merging.
    void emit(i32 i, std::vector<i32>& sequence) {
        std::vector<i32> stack{i};
        while (!stack.empty()) {
            const i32 node = stack.back();
            stack.pop_back();
            sequence.push_back(node);
            for (auto k = merged_[node].rbegin(); k != merged_[node].rend(); ++k)
                stack.push_back(*k);
        }
    }

    bool is_variable(i32 i) const { return weight_[i] > 0 && !is_element_[i]; }

    void gather(i32 pivot) {
        std::vector<i32>& members = members_[pivot];
        members.clear();
        stamp_[pivot] = pivot;
        const auto take = [&](i32 i) {
            if (is_variable(i) && stamp_[i] != pivot) {
                stamp_[i] = pivot;
                members.push_back(i);
            }
        };
        for (i32 i : variables_[pivot]) take(i);
        for (i32 e : elements_[pivot]) {
            for (i32 i : members_[e]) take(i);
            std::vector<i32>().swap(members_[e]);
            weight_[e] = 0;
        }
        std::vector<i32>().swap(variables_[pivot]);
        std::vector<i32>().swap(elements_[pivot]);
    }

    void eliminate(i32 pivot, std::vector<i32>& sequence) {
        gather(pivot);
        is_element_[pivot] = 1;
        n_left_ -= weight_[pivot];
        lowest_ = n_;
        std::vector<i32>& members = members_[pivot];
        i32 size = 0;
        for (i32 i : members) {
            size += weight_[i];
            remove(i);
            for (i32 e : elements_[i]) {
                if (weight_[e] == 0) continue;
                if (rest_stamp_[e] != pivot) {
                    rest_stamp_[e] = pivot;
                    rest_[e] = element_size_[e];
                }
                rest_[e] -= weight_[i];
            }
        }
        emit(pivot, sequence);
        std::vector<i32> touched;
        for (i32 i : members) {
            i64 degree = 0;
            unsigned long long hash = static_cast<unsigned>(pivot);
            std::vector<i32>& elements = elements_[i];
            std::size_t kept = 0;
            for (i32 e : elements) {
                if (weight_[e] == 0) continue;
                if (rest_[e] == 0) {
                    weight_[e] = 0;  // all of it lies in the new element
                    std::vector<i32>().swap(members_[e]);
                    continue;
                }
                degree += rest_[e];
                hash += static_cast<unsigned>(e);
                elements[kept++] = e;
            }
            elements.resize(kept);
            elements.push_back(pivot);
            std::vector<i32>& variables = variables_[i];
            kept = 0;
            for (i32 j : variables) {
                if (!is_variable(j) || stamp_[j] == pivot) continue;
                degree += weight_[j];
                hash += static_cast<unsigned>(j);
                variables[kept++] = j;
            }
            variables.resize(kept);
            if (degree == 0) {
                // Nothing outside the new element: it can go at once.
                n_left_ -= weight_[i];
                size -= weight_[i];
                weight_[i] = 0;
                emit(i, sequence);
                continue;
            }
            degree_[i] = static_cast<i32>(std::min<i64>(degree, n_));
            const i32 key = static_cast<i32>(hash % static_cast<unsigned long long>(n_));
            hash_next_[i] = hash_head_[key];
            hash_head_[key] = i;
            touched.push_back(key);
        }
        for (i32 key : touched) {
            merge_alike(hash_head_[key]);
            hash_head_[key] = -1;
        }
        std::size_t kept = 0;
        for (i32 i : members) {
            if (weight_[i] == 0) continue;
            members[kept++] = i;
            const i64 bound = static_cast<i64>(degree_[i]) + size - weight_[i];
            degree_[i] = static_cast<i32>(std::min<i64>(bound, n_left_ - weight_[i]));
            insert(i);
        }
        members.resize(kept);
        element_size_[pivot] = size;
        if (size == 0) weight_[pivot] = 0;
    }

    // Nodes of one hash: those with equal lists become one node with their weights added.
    void merge_alike(i32 head) {
        if (head < 0 || hash_next_[head] < 0) return;
        for (i32 i = head; i >= 0; i = hash_next_[i]) {
            if (weight_[i] == 0) continue;
            std::sort(elements_[i].begin(), elements_[i].end());
            std::sort(variables_[i].begin(), variables_[i].end());
        }
        for (i32 i = head; i >= 0; i = hash_next_[i]) {
            if (weight_[i] == 0) continue;
            for (i32 j = hash_next_[i]; j >= 0; j = hash_next_[j]) {
                if (weight_[j] == 0 || elements_[i] != elements_[j] ||
                    variables_[i] != variables_[j])
                    continue;
                weight_[i] += weight_[j];
                weight_[j] = 0;
                merged_[i].push_back(j);
                std::vector<i32>().swap(elements_[j]);
                std::vector<i32>().swap(variables_[j]);
            }
        }
    }

    i32 n_;
    i32 n_left_ = 0;
    i32 lowest_ = 0;
    std::vector<std::vector<i32>> variables_, elements_, members_;
    std::vector<i32> weight_, degree_;
    std::vector<u8> is_element_;
    std::vector<i32> rest_, stamp_, rest_stamp_;
    std::vector<std::vector<i32>> merged_;
    std::vector<i32> bucket_, next_, previous_, hash_head_, hash_next_;
    std::vector<i32> element_size_ = std::vector<i32>(n_, 0);
};

}  // namespace

std::vector<i32> minimum_degree_order(const std::vector<std::vector<i32>>& graph) {
    return QuotientGraph(graph).order();
}

}  // namespace ctc_flow
