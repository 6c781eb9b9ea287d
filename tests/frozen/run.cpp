// Every frozen header's test vector comes out, by itself, by encode and decode, and again. C++17 without the library.
#include <cstdio>

#include "conv_float16.hpp"
#include "conv_int8.hpp"
#include "dense_float.hpp"
#include "dense_int8.hpp"
#include "odd_bfloat16.hpp"
#include "odd_int8.hpp"
#include "pools_int8.hpp"
#include "variational_float.hpp"

namespace {

/// The largest difference from the test vector; by less than a thousandth for int8, where few values are halfway.
template <class Model, std::size_t In, std::size_t Out>
bool check(const char* name, const float (&input)[In], const float (&output)[Out], double most) {
  static_assert(In == Model::input_size && Out == Model::output_size && sizeof(Model) <= Model::workspace_size + 8,
                "sizes");
  static Model model;
  float code[Model::code_size], y[Out], whole[Out];
  model.encode(input, code);
  model.decode(code, y);
  model.reconstruct(input, whole);
  double difference = 0;
  for (std::size_t i = 0; i < Out; ++i) {
    const double one = y[i] - output[i], other = y[i] - whole[i];
    const double larger = (one < 0 ? -one : one) + (other < 0 ? -other : other);
    if (!(larger <= difference)) difference = larger;
  }
  const bool good = model.self_test() && difference <= most;
  std::printf("%-18s %s %g\n", name, good ? "ok" : "FAILED", difference);
  return good;
}

}  // namespace

int main() {
  bool good = true;
  good &= check<dense_float>("dense_float", dense_float_frozen::test_input, dense_float_frozen::test_output, 1e-6);
  good &= check<dense_int8>("dense_int8", dense_int8_frozen::test_input, dense_int8_frozen::test_output, 1e-3);
  good &= check<conv_float16>("conv_float16", conv_float16_frozen::test_input, conv_float16_frozen::test_output, 1e-6);
  good &= check<conv_int8>("conv_int8", conv_int8_frozen::test_input, conv_int8_frozen::test_output, 1e-3);
  good &= check<odd_bfloat16>("odd_bfloat16", odd_bfloat16_frozen::test_input, odd_bfloat16_frozen::test_output, 1e-6);
  good &= check<odd_int8>("odd_int8", odd_int8_frozen::test_input, odd_int8_frozen::test_output, 1e-3);
  good &= check<pools_int8>("pools_int8", pools_int8_frozen::test_input, pools_int8_frozen::test_output, 1e-3);
  good &= check<variational_float>("variational_float", variational_float_frozen::test_input,
                                   variational_float_frozen::test_output, 1e-6);
  return good ? 0 : 1;
}
