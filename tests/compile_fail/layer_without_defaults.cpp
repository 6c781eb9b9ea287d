// expect: layer: tensors, borders, measures or cache_size are missing; derive the layer from Stateless
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

struct Nothing {
  template <Shape In>
  struct Layer {
    static constexpr std::string_view name = "Nothing";
    static constexpr Shape input = In;
    static constexpr Shape output = In;
  };
};

Autoencoder<Sequential<Shape{12}, Nothing>, Sequential<Shape{12}, Dense<12>>> model;
