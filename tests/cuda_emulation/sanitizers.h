// What the emulation tells AddressSanitizer and ThreadSanitizer; nothing where the program has none.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define KILM_EMULATION_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KILM_EMULATION_ASAN 1
#endif
#endif

#if defined(__SANITIZE_THREAD__)
#define KILM_EMULATION_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define KILM_EMULATION_TSAN 1
#endif
#endif

#if KILM_EMULATION_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if KILM_EMULATION_TSAN
#include <sanitizer/tsan_interface.h>
extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
}
#endif

namespace cuda_emulation {

#if KILM_EMULATION_ASAN
inline constexpr bool kAddressSanitizer = true;
inline void poison(const void* p, size_t bytes) { __asan_poison_memory_region(p, bytes); }
inline void unpoison(const void* p, size_t bytes) { __asan_unpoison_memory_region(p, bytes); }
inline void start_switch(void** fake_stack, const void* bottom, size_t size) {
  __sanitizer_start_switch_fiber(fake_stack, bottom, size);
}
inline void finish_switch(void* fake_stack, const void** old_bottom, size_t* old_size) {
  __sanitizer_finish_switch_fiber(fake_stack, old_bottom, old_size);
}
#else
inline constexpr bool kAddressSanitizer = false;
inline void poison(const void*, size_t) {}
inline void unpoison(const void*, size_t) {}
inline void start_switch(void**, const void*, size_t) {}
inline void finish_switch(void*, const void**, size_t*) {}
#endif

// To ThreadSanitizer each CUDA thread is a thread. That it runs after another one orders nothing: accesses of the two
// are a race unless the kernel has a barrier between them. What releases an address comes before what acquires it
// later.
#if KILM_EMULATION_TSAN
inline constexpr bool kThreadSanitizer = true;
inline void* current_thread() { return __tsan_get_current_fiber(); }
inline void* new_thread(const char* name) {
  void* thread = __tsan_create_fiber(0);
  __tsan_set_fiber_name(thread, name);
  return thread;
}
inline void delete_thread(void* thread) { __tsan_destroy_fiber(thread); }
// Switches to the thread. It is inlined: a function of its own would be left by another thread than entered it.
[[gnu::always_inline]] inline void become_thread(void* thread) {
  __tsan_switch_to_fiber(thread, __tsan_switch_to_fiber_no_sync);
}
inline void release(void* at) { __tsan_release(at); }
inline void acquire(void* at) { __tsan_acquire(at); }
// While it lives, what this thread reads and writes goes unseen: the state of the emulation itself.
class Unseen {
 public:
  Unseen() { AnnotateIgnoreReadsBegin(__FILE__, __LINE__); }  // of writes, too
  ~Unseen() { AnnotateIgnoreReadsEnd(__FILE__, __LINE__); }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;
};
#else
inline constexpr bool kThreadSanitizer = false;
inline void* current_thread() { return nullptr; }
inline void* new_thread(const char*) { return nullptr; }
inline void delete_thread(void*) {}
inline void become_thread(void*) {}
inline void release(void*) {}
inline void acquire(void*) {}
struct Unseen {
  Unseen() {}
};
#endif

}  // namespace cuda_emulation
