#pragma once

#include <eigencoder/core/target.hpp>
#include <eigencoder/losses/first_features.hpp>
#include <eigencoder/models/autoencoder.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace detail {

template <class List>
struct FirstAndLast;
template <class... Layers>
struct FirstAndLast<network::List<Layers...>> {
  using All = std::tuple<Layers...>;
  static constexpr std::size_t count = sizeof...(Layers);
  using First = std::tuple_element_t<0, All>;
  using Last = std::tuple_element_t<count - 1, All>;
};

}  // namespace detail

/// An autoencoder of flat samples whose number of values, its width, is known only at run time.
///
/// `Model<W>` is an autoencoder of width W that begins and ends with a Dense layer. It is compiled for a few widths,
/// in ascending order; a model of width d is one of the next larger, W. Its inputs from d on are 0, its outputs from d
/// on count in no loss, and its initial parameters are those of a model of width d, so that it is and remains just that
/// (but for the order of sums): the parameters of the rest get no gradient and meet only zeros.
///
///     template <Index Width>
///     using Small = Autoencoder<Sequential<Shape{Width}, Dense<16, relu>>, Sequential<Shape{16}, Dense<Width>>>;
///     AnyWidth<Small, 8, 16, 32, 64> model(data.features(), Seed{1});
///
/// Training is `fit` of training/fit_any_width.hpp. A step takes the time of width W. Each width is compiled for
/// itself, about 3 seconds for a small model: do that in one file of a program.
template <template <Index> class Model, Index... Widths>
class AnyWidth {
  static_assert(sizeof...(Widths) > 0, "AnyWidth: at least one width is needed");
  static_assert(
      [] {
        Index last = 0;
        return ((Widths > std::exchange(last, Widths)) && ...);
      }(),
      "AnyWidth: the widths must be in ascending order");

  using Variant = std::variant<Model<Widths>...>;

 public:
  using Scalar = typename std::variant_alternative_t<0, Variant>::Scalar;
  /// The largest width there is.
  static constexpr Index largest = std::max({Widths...});

  /// Draws the initial parameters. Throws std::invalid_argument unless width is 1 to `largest`.
  explicit AnyWidth(Index width, Seed seed = {}) : width_(width), model_(make(width, seed)) {}

  [[nodiscard]] Index width() const { return width_; }

  /// f(model) with the model of the compiled width that does the work.
  template <class Function>
  decltype(auto) visit(Function&& f) {
    return std::visit(std::forward<Function>(f), model_);
  }
  template <class Function>
  decltype(auto) visit(Function&& f) const {
    return std::visit(std::forward<Function>(f), model_);
  }

  /// The samples with zeros behind them, as many as the compiled width wants.
  /// Throws std::invalid_argument, in the name of `where`, if they have not `width` values.
  [[nodiscard]] Dataset widened(const Dataset& data, const char* where) const {
    network::require_features(data, Shape{width_}, where);
    const Index wide = visit([](const auto& model) { return model.input.size(); });
    if (data.empty() || wide == width_) return data;
    Matrix<Scalar> values = Matrix<Scalar>::Zero(data.size(), wide);
    data.visit([&](const auto& read) {
      for (Index i = 0; i < data.size(); ++i) read(i, 0, width_, values.row(i).data());
    });
    const Dataset samples(std::move(values));
    return data.labels().empty() ? samples : samples.with_labels({data.labels().begin(), data.labels().end()});
  }

  /// h, one row a sample.
  [[nodiscard]] Matrix<Scalar> encode(const Dataset& data, Index threads = 1) const {
    const Dataset samples = widened(data, "encode");
    return visit([&](const auto& model) { return model.encode(samples, threads); });
  }

  /// y from x, one row a sample.
  [[nodiscard]] Matrix<Scalar> reconstruct(const Dataset& data, Index threads = 1) const {
    const Dataset samples = widened(data, "reconstruct");
    return visit(
        [&](const auto& model) -> Matrix<Scalar> { return model.reconstruct(samples, threads).leftCols(width_); });
  }

  /// Each sample's own loss between x and y.
  template <class Loss = MeanSquaredError>
  [[nodiscard]] Vector<Scalar> reconstruction_error(const Dataset& data, Loss loss = {}, Index threads = 1) const {
    const Dataset samples = widened(data, "reconstruction_error");
    return visit(
        [&](const auto& model) { return model.reconstruction_error(samples, FirstFeatures{loss, width_}, threads); });
  }

