// expect: layer: `static constexpr Shape input, output` are missing
// at most: 1 error
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

struct Nameless {
  template <Shape In>
  struct Layer : Stateless {
    static constexpr std::string_view name = "Nameless";
  };
};

Autoencoder<Sequential<Shape{12}, Nameless>, Sequential<Shape{12}, Dense<12>>> model;
