#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstdint>
#include <eigencoder/core/target.hpp>
#include <eigencoder/distributed/communicator.hpp>
#include <eigencoder/distributed/rank_tree.hpp>
#include <eigencoder/simd/buffer.hpp>
#include <exception>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace distributed {

/// What all ranks do together; each must call the same of these, in the same order.
///
/// Sums are taken in the tree of RankTree, the same for every value on every rank: other than those of MPI_Allreduce,
/// whose order is the implementation's own business, they are the same bits from run to run, and for shards of a power
/// of two from one number of ranks to another.
template <concepts::Communicator C>
class Ranks {
 public:
  /// Whether there is but one rank, whatever the communicator says.
  static constexpr bool alone = std::same_as<C, Alone>;

  explicit Ranks(C communicator)
      : communicator_(std::move(communicator)), tree_(communicator_.rank(), communicator_.size()) {}

  [[nodiscard]] int rank() const { return communicator_.rank(); }
  [[nodiscard]] int size() const { return communicator_.size(); }
  /// Whether this is the one that prints, writes and calls back.
  [[nodiscard]] bool is_first() const { return rank() == 0; }
  /// Those of a batch's shards that are this rank's, whose sum is a node of the tree that `sum` goes on with. `total`
  /// must be a power of two, and at least `least_shards`.
  [[nodiscard]] Part shards(Index total) const { return tree_.shards(total); }
  [[nodiscard]] Index least_shards() const { return static_cast<Index>(std::bit_ceil(static_cast<unsigned>(size()))); }
  /// All get each rank's values of its shards. `values` are those of all shards, the same number of each, in their
  /// order.
  template <class Value>
  void gather_shards(std::span<Value> values, Index total) {
    const Index each = static_cast<Index>(values.size()) / total;
    const auto of_shards = [&](Index first, Index count) { return of(values, {first * each, count * each}); };
    const Part own = shards(total);
    if (tree_.is_guest()) {
      send(tree_.companion(), of_shards(own.first, own.count));
      return receive(tree_.companion(), values);
    }
    if (tree_.has_guest()) receive(tree_.companion(), of_shards(own.first + own.count, own.count));
    const Index width = total / tree_.leaves();
    for (int distance = 1; distance < tree_.leaves(); distance *= 2) {
      const auto block = [&](int leaf) { return of_shards((leaf & -distance) * width, distance * width); };
      exchange(tree_.rank_at(tree_.leaf() ^ distance), block(tree_.leaf()), block(tree_.leaf() ^ distance));
    }
    if (tree_.has_guest()) send(tree_.companion(), values);
  }

  /// All get the sum of all. Few values go in log2(size) messages of all of them, many by `reduce_scatter` and
  /// `all_gather`.
  template <class Value>
  void sum(std::span<Value> values) {
    constexpr std::size_t few = 2048;
    if (values.size_bytes() <= few) {
      all_reduce(values, [](Value a, Value b) { return a + b; });
    } else {
      reduce_scatter(values);
      all_gather(values);
    }
  }
  /// The least of all.
  template <class Value>
  [[nodiscard]] Value least(Value value) {
    all_reduce(std::span(&value, 1), [](Value a, Value b) { return std::min(a, b); });
    return value;
  }

  /// Each rank gets the sum of its own part of the values, see `part`; the others are then anything. Recursive halving:
  /// log2(size) messages, in all fewer values than one has. (Rabenseifner, "Optimization of collective reduction
  /// operations", 2004; neighbours come first, so that the tree is that of few values.)
  template <class Value>
  void reduce_scatter(std::span<Value> values) {
    if (tree_.is_guest()) return send(tree_.companion(), values);
    if (tree_.has_guest()) add_received(tree_.companion(), {}, values);
    Part own{0, static_cast<Index>(values.size())};
    for (int distance = 1; distance < tree_.leaves(); distance *= 2) {
      const auto [keep, give] = halves<Value>(own, distance);
      add_received(tree_.rank_at(tree_.leaf() ^ distance), of(values, give), of(values, keep));
      own = keep;
    }
  }
  /// The other way round: all get each rank's own part of the values.
  template <class Value>
  void all_gather(std::span<Value> values) {
    if (tree_.is_guest()) return receive(tree_.companion(), values);
    gather(values, {0, static_cast<Index>(values.size())}, 1);
    if (tree_.has_guest()) send(tree_.companion(), values);
  }
  /// This rank's own of so many values: whole cache lines; a guest has none.
  template <class Value>
  [[nodiscard]] Part part(Index count) const {
    Part own{0, count};
    for (int distance = 1; distance < tree_.leaves(); distance *= 2) own = halves<Value>(own, distance).first;
    return tree_.is_guest() ? Part{} : own;
  }