  /// A copy of the parameters, those of `Model<width>`.
  [[nodiscard]] std::vector<Scalar> parameters() const {
    std::vector<Scalar> own;
    visit([&]<class Wide>(const Wide& model) {
      for_each_stretch<Wide>([&](Index first, Index count) {
        const auto part = model.parameters().subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
        own.insert(own.end(), part.begin(), part.end());
      });
    });
    return own;
  }

  /// Throws std::invalid_argument unless there are as many as `parameters` gives.
  void set_parameters(std::span<const Scalar> own) {
    const std::size_t expected = parameters().size();
    if (own.size() != expected)
      throw std::invalid_argument("AnyWidth: there are " + std::to_string(own.size()) + " parameters; expected " +
                                  std::to_string(expected));
    visit([&]<class Wide>(Wide& model) {
      for_each_stretch<Wide>([&](Index first, Index count) {
        std::copy_n(own.begin(), count, model.parameters().begin() + first);
        own = own.subspan(static_cast<std::size_t>(count));
      });
    });
  }

  /// The names, shapes and places of the tensors in `parameters()`, those of `Model<width>`.
  [[nodiscard]] std::vector<NamedTensor> tensors() const {
    return visit([&]<class Wide>(const Wide&) {
      std::vector<NamedTensor> all = Wide::tensors();
      all.front().dims[0] = width_;
      if constexpr (Last<Wide>::has_bias) all.back().dims[0] = width_;
      all[all.size() - (Last<Wide>::has_bias ? 2 : 1)].dims[1] = width_;
      Index offset = 0;
      for (NamedTensor& tensor : all) {
        tensor.offset = offset;
        offset += tensor.size();
      }
      return all;
    });
  }

 private:
  template <class Wide>
  using First = typename detail::FirstAndLast<typename Wide::Encoder::Bound>::First;
  template <class Wide>
  using Last = typename detail::FirstAndLast<typename Wide::Decoder::Bound>::Last;

  static Variant make(Index width, Seed seed) {
    if (width < 1 || width > largest)
      throw std::invalid_argument("AnyWidth: a width of " + std::to_string(width) + "; expected 1 to " +
                                  std::to_string(largest) + ", the largest that is compiled");
    std::optional<Variant> chosen;
    const auto consider = [&]<Index W>(std::integral_constant<Index, W>) {
      if (chosen || W < width) return;
      chosen.emplace(std::in_place_type<Model<W>>, seed);
      initialize(std::get<Model<W>>(*chosen), width, seed);
    };
    (consider(std::integral_constant<Index, Widths>{}), ...);
    return std::move(*chosen);
  }

  /// Draws the outer kernels anew, as a model of width d would: (d, units) and (units, d), zeros around them.
  template <class Wide>
  static void initialize(Wide& model, Index d, Seed seed) {
    static_assert(First<Wide>::name == "Dense" && Last<Wide>::name == "Dense",
                  "AnyWidth: the model must begin and end with a Dense layer");
    using In = First<Wide>;
    using Out = Last<Wide>;
    const std::span<Scalar> first = model.parameters().first(static_cast<std::size_t>(In::weights));
    std::ranges::fill(first, Scalar(0));
    Random in_order(seed, Stream::parameters, 0);
    detail::fill_kernel<In::initializer>(first.first(static_cast<std::size_t>(d * In::output.size())), d,
                                         In::output.size(), in_order);

    const Index width = Out::output.size();
    std::vector<Scalar> narrow(static_cast<std::size_t>(Out::inputs * d));
    Random out_order(seed, Stream::parameters, static_cast<int>(Wide::layers().size()) - 1);
    detail::fill_kernel<Out::initializer>(std::span(narrow), Out::inputs, d, out_order);
    using Kernel = Eigen::Map<Matrix<Scalar>>;
    Kernel last(model.parameters().last(static_cast<std::size_t>(parameter_count<Out>)).data(), Out::inputs, width);
    last.setZero();
    last.leftCols(d) = Kernel(narrow.data(), Out::inputs, d);
  }

  /// f(first, count) for the stretches of the wide model's parameters that are those of a model of the true width, in
  /// its order.
  template <class Wide, class Function>
  void for_each_stretch(const Function& f) const {
    using In = First<Wide>;
    using Out = Last<Wide>;
    const Index last = Wide::Network::parameter_count - parameter_count<Out>;
    f(0, width_ * In::output.size());
    f(In::weights, last - In::weights);
    for (Index row = 0; row < Out::inputs; ++row) f(last + row * Out::output.size(), width_);
    if constexpr (Out::has_bias) f(last + Out::weights, width_);
  }

  Index width_;
  Variant model_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
