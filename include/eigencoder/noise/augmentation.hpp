#pragma once

#include <concepts>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <eigencoder/random/philox.hpp>
#include <functional>
#include <span>
#include <type_traits>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace concepts {

/// See Augmentation.
template <class T>
concept Transform =
    std::copy_constructible<T> &&
    requires(const T transform, std::span<float> floats, std::span<double> doubles, const Shape shape, Random& random) {
      transform.apply(floats, shape, random);
      transform.apply(doubles, shape, random);
    };

}  // namespace concepts

/// What `fit` does to a sample before all else, and to its target alike, afresh in every epoch: one transform after the
/// other, each any type with
///
///     template <class Scalar> void apply(std::span<Scalar> image, const Shape& shape, Random& random) const
///
/// which changes the whole sample, of the dataset's shape, and draws from `random`, a function of seed, epoch and
/// sample: so input and target are changed in the same way, and all threads do the same. What is validated with is not
/// changed.
class Augmentation {
 public:
  /// None.
  Augmentation() = default;

  /// A transform that has a check() is checked here: throws its std::invalid_argument.
  template <class... Transforms>
    requires(sizeof...(Transforms) > 0 && (!std::is_same_v<Transforms, Augmentation> && ...))
  explicit(false) Augmentation(Transforms... transforms) {
    (append(transforms), ...);
  }

  explicit operator bool() const { return !floats_.empty(); }

  void apply(std::span<float> image, const Shape& shape, Random& random) const {
    for (const auto& transform : floats_) transform(image, shape, random);
  }
  void apply(std::span<double> image, const Shape& shape, Random& random) const {
    for (const auto& transform : doubles_) transform(image, shape, random);
  }

 private:
  template <class Scalar>
  using Function = std::function<void(std::span<Scalar>, const Shape&, Random&)>;

  template <class Transform>
  void append(const Transform& transform) {
    static_assert(concepts::Transform<Transform>,
                  "augmentation: `template <class Scalar> void apply(std::span<Scalar> image, const Shape& shape, "
                  "Random& random) const` is missing; such as RandomFlip{}");
    if constexpr (concepts::Transform<Transform>) {
      if constexpr (requires { transform.check(); }) transform.check();
      const auto apply = [transform](auto image, const Shape& shape, Random& random) {
        transform.apply(image, shape, random);
      };
      floats_.push_back(apply);
      doubles_.push_back(apply);
    }
  }

  std::vector<Function<float>> floats_;
  std::vector<Function<double>> doubles_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
