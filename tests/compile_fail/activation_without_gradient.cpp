// expect: activation: `template <class T> T gradient(T dy, T v) const` is missing
// expect: RequireActivation<Square>
// at most: 1 error
#include <eigencoder/layers/dense.hpp>
#include <eigencoder/models/autoencoder.hpp>

using namespace eigencoder;

struct Square : ActivationOption {
  static constexpr std::string_view name = "square";
  static constexpr bool from_output = false;

  template <class T>
  static T value(T z) {
    return z * z;
  }
};

Autoencoder<Sequential<Shape{12}, Dense<4, Square{}>>, Sequential<Shape{4}, Dense<12>>> model;
