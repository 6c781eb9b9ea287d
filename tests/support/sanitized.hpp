#pragma once

/// TESTS_SANITIZED where the address or thread sanitizer is at work, which has a heap and threads of its own that a
/// test cannot replace.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TESTS_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TESTS_SANITIZED
#endif
#endif
