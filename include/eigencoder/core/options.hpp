#pragma once

#include <eigencoder/core/target.hpp>
#include <type_traits>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A layer's options are values of distinct types in any order, `Conv2D<32, 3, stride(2), relu, same>`. Each derives
/// from the empty struct of its category (Activation, Padding, ...), which is how a layer finds it.
namespace options {

template <class Category, auto Option>
inline constexpr bool is = std::is_base_of_v<Category, std::remove_cvref_t<decltype(Option)>>;

template <class Category, auto Default, auto... Options>
struct Find {
  static constexpr auto value = Default;
};
template <class Category, auto Default, auto First, auto... Rest>
struct Find<Category, Default, First, Rest...> {
  static constexpr auto pick() {
    if constexpr (is<Category, First>) {
      return First;
    } else {
      return Find<Category, Default, Rest...>::value;
    }
  }
  static constexpr auto value = pick();
};

/// The option of a category, or the default.
template <class Category, auto Default, auto... Options>
inline constexpr auto find = Find<Category, Default, Options...>::value;

/// True if no category is given twice.
template <class... Categories, class... Values>
consteval bool unique(Values...) {
  return ([]<class Category>(std::type_identity<Category>) {
    return (0 + ... + static_cast<int>(std::is_base_of_v<Category, Values>)) <= 1;
  }(std::type_identity<Categories>{}) &&
          ...);
}

/// True if every option is of one of the categories.
template <class... Categories, class... Values>
consteval bool known(Values...) {
  static_assert(!(std::is_pointer_v<Values> || ...),
                "an option is a function of <cmath>; the activation of that name is written eigencoder::tanh");
  return ([]<class Value>(std::type_identity<Value>) {
    return (std::is_base_of_v<Categories, Value> || ...);
  }(std::type_identity<Values>{}) &&
          ...);
}

}  // namespace options

}  // namespace eigencoder::inline EIGENCODER_TARGET
