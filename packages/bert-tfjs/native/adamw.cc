// AdamW (Loshchilov and Hutter 2019) with PyTorch's arithmetic, and the gradients' norm before it.
#include "kernel.h"
#include "ops.h"
#include "parallel.h"

namespace {

template <typename T>
struct SquareSum {
  explicit SquareSum(Attributes) {}

  void run(Call& call) const {
    const auto x = call.input<T>(0);
    const auto y = call.output<float>(0, {});
    const Pieces pieces(x.size(), 1);
    std::vector<double> sums(pieces.count);
    pieces.forEach([&](int64_t begin, int64_t end, int64_t piece) {
      constexpr int64_t block = 4096;  // short enough for float32 to add up
      for (int64_t i = begin; i < end; i += block) {
        float sum = 0;
        for (int64_t j = i; j < std::min(end, i + block); j++) {
          const float v = widen(x.data()[j]);
          sum += v * v;
        }
        sums[piece] += sum;
      }
    });
    double total = 0;
    for (const double sum : sums) total += sum;
    *y.data() = static_cast<float>(total);
  }
};

/**
 * Changes weight, moments and the weight's bfloat16 copy where they lie: the inputs are what
 * variables hold. Everything else that reads them in the same run has to come before.
 */
template <typename T>
struct AdamW {
  explicit AdamW(Attributes attributes)
      : beta1(attributes.real("beta1")),
        beta2(attributes.real("beta2")),
        epsilon(attributes.real("epsilon")),
        weightDecay(attributes.real("weight_decay")),
        copies(attributes.integer("C")) {}

  void run(Call& call) const {
    const auto weight = call.input<float>(0), first = call.input<float>(1);
    const auto second = call.input<float>(2);
    const auto gradient = call.input<T>(3);
    const float clip = *call.input<float>(4).data();
    const float rate = *call.input<float>(5).data();
    const float correction1 = 1.f - *call.input<float>(6).data();
    const float correction2 = 1.f / std::sqrt(1.f - *call.input<float>(7).data());
    const auto copy = call.input<Bfloat16>(copies ? 8 : 0);
    const float decay = 1.f - rate * weightDecay, step = rate / correction1;
    const float b1 = beta1, b2 = beta2, eps = epsilon;
    Pieces(weight.size(), 1).forEach([&](int64_t begin, int64_t end, int64_t) {
      float *p = weight.data(), *m = first.data(), *v = second.data();
      const T* in = gradient.data();
      constexpr int64_t block = 4096;  // stays in the first-level cache for the copy
      for (int64_t i = begin; i < end; i += block) {
        const int64_t stop = std::min(end, i + block);
#pragma GCC ivdep
        for (int64_t j = i; j < stop; j++) {
          const float g = widen(in[j]) * clip;
          m[j] += (1.f - b1) * (g - m[j]);
          v[j] = b2 * v[j] + (1.f - b2) * g * g;
          p[j] = p[j] * decay - step * m[j] / (std::sqrt(v[j]) * correction2 + eps);
        }
        if (!copies) continue;
        Bfloat16* c = copy.data();
        for (int64_t j = i; j < stop; j++) c[j] = narrow<Bfloat16>(p[j]);
      }
    });
    *call.output<int32_t>(0, {}).data() = 1;
  }

  float beta1, beta2, epsilon, weightDecay;
  int copies;
};

}  // namespace

void defineAdamW() {
  define<SquareSum>({"BertSquareSum", {"x: T"}, {"y: float"}, {"T: {float, bfloat16}"}});
  define<AdamW>({"BertAdamW",
                 {"weight: float", "first: float", "second: float", "gradient: T", "clip: float",
                  "learning_rate: float", "beta1_power: float", "beta2_power: float",
                  "copy: C * bfloat16"},
                 {"done: int32"},
                 {"T: {float, bfloat16}", "C: int >= 0", "beta1: float", "beta2: float",
                  "epsilon: float", "weight_decay: float"},
                 /*stateful=*/true});
}
