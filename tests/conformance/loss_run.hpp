#pragma once

#include <conformance/golden.hpp>
#include <eigencoder/kernels/lanes.hpp>
#include <eigencoder/maps/sink.hpp>

/// A loss alone, on matrices of one sample a row.
namespace test {

using namespace eigencoder;

/// Writes a gradient as it comes.
struct Same {
  template <class Register>
  Register operator()(Register value, Index, Index, Index, int) const {
    return value;
  }
};

/// The mean loss of all samples and its gradient, micro-batch by micro-batch, the last one partly filled.
template <class Scalar, bool Logits, class Loss>
void check_loss(const Golden& golden, const std::string& name, const Loss& loss, const std::string& output_name,
                const std::string& target_name) {
  using Pack = eigencoder::Pack<Scalar, 2>;
  constexpr Layout layout{Shape{7}};
  const auto output = golden.matrix<Scalar>(output_name), target = golden.matrix<Scalar>(target_name);
  const Index samples = output.rows();
  Matrix<Scalar> gradient(samples, output.cols());
  double value = 0;
  for (Index first = 0; first < samples; first += Pack::lanes) {
    std::vector<Index> numbers(static_cast<std::size_t>(std::min<Index>(Pack::lanes, samples - first)));
    std::iota(numbers.begin(), numbers.end(), first);
    Pack y[layout.size()], t[layout.size()], dy[layout.size()];
    const auto load = [&](const Matrix<Scalar>& from, Pack* to) {
      const auto read = [&](Index sample, Index feature, Index count, Scalar* out) {
        std::copy_n(from.row(sample).data() + feature, count, out);
      };
      kernels::load_lanes(read, numbers, FeatureMap<Pack, layout>(to));
    };
    load(output, y);
    load(target, t);
    alignas(simd::alignment) Scalar weights[Pack::lanes] = {};
    std::fill_n(weights, numbers.size(), Scalar(1) / static_cast<Scalar>(samples));
    const Pack weight = Pack::load(weights);
    const Sink<Pack, layout, Same> sink(FeatureMap<Pack, layout>(dy), {});
    const Pack each = loss.template evaluate<Logits>(FeatureMap<const Pack, layout>(y),
                                                     FeatureMap<const Pack, layout>(t), weight, sink);
    value += static_cast<double>(sum(each * weight));
    kernels::store_lanes(FeatureMap<const Pack, layout>(dy), static_cast<Index>(numbers.size()),
                         gradient.row(first).data(), gradient.cols());
  }
  check_agrees<Scalar>(golden, name + ".loss", std::vector<double>{value});
  check_agrees<Scalar>(golden, name + ".gradient", gradient);
}

}  // namespace test
