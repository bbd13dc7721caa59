// Dropout (Srivastava et al. 2014). Its gradient is the same op on dy.
#include "kernel.h"
#include "ops.h"
#include "parallel.h"

namespace {

template <typename T>
struct Dropout {
  explicit Dropout(Attributes attributes)
      : rate(attributes.real("rate")), place(attributes.integer("place")) {}

  void run(Call& call) const {
    const auto x = call.input<T>(0);
    const auto seed = call.input<int32_t>(1);
    const auto y = call.outputInPlace<T>(0, 0, x.shape());
    Pieces(x.size(), 1).forEach([&](int64_t begin, int64_t end, int64_t) {
      const Keep keep(seed.data(), place, rate);
      const T* in = x.data();
      T* out = y.data();
      for (int64_t i = begin; i < end; i++) {
        out[i] = narrow<T>(widen(in[i]) * keep(static_cast<uint32_t>(i)));
      }
    });
  }

  float rate;
  int place;
};

}  // namespace

void defineDropout() {
  define<Dropout>({"BertDropout",
                   {"x: T", "seed: int32"},
                   {"y: T"},
                   {"T: {float, bfloat16}", "rate: float", "place: int"}});
}
