#pragma once

#include <array>
#include <cmath>
#include <eigencoder/core/target.hpp>
#include <eigencoder/losses/loss.hpp>
#include <memory>
#include <stdexcept>

namespace eigencoder::inline EIGENCODER_TARGET {

/// How unlike two images are to the eye: 1 - SSIM(y, t). With local means m and products p over windows of 11 x 11
/// cells that lie in the image, weighted by a Gaussian g of standard deviation 1.5,
///
///   SSIM = mean over windows and channels of (2 m_y m_t + c1) / (m_y^2 + m_t^2 + c1)
///          (2 (p_yt - m_y m_t) + c2) / ((p_yy + p_tt) - (m_y^2 + m_t^2) + c2),
///   c1 = (0.01 range)^2, c2 = (0.03 range)^2,   m_y = sum g y,  p_yt = sum g y t,
///
/// which is in [-1, 1], and 1 for equal images. The gradient is exact. For images of at least 11 rows and columns.
/// Source: Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment", 2004. TensorFlow: tf.image.ssim.
struct StructuralSimilarity {
  /// The largest value less the smallest that a pixel can have.
  double dynamic_range = 1;

  static constexpr std::string_view name = "structural_similarity";
  static constexpr bool from_logits_of_sigmoid = false;
  static constexpr int window = 11;
  static constexpr double sigma = 1.5;

  /// Throws std::invalid_argument unless the range is a positive number.
  void check(const Shape&) const {
    if (!(dynamic_range > 0 && std::isfinite(dynamic_range)))
      throw std::invalid_argument("StructuralSimilarity: dynamic_range must be a positive number");
  }

  /// The loss of each sample, and its gradient into dy: see mean_over_features.
  template <bool Logits = false, class Pack, Layout Y, Layout T, class DY>
  [[nodiscard]] Pack evaluate(FeatureMap<const Pack, Y> y, FeatureMap<const Pack, T> target, Pack weight, DY dy) const {
    static_assert(!Logits, "StructuralSimilarity: works on the model's output, not on logits");
    static_assert(ShapesMatch<T.shape, Y.shape>::value, "loss: the target must have the shape of the model's output");
    constexpr Shape shape = Y.shape;
    static_assert(shape.height >= window && shape.width >= window,
                  "StructuralSimilarity: the images must have at least 11 rows and 11 columns");
    using ImageWindows = Windows<Pack, shape.width>;
    constexpr Index rows = shape.height - window + 1;
    const auto share =
        typename Pack::Scalar(1) / static_cast<typename Pack::Scalar>(rows * ImageWindows::columns * shape.channels);
    // Those of a wide image are too large for the stack.
    if constexpr (sizeof(ImageWindows) > 128 * 1024) {
      const auto windows = std::make_unique<ImageWindows>(dynamic_range, -weight * share);
      return Pack(1) - sum_of_similarities(*windows, y, target, dy) * share;
    } else {
      ImageWindows windows(dynamic_range, -weight * share);
      return Pack(1) - sum_of_similarities(windows, y, target, dy) * share;
    }
  }

 private:
  /// Over all windows and channels; and the gradient of each row as soon as no window to come has it.
  template <class ImageWindows, class Pack, Layout Y, Layout T, class DY>
  static Pack sum_of_similarities(ImageWindows& windows, FeatureMap<const Pack, Y> y, FeatureMap<const Pack, T> target,
                                  DY dy) {
    constexpr Shape shape = Y.shape;
    constexpr Index rows = shape.height - window + 1;
    Pack total(0);
    for (Index c = 0; c < shape.channels; ++c) {
      for (Index i = 0; i < rows; ++i) {
        total += windows.similarity(y, target, c, i);
        if constexpr (DY::wanted) {
          windows.add_gradient(y, target, c, i);
          windows.store_row(dy, c, i);
        }
      }
      if constexpr (DY::wanted)
        for (Index i = rows; i < shape.height; ++i) windows.store_row(dy, c, i);
    }
    return total;
  }

  /// One row of windows of an image of this width after the other. The Gaussian is separable: sums over columns, then
  /// over rows; and the adjoint of both for the gradient. What is kept, some 18 rows of packs, stays in the cache.
  template <class Pack, Index Width>
  class Windows {
    using Scalar = typename Pack::Scalar;

   public:
    static constexpr Index columns = Width - window + 1;

