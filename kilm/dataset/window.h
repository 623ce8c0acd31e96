// What training and evaluation see of prepared data: pieces of text that fit the model, with the mentions in them
// whose entities have a description.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

namespace kilm::dataset {

// A link inside of a window that its entity's description is known for.
struct Mention {
  int64_t begin = 0, end = 0;  // bytes of the window's text
  std::string_view title, description;
};

struct Window {
  std::string_view text;
  std::vector<Mention> mentions;
};

struct WindowSet {
  int64_t count = 0;
  std::function<Window(int64_t)> get;  // thread-safe; views stay valid as long as the data behind it
};

// What a run is shown: windows with their mentions' knowledge, and beside them those of the plain stream.
struct TrainingWindows {
  TrainingWindows(const WindowSet& windows) : TrainingWindows(windows, windows) {}
  TrainingWindows(WindowSet windows, WindowSet plain_windows)
      : knowledge(std::move(windows)), plain(std::move(plain_windows)) {}

  WindowSet knowledge, plain;
};

}  // namespace kilm::dataset
