#include <cmath>
#include <eigencoder/distributed/ranks.hpp>

#include "distributed/thread_ranks.hpp"
#include "support/catch.hpp"

using namespace eigencoder;
using distributed::Part;
using distributed::Ranks;
using distributed::RankTree;

namespace {

/// Values whose sum depends on the order: shard `shard` of a sum.
std::vector<float> shard(Index number, std::size_t count) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = std::sin(static_cast<float>(number * 31 + 7)) * std::exp(static_cast<float>(i % 17));
  return values;
}

/// Shards first ... first + count - 1 in a binary tree.
std::vector<float> tree_sum(Index first, Index count, std::size_t size) {
  if (count == 1) return shard(first, size);
  std::vector<float> sum = tree_sum(first, count / 2, size);
  const std::vector<float> right = tree_sum(first + count / 2, count / 2, size);
  for (std::size_t i = 0; i < size; ++i) sum[i] += right[i];
  return sum;
}

}  // namespace

TEST_CASE("every shard is one rank's, and ranks have complete subtrees") {
  for (int size = 1; size <= 16; ++size) {
    Index next = 0;
    for (int rank = 0; rank < size; ++rank) {
      const Part part = RankTree(rank, size).shards(16);
      CHECK(part.first == next);
      CHECK(part.count > 0);
      CHECK(std::has_single_bit(static_cast<unsigned long>(part.count)));
      CHECK(part.first % part.count == 0);
      next += part.count;
    }
    CHECK(next == 16);
  }
}

TEST_CASE("sums over ranks are in one tree, whatever the number of ranks") {
  constexpr Index shards = 8;
  for (const std::size_t count : {1U, 5U, 512U, 513U, 2000U}) {
    const std::vector<float> expected = tree_sum(0, shards, count);
    for (int size = 1; size <= 8; ++size)
      ThreadRanks::run(size, [&](const ThreadRanks& communicator) {
        Ranks ranks(communicator);
        const Part own = ranks.shards(shards);
        std::vector<float> values = tree_sum(own.first, own.count, count);
        ranks.sum(std::span(values));
        if (values != expected) throw std::runtime_error("another sum");
      });
  }
}

TEST_CASE("parts of a sum are whole cache lines that make up all of it") {
  constexpr Index count = 1000;
  const std::vector<float> expected = tree_sum(0, 8, count);
  for (const int size : {1, 2, 3, 4, 7, 8}) {
    std::vector<Part> parts(static_cast<std::size_t>(size));
    ThreadRanks::run(size, [&](const ThreadRanks& communicator) {
      Ranks ranks(communicator);
      const Part shards = ranks.shards(8);
      std::vector<float> values = tree_sum(shards.first, shards.count, count);
      ranks.reduce_scatter(std::span(values));
      const Part own = parts[static_cast<std::size_t>(ranks.rank())] = ranks.part<float>(count);
      for (Index i = 0; i < count; ++i)
        if (i < own.first || i >= own.first + own.count) values[static_cast<std::size_t>(i)] = -1;
      ranks.all_gather(std::span(values));
      if (values != expected) throw std::runtime_error("another sum");
    });
    std::ranges::sort(parts, {}, &Part::first);
    Index next = 0;
    for (const Part& part : parts) {
      if (part.count == 0) continue;
      CHECK(part.first == next);
      CHECK(part.first % 16 == 0);
      next += part.count;
    }
    CHECK(next == count);
  }
}

TEST_CASE("values of one rank reach all") {
  for (int size = 1; size <= 5; ++size)
    for (int from = 0; from < size; ++from)
      ThreadRanks::run(size, [&](const ThreadRanks& communicator) {
        Ranks ranks(communicator);
        std::string text = ranks.rank() == from ? "what it says" : "";
        int number = ranks.rank();
        ranks.broadcast(text, from);
        ranks.broadcast(number, from);
        if (text != "what it says" || number != from || ranks.least(10 - ranks.rank()) != 11 - size)
          throw std::runtime_error("another value");
      });
}

TEST_CASE("a few values are summed in log2 messages of each rank") {
  const std::size_t messages = ThreadRanks::run(4, [](const ThreadRanks& communicator) {
    double value = 1;
    Ranks(communicator).sum(std::span(&value, 1));
  });
  CHECK(messages == 4 * 2);
}

TEST_CASE("what one rank throws, all throw") {
  for (const int size : {2, 3, 4}) {
    std::vector<std::string> sentences(static_cast<std::size_t>(size));
    std::vector<int> which(static_cast<std::size_t>(size), -1);
    ThreadRanks::run(size, [&](const ThreadRanks& communicator) {
      const auto rank = static_cast<std::size_t>(communicator.rank());
      try {
        on_all_ranks(communicator, [&] {
          Ranks ranks(communicator);
          if (rank >= 1) throw std::out_of_range("rank " + std::to_string(rank) + " has had enough");
          ranks.agree();  // in the midst of something else
        });
      } catch (const RankError& error) {
        sentences[rank] = error.what();
        which[rank] = error.rank();
      } catch (const std::out_of_range& error) {
        sentences[rank] = error.what();
      }
    });
    for (const std::string& sentence : sentences) CHECK(sentence == "rank 1 has had enough");
    CHECK(which[0] == 1);
    CHECK(which[1] == -1);
  }
}

TEST_CASE("one process needs no messages") {
  Ranks ranks(Alone{});
  std::vector<float> values = shard(0, 3000);
  ranks.sum(std::span(values));
  ranks.broadcast(values);
  ranks.agree();
  CHECK(values == shard(0, 3000));
  CHECK(ranks.part<float>(3000).count == 3000);
  on_all_ranks(Alone{}, [] {});
  CHECK_THROWS_AS(on_all_ranks(Alone{}, [] { throw std::out_of_range("x"); }), std::out_of_range);
}
