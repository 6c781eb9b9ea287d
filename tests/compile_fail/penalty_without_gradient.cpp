// expect: penalty: `template <class T> T value(T h) const` or `template <class T> T gradient(T h) const` is missing
// expect: RequirePenalty<L2Activity>
// at most: 1 error
#include <eigencoder/losses/mean_squared_error.hpp>
#include <eigencoder/penalties/penalized.hpp>

struct L2Activity {
  double weight = 0.01;
  static constexpr std::string_view name = "l2_activity";
  static constexpr bool over_batch = false;

  template <class T>
  T value(T h) const {
    return h * h;
  }
};

auto loss() { return eigencoder::MeanSquaredError{} + L2Activity{}; }
