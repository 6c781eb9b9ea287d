#pragma once

#include <concepts>
#include <cstddef>
#include <eigencoder/core/target.hpp>
#include <span>
#include <stdexcept>
#include <string>

namespace eigencoder::inline EIGENCODER_TARGET {

namespace concepts {

/// What several processes that train one model, the ranks, need of whatever carries their messages; all else is made
/// of it, see distributed/ranks.hpp.
template <class C>
concept Communicator = std::copy_constructible<C> &&
                       requires(const C& c, int other, std::span<const std::byte> send, std::span<std::byte> receive) {
                         { c.rank() } -> std::same_as<int>;  // of the calling process, 0 to size() - 1
                         { c.size() } -> std::same_as<int>;
                         // To and from another rank, which calls it with as many bytes the other way round; none of
                         // either for one way only. Returns when both are done.
                         c.exchange(other, send, receive);
                       };

}  // namespace concepts

/// One process, which has nobody to talk to.
struct Alone {
  [[nodiscard]] static constexpr int rank() { return 0; }
  [[nodiscard]] static constexpr int size() { return 1; }
  static void exchange(int, std::span<const std::byte>, std::span<std::byte>) {}
};

/// What all other ranks throw when one has thrown: with its sentence, and which rank that was.
class RankError : public std::runtime_error {
 public:
  RankError(int rank, const std::string& message) : std::runtime_error(message), rank_(rank) {}
  [[nodiscard]] int rank() const { return rank_; }

 private:
  int rank_;
};

/// A message did not arrive. The ranks no longer agree on anything, so that all a program can do is to end.
struct CommunicationError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace eigencoder::inline EIGENCODER_TARGET
