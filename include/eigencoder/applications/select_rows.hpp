#pragma once

#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

/// A copy of the rows with these numbers, in this order.
template <class Scalar, class Numbers>
[[nodiscard]] Matrix<Scalar> select_rows(const Matrix<Scalar>& rows, const Numbers& numbers) {
  Matrix<Scalar> selected(static_cast<Index>(numbers.size()), rows.cols());
  Index next = 0;
  for (const Index number : numbers) selected.row(next++) = rows.row(number);
  return selected;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
