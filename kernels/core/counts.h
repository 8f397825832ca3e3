// Sums that many cells add to, one at a time: whole numbers, so that no result depends on the
// order.
#pragma once
#include "core/fault.h"

CTC_NAMESPACE_BEGIN

CTC_FUNCTION void count_one(u64* sum, bool is_own) {
    if (is_own) *sum += 1;
    else atomic_add(sum, 1);
}

// Places of an array of sums that a thread of the host counts at a little later, when their memory
// has come near: waiting for it would take as long as ten hops. What is left is counted at the end.
class CountLog {
  public:
    CTC_FUNCTION CountLog(u64* sums, bool is_own) : sums_(sums), is_own_(is_own) {}
    CTC_FUNCTION ~CountLog() { settle(); }

    CTC_FUNCTION void add(u32 place) {
        fetch(sums_ + place);
        place_[size_++] = place;
        if (size_ == ROOM) settle();
    }

  private:
    static constexpr u32 ROOM = 16;

    CTC_FUNCTION void settle() {
        for (u32 i = 0; i < size_; ++i) count_one(sums_ + place_[i], is_own_);
        size_ = 0;
    }

    u64* sums_;
    bool is_own_;
    u32 size_ = 0;
    u32 place_[ROOM];
};

CTC_NAMESPACE_END