  /// All get those of rank `from`.
  template <class Value>
  void broadcast(std::span<Value> values, int from = 0) {
    // A binomial tree, in which ranks are counted from `from`.
    const int own = (rank() - from + size()) % size();
    const auto rank_of = [&](int place) { return (place + from) % size(); };
    for (int distance = 1; distance < size(); distance *= 2) {
      if (own < distance) {
        if (own + distance < size()) send(rank_of(own + distance), values);
      } else if (own < 2 * distance) {
        receive(rank_of(own - distance), values);
      }
    }
  }
  template <class Value>
    requires std::is_trivially_copyable_v<Value>
  void broadcast(Value& value, int from = 0) {
    broadcast(std::span(&value, 1), from);
  }
  void broadcast(std::string& text, int from = 0) { broadcast_sized(text, from); }
  template <class Value>
  void broadcast(std::vector<Value>& values, int from = 0) {
    broadcast_sized(values, from);
  }

  /// Before anything that needs all of them: throws RankError with the sentence of the first rank that has called
  /// `fail` in the place of this.
  void agree() {
    if (const int failed = least(none); failed != none) throw RankError(failed, sentence_of(failed));
  }
  /// Tells the others that this rank cannot go on; RankError if a rank before this one cannot, either.
  void fail(std::string message) {
    const int failed = least(rank());
    message = sentence_of(failed, std::move(message));
    if (failed != rank()) throw RankError(failed, message);
  }

 private:
  /// No rank has this number.
  static constexpr int none = std::numeric_limits<int>::max();

  [[nodiscard]] std::string sentence_of(int failed, std::string message = {}) {
    broadcast(message, failed);
    return message;
  }

  template <class Value>
  static std::span<Value> of(std::span<Value> values, const Part& part) {
    return values.subspan(static_cast<std::size_t>(part.first), static_cast<std::size_t>(part.count));
  }

  /// Of a part that two leaves have in common what this leaf keeps and what it gives away.
  template <class Value>
  [[nodiscard]] std::pair<Part, Part> halves(const Part& part, int distance) const {
    constexpr Index line = simd::alignment / sizeof(Value);
    const Index half = std::min((part.count / 2 + line - 1) / line * line, part.count);
    const Part lower{part.first, half}, upper{part.first + half, part.count - half};
    return (tree_.leaf() & distance) == 0 ? std::pair(lower, upper) : std::pair(upper, lower);
  }

  template <class Value>
  void gather(std::span<Value> values, const Part& common, int distance) {
    if (distance == tree_.leaves()) return;
    const auto [own, others] = halves<Value>(common, distance);
    gather(values, own, 2 * distance);
    exchange(tree_.rank_at(tree_.leaf() ^ distance), of(values, own), of(values, others));
  }

  template <class Value, class Combine>
  void all_reduce(std::span<Value> values, Combine combine) {
    if (tree_.is_guest()) {
      send(tree_.companion(), values);
      return receive(tree_.companion(), values);
    }
    if (tree_.has_guest()) combine_received(tree_.companion(), std::span<Value>(), values, combine);
    for (int distance = 1; distance < tree_.leaves(); distance *= 2)
      combine_received(tree_.rank_at(tree_.leaf() ^ distance), values, values, combine);
    if (tree_.has_guest()) send(tree_.companion(), values);
  }

  template <class Value>
  void add_received(int other, std::span<Value> give, std::span<Value> keep) {
    combine_received(other, give, keep, [](Value a, Value b) { return a + b; });
  }
  /// Sends `give`, and combines `keep` with as many values of the other rank.
  template <class Value, class Combine>
  void combine_received(int other, std::span<Value> give, std::span<Value> keep, Combine combine) {
    if (received_.size() < keep.size_bytes()) received_.resize(keep.size_bytes());
    const std::span received(reinterpret_cast<Value*>(received_.data()), keep.size());
    exchange(other, give, received);
    for (std::size_t i = 0; i < keep.size(); ++i) keep[i] = combine(keep[i], received[i]);
  }

  template <class Values>
  void broadcast_sized(Values& values, int from) {
    std::uint64_t size = values.size();
    broadcast(size, from);
    values.resize(static_cast<std::size_t>(size));
    broadcast(std::span(values), from);
  }

  template <class Value>
  void send(int other, std::span<Value> values) {
    exchange(other, values, std::span<Value>());
  }
  template <class Value>
  void receive(int other, std::span<Value> values) {
    exchange(other, std::span<Value>(), values);
  }
  template <class Value>
  void exchange(int other, std::span<Value> send, std::span<Value> receive) {
    static_assert(std::is_trivially_copyable_v<Value>);
    communicator_.exchange(other, std::as_bytes(send), std::as_writable_bytes(receive));
  }

  C communicator_;
  RankTree tree_;
  Buffer<std::byte> received_;
};

}  // namespace distributed

/// Calls f() on all ranks. If it throws on one, it throws on all: there what it threw, on the others a RankError with
/// the same sentence. For what ranks do on their own, such as reading their data, before they go on together.
template <concepts::Communicator C, class Function>
void on_all_ranks(const C& communicator, const Function& f) {
  distributed::Ranks<C> ranks(communicator);
  try {
    f();
  } catch (const RankError&) {
    throw;  // all know of it
  } catch (const CommunicationError&) {
    throw;  // nobody can be told
  } catch (const std::exception& error) {
    ranks.fail(error.what());
    throw;
  } catch (...) {
    ranks.fail("an exception that is no std::exception");
    throw;
  }
  ranks.agree();
}

}  // namespace eigencoder::inline EIGENCODER_TARGET
