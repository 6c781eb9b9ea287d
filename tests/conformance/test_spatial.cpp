#include <conformance/layer_run.hpp>
#include <eigencoder/layers/average_pool2d.hpp>
#include <eigencoder/layers/cropping2d.hpp>
#include <eigencoder/layers/global_average_pool2d.hpp>
#include <eigencoder/layers/layer_normalization.hpp>
#include <eigencoder/layers/max_pool2d.hpp>
#include <eigencoder/layers/up_sampling2d.hpp>
#include <eigencoder/layers/zero_padding2d.hpp>

namespace test_spatial {

using namespace eigencoder;
using test::check_layer;

TEST_CASE("pooling, upsampling, borders and normalisation agree with Keras and PyTorch") {
  const test::Golden golden("spatial");
  check_layer<MaxPool2D<2>, Shape{5, 6, 3}, float>(golden, "max2");
  check_layer<MaxPool2D<2, same>, Shape{5, 7, 3}, float>(golden, "max2_same");
  check_layer<MaxPool2D<3, stride(2)>, Shape{7, 6, 2}, float>(golden, "max3_s2");
  check_layer<MaxPool2D<3, stride(2), same>, Shape{7, 6, 2}, float>(golden, "max3_s2_same");
  check_layer<MaxPool2D<Size{3, 2}, stride(1), same>, Shape{4, 5, 2}, float>(golden, "max3x2_s1_same");
  check_layer<AveragePool2D<2>, Shape{5, 6, 3}, float>(golden, "average2");
  check_layer<AveragePool2D<2, same>, Shape{5, 7, 3}, float>(golden, "average2_same");
  check_layer<AveragePool2D<3, stride(2), same>, Shape{7, 6, 2}, float>(golden, "average3_s2_same");
  check_layer<AveragePool2D<3, stride(1)>, Shape{5, 4, 2}, float>(golden, "average3_s1");
  check_layer<GlobalAveragePool2D, Shape{3, 5, 4}, float>(golden, "global_average");
  check_layer<UpSampling2D<2>, Shape{3, 4, 2}, float>(golden, "nearest2");
  check_layer<UpSampling2D<Size{3, 2}>, Shape{2, 3, 3}, float>(golden, "nearest3x2");
  check_layer<UpSampling2D<2, bilinear>, Shape{3, 4, 2}, float>(golden, "bilinear2");
  check_layer<UpSampling2D<3, bilinear>, Shape{4, 2, 2}, float>(golden, "bilinear3");
  check_layer<ZeroPadding2D<1>, Shape{3, 4, 2}, float>(golden, "pad1");
  check_layer<ZeroPadding2D<Border{0, 1, 2, 3}>, Shape{3, 2, 3}, float>(golden, "pad_uneven");
  check_layer<Cropping2D<1>, Shape{4, 5, 2}, float>(golden, "crop1");
  check_layer<Cropping2D<Border{0, 1, 2, 0}>, Shape{5, 4, 3}, float>(golden, "crop_uneven");
  check_layer<LayerNormalization, Shape{3, 2, 7}, float>(golden, "normalization");
  check_layer<LayerNormalization, Shape{11}, float>(golden, "normalization_flat");
}

}  // namespace test_spatial
