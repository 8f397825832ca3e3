// Round to nearest, no flushing of subnormals, in this thread; another library may have changed it.
#pragma once

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace ctc_host {

class FloatingPointMode {
  public:
    FloatingPointMode() {
#if defined(__x86_64__)
        saved_ = _mm_getcsr();
        _mm_setcsr(0x1F80);
#elif defined(__aarch64__)
        asm volatile("mrs %0, fpcr" : "=r"(saved_));
        asm volatile("msr fpcr, %0" ::"r"(0ull));
#endif
    }
    ~FloatingPointMode() {
#if defined(__x86_64__)
        _mm_setcsr(saved_);
#elif defined(__aarch64__)
        asm volatile("msr fpcr, %0" ::"r"(saved_));
#endif
    }

  private:
#if defined(__aarch64__)
    unsigned long long saved_ = 0;
#else
    unsigned saved_ = 0;
#endif
};

}  // namespace ctc_host
