#pragma once

#include <algorithm>
#include <eigencoder/core/shape.hpp>
#include <eigencoder/core/target.hpp>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET::detail {

/// The header of a .npy file, a literal of a Python dictionary with these three entries, in any order:
/// {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
/// Throws std::invalid_argument saying what is wrong. Source: numpy.lib.format's documentation.
class NpyHeader {
 public:
  std::string type;
  std::vector<Index> shape;
  /// The first index is the fastest one, in C's order the last.
  bool fortran_order = false;

  explicit NpyHeader(std::string_view text) : rest_(text) {
    expect('{');
    while (!skip('}')) {
      entry();
      if (!skip(',') && !next_is('}')) bad();
    }
    skip_blanks();
    if (!rest_.empty()) bad();
    if (!type_) throw std::invalid_argument("has a header without descr");
    if (!fortran_order_) throw std::invalid_argument("has a header without fortran_order");
    if (!shape_) throw std::invalid_argument("has a header without shape");
    if (!array_size(*shape_)) throw std::invalid_argument("has impossibly large dimensions");
    type = *type_;
    shape = *shape_;
    fortran_order = *fortran_order_;
  }

 private:
  [[noreturn]] static void bad() { throw std::invalid_argument("has a bad header"); }

  void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\n\r"), rest_.size())); }
  bool next_is(char c) {
    skip_blanks();
    return rest_.starts_with(c);
  }
  bool skip(char c) {
    const bool found = next_is(c);
    if (found) rest_.remove_prefix(1);
    return found;
  }
  void expect(char c) {
    if (!skip(c)) bad();
  }
  /// The characters up to the first that is not one of `allowed`.
  std::string_view take(std::string_view allowed) {
    skip_blanks();
    const std::string_view taken = rest_.substr(0, rest_.find_first_not_of(allowed));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  void entry() {
    const std::string name = string();
    expect(':');
    if (name == "descr" && !type_) {
      type_ = string();
    } else if (name == "fortran_order" && !fortran_order_) {
      fortran_order_ = boolean();
    } else if (name == "shape" && !shape_) {
      shape_ = tuple();
    } else {
      throw std::invalid_argument("has a header with " + name + " twice, or that should have none");
    }
  }
  std::string string() {
    if (!next_is('\'') && !next_is('"')) bad();
    const std::size_t end = rest_.find(rest_.front(), 1);
    if (end == std::string_view::npos) bad();
    std::string text(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return text;
  }
  bool boolean() {
    const std::string_view word = take("FTabcdefghijklmnopqrstuvwxyz_0123456789");
    if (word != "True" && word != "False") bad();
    return word == "True";
  }
  /// (), (3,), (3, 4) or (3, 4, ); Python 2 wrote an L behind a large number.
  std::vector<Index> tuple() {
    std::vector<Index> numbers;
    expect('(');
    while (!skip(')')) {
      numbers.push_back(number());
      if (!skip(',') && (numbers.size() == 1 || !next_is(')'))) bad();
    }
    return numbers;
  }
  Index number() {
    const std::string_view digits = take("0123456789");
    if (digits.empty() || (digits.size() > 1 && digits.front() == '0')) bad();
    Index n = 0;
    for (const char digit : digits) {
      if (n > (std::numeric_limits<Index>::max() - 9) / 10)
        throw std::invalid_argument("has impossibly large dimensions");
      n = n * 10 + (digit - '0');
    }
    skip('L');
    return n;
  }

  std::string_view rest_;
  std::optional<std::string> type_;
  std::optional<bool> fortran_order_;
  std::optional<std::vector<Index>> shape_;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET::detail