    /// The gradient comes times `scale`.
    Windows(double range, Pack scale)
        : scale_(scale),
          c1_(static_cast<Scalar>(0.01 * range * 0.01 * range)),
          c2_(static_cast<Scalar>(0.03 * range * 0.03 * range)) {
      double sum = 0;
      std::array<double, window> g;
      for (int u = 0; u < window; ++u)
        sum += g[static_cast<std::size_t>(u)] = std::exp(-0.5 * std::pow((u - window / 2) / sigma, 2));
      for (int u = 0; u < window; ++u) gaussian_[u] = static_cast<Scalar>(g[static_cast<std::size_t>(u)] / sum);
      for (auto& row : gradient_)
        for (Pack& each : row) each = Pack(0);
    }

    /// The sum over the windows whose first row is i; their derivatives by m_y, p_yy + p_tt and p_yt are kept.
    template <Layout Y, Layout T>
    Pack similarity(FeatureMap<const Pack, Y> y, FeatureMap<const Pack, T> target, Index c, Index i) {
      for (Index j = 0; j < Width; ++j) {
        Moments sums;
        for (int u = 0; u < window; ++u) {
          const Pack a = y(c, i + u, j), b = target(c, i + u, j), g(gaussian_[u]);
          sums.add(g, {a, b, multiply_add(a, a, b * b), a * b});
        }
        vertical_[j] = sums;
      }
      Pack total(0);
      for (Index j = 0; j < columns; ++j) {
        Moments m;
        for (int v = 0; v < window; ++v) m.add(Pack(gaussian_[v]), vertical_[j + v]);
        const Pack means = m.y * m.t + m.y * m.t, squares = multiply_add(m.y, m.y, m.t * m.t);
        const Pack a1 = means + c1_, b1 = squares + c1_;
        const Pack a2 = m.yt + m.yt - means + c2_, b2 = m.squares - squares + c2_;
        const Pack inverse = Pack(1) / (b1 * b2);
        const Pack ratio = a1 * a2 * inverse, inverse_b2 = inverse * b1;
        total += ratio;
        const Pack by_mean = (m.t * (a2 - a1) + ratio * m.y * (b1 - b2)) * inverse;
        slopes_[j] = {by_mean + by_mean, -(ratio * inverse_b2), (a1 + a1) * inverse};
      }
      return total;
    }

    /// Adds what these windows give to the gradient of the image's rows i ... i + 10.
    template <Layout Y, Layout T>
    void add_gradient(FeatureMap<const Pack, Y> y, FeatureMap<const Pack, T> target, Index c, Index i) {
      for (Index j = 0; j < Width; ++j) {
        Slopes s{Pack(0), Pack(0), Pack(0)};
        const Index first = std::max<Index>(0, j - window + 1), last = std::min(j, columns - 1);
        for (Index k = first; k <= last; ++k) {
          const Pack g(gaussian_[j - k]);
          s.mean = multiply_add(g, slopes_[k].mean, s.mean);
          s.squares = multiply_add(g, slopes_[k].squares, s.squares);
          s.product = multiply_add(g, slopes_[k].product, s.product);
        }
        s.squares += s.squares;
        for (int u = 0; u < window; ++u) {
          const Pack slope =
              multiply_add(s.squares, y(c, i + u, j), multiply_add(s.product, target(c, i + u, j), s.mean));
          Pack& sum = gradient_[(i + u) % window][j];
          sum = multiply_add(Pack(gaussian_[u]), slope, sum);
        }
      }
    }

    /// The image's row i, complete, and the place cleared for row i + 11.
    template <class DY>
    void store_row(DY dy, Index c, Index i) {
      for (Index j = 0; j < Width; ++j) {
        Pack& sum = gradient_[i % window][j];
        dy(c, i, j) = sum * scale_;
        sum = Pack(0);
      }
    }

   private:
    /// sum g y, sum g t, sum g (y^2 + t^2) and sum g y t of a column or window.
    struct Moments {
      Pack y = Pack(0), t = Pack(0), squares = Pack(0), yt = Pack(0);

      [[gnu::always_inline]] void add(Pack g, const Moments& m) {
        y = multiply_add(g, m.y, y);
        t = multiply_add(g, m.t, t);
        squares = multiply_add(g, m.squares, squares);
        yt = multiply_add(g, m.yt, yt);
      }
    };
    struct Slopes {
      Pack mean, squares, product;
    };

    Pack scale_, c1_, c2_;
    Scalar gaussian_[window];
    Moments vertical_[Width];
    Slopes slopes_[columns];
    Pack gradient_[window][Width];
  };
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
