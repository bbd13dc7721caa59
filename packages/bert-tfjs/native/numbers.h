// Scalar arithmetic that compilers vectorize: bfloat16, exp, erf, random bits.
#pragma once
#include <cmath>
#include <cstdint>

struct Bfloat16 {
  uint16_t bits;
};

inline float widen(float x) { return x; }
inline float widen(Bfloat16 x) { return __builtin_bit_cast(float, uint32_t{x.bits} << 16); }

template <typename T>
inline T narrow(float x);
template <>
inline float narrow<float>(float x) {
  return x;
}
/** Rounds to the nearest, ties to even. */
template <>
inline Bfloat16 narrow<Bfloat16>(float x) {
  const uint32_t bits = __builtin_bit_cast(uint32_t, x);
  return {static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16)};
}

/** e^x to 2e-7, relative (Cephes' expf); 0 below -87. */
inline float exponential(float x) {
  const float clamped = x < -87.f ? -87.f : (x > 88.f ? 88.f : x);
  const float n = __builtin_rintf(clamped * 1.44269504f);
  const float r = (clamped - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  const float mantissa = p * r * r + r + 1.f;
  const uint32_t scale = static_cast<uint32_t>(static_cast<int32_t>(n) + 127) << 23;
  const float y = mantissa * __builtin_bit_cast(float, scale);
  return x < -87.f ? 0.f : y;
}

/** erf(x) to 2e-7: a quotient of polynomials on -4 … 4, beyond which it is ±1 in float32. */
inline float errorFunction(float x) {
  const float c = x < -4.f ? -4.f : (x > 4.f ? 4.f : x), z = c * c;
  float p = -2.72614225801306e-10f;
  p = p * z + 2.77068142495902e-08f;
  p = p * z - 2.10102402082508e-06f;
  p = p * z - 5.69250639462346e-05f;
  p = p * z - 7.34990630326855e-04f;
  p = p * z - 2.95459980854025e-03f;
  p = p * z - 1.60960333262415e-02f;
  float q = -1.45660718464996e-05f;
  q = q * z - 2.13374055278905e-04f;
  q = q * z - 1.68282697438203e-03f;
  q = q * z - 7.37332916720468e-03f;
  q = q * z - 1.42647390514189e-02f;
  return c * p / q;
}

/**
 * Which elements dropout keeps. Follows from the step's seed, the dropout's place in the model and
 * the element's index alone, so that the backward pass draws the same, and no mask is stored. To be
 * made where it is used: a loop is vectorized only where nothing else can see (and so change) it.
 */
class Keep {
 public:
  Keep(const int32_t* seed, int place, float rate)
      : threshold_(static_cast<uint32_t>(rate * 4294967296.0)), scale_(1.f / (1.f - rate)) {
    const uint64_t a = mix(static_cast<uint32_t>(seed[0]) + 0x9e3779b97f4a7c15ull * (place + 1));
    const uint64_t key = mix(a ^ static_cast<uint32_t>(seed[1]));
    low_ = static_cast<uint32_t>(key);
    high_ = static_cast<uint32_t>(key >> 32);
  }
  /** 0, or what a kept element is multiplied by. */
  float operator()(uint32_t index) const {
    uint32_t h = index * 0x9e3779b1u + low_;  // lowbias32 (Wellons 2018), keyed
    h = (h ^ (h >> 16)) * 0x21f0aaadu;
    h = ((h ^ (h >> 15)) + high_) * 0x735a2d97u;
    return (h ^ (h >> 15)) < threshold_ ? 0.f : scale_;
  }

 private:
  static uint64_t mix(uint64_t x) {  // splitmix64
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return x ^ (x >> 31);
  }
  uint32_t low_, high_, threshold_;
  float scale_;
};
