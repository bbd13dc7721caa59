// y = f(x + bias), for BERT's activations.
#include "kernel.h"
#include "ops.h"
#include "parallel.h"

namespace {

struct Value {
  float y, slope;
};

/** x Φ(x), with Φ the normal distribution's cdf (Hendrycks and Gimpel 2016). */
inline Value gelu(float x) {
  const float cdf = 0.5f * (1.f + errorFunction(x * 0.707106781f));
  const float density = 0.398942280f * exponential(-0.5f * x * x);
  return {x * cdf, cdf + x * density};
}

/** ½x (1 + tanh(√(2/π) (x + 0.044715 x³))) */
inline Value geluTanh(float x) {
  constexpr float scale = 0.797884561f;
  const float u = scale * x * (1.f + 0.044715f * x * x);
  const float magnitude = exponential(-2.f * std::fabs(u));
  const float t = std::copysign((1.f - magnitude) / (1.f + magnitude), u);
  const float inner = scale * (1.f + 3.f * 0.044715f * x * x);
  return {0.5f * x * (1.f + t), 0.5f * (1.f + t) + 0.5f * x * (1.f - t * t) * inner};
}

inline Value relu(float x) { return {x > 0.f ? x : 0.f, x > 0.f ? 1.f : 0.f}; }

/** Calls loop with the function that the attribute `kind` names. */
template <typename Loop>
void withActivation(int kind, const Loop& loop) {
  if (kind == 0) return loop([](float x) { return gelu(x); });
  if (kind == 1) return loop([](float x) { return geluTanh(x); });
  loop([](float x) { return relu(x); });
}

template <typename T>
struct Activation {
  explicit Activation(Attributes attributes) : kind(attributes.integer("kind")) {}

  void run(Call& call) const {
    const auto x = call.input<T>(0);
    const auto bias = call.input<float>(1);
    const int64_t columns = bias.size();
    const auto y = call.output<T>(0, x.shape());
    const float* b = bias.data();
    withActivation(kind, [&](auto f) {
      Pieces(x.size() / columns, columns).forEach([&](int64_t begin, int64_t end, int64_t) {
        for (int64_t i = begin; i < end; i++) {
          const T* in = x.data() + i * columns;
          T* out = y.data() + i * columns;
          for (int64_t j = 0; j < columns; j++) out[j] = narrow<T>(f(widen(in[j]) + b[j]).y);
        }
      });
    });
  }

  int kind;
};

template <typename T>
struct ActivationGrad {
  explicit ActivationGrad(Attributes attributes) : kind(attributes.integer("kind")) {}

  void run(Call& call) const {
    const auto dy = call.input<T>(0), x = call.input<T>(1);
    const auto bias = call.input<float>(2);
    const int64_t columns = bias.size();
    const auto dx = call.outputInPlace<T>(0, 0, x.shape());
    const auto dBias = call.output<float>(1, {columns});
    const float* b = bias.data();
    const Pieces pieces(x.size() / columns, columns);
    ColumnSums sums(pieces, columns);
    withActivation(kind, [&](auto f) {
      pieces.forEach([&](int64_t begin, int64_t end, int64_t piece) {
        float* total = sums.of(piece);
        for (int64_t i = begin; i < end; i++) {
          const T *in = x.data() + i * columns, *d = dy.data() + i * columns;
          T* out = dx.data() + i * columns;
          for (int64_t j = 0; j < columns; j++) {
            const float v = widen(d[j]) * f(widen(in[j]) + b[j]).slope;
            total[j] += v;
            out[j] = narrow<T>(v);
          }
        }
      });
    });
    sums.total(dBias.data());
  }

  int kind;
};

}  // namespace

void defineActivation() {
  define<Activation>({"BertActivation",
                      {"x: T", "bias: float"},
                      {"y: T"},
                      {"T: {float, bfloat16}", "kind: int"}});
  define<ActivationGrad>({"BertActivationGrad",
                          {"dy: T", "x: T", "bias: float"},
                          {"dx: T", "dbias: float"},
                          {"T: {float, bfloat16}", "kind: int"}});
}
