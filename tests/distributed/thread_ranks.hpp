#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <eigencoder/distributed/communicator.hpp>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <utility>
#include <vector>

/// Ranks as threads of this process, to test without MPI what ranks do.
class ThreadRanks {
  /// Messages on their way, by sender and receiver.
  struct Post {
    std::mutex mutex;
    std::condition_variable arrived;
    std::map<std::pair<int, int>, std::deque<std::vector<std::byte>>> messages;
    std::size_t sent = 0;
  };

 public:
  ThreadRanks(int rank, int size, std::shared_ptr<Post> post) : rank_(rank), size_(size), post_(std::move(post)) {}

  [[nodiscard]] int rank() const { return rank_; }
  [[nodiscard]] int size() const { return size_; }

  void exchange(int other, std::span<const std::byte> send, std::span<std::byte> receive) const {
    std::unique_lock lock(post_->mutex);
    if (!send.empty()) {
      post_->messages[{rank_, other}].emplace_back(send.begin(), send.end());
      ++post_->sent;
      post_->arrived.notify_all();
    }
    if (receive.empty()) return;
    auto& mail = post_->messages[{other, rank_}];
    post_->arrived.wait(lock, [&] { return !mail.empty(); });
    if (mail.front().size() != receive.size())
      throw eigencoder::CommunicationError("a message has another size than was expected");
    std::ranges::copy(mail.front(), receive.begin());
    mail.pop_front();
  }

  /// f(communicator) on so many ranks at once; what the first of them that threw anything has thrown. How many messages
  /// they sent.
  template <class Function>
  static std::size_t run(int size, const Function& f) {
    const auto post = std::make_shared<Post>();
    std::vector<std::exception_ptr> errors(static_cast<std::size_t>(size));
    std::vector<std::thread> threads;
    for (int rank = 0; rank < size; ++rank)
      threads.emplace_back([&, rank] {
        try {
          f(ThreadRanks(rank, size, post));
        } catch (...) {
          errors[static_cast<std::size_t>(rank)] = std::current_exception();
        }
      });
    for (std::thread& thread : threads) thread.join();
    for (const std::exception_ptr& error : errors)
      if (error) std::rethrow_exception(error);
    return post->sent;
  }

 private:
  int rank_;
  int size_;
  std::shared_ptr<Post> post_;
};
