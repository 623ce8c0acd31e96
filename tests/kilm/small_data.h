// The small dump as training data, with windows in every split.
#pragma once

#include "kilm/prepare/prepare.h"
#include "tests/kilm/small_dump.h"
#include "tests/kilm/vocabulary_files.h"

struct SmallData {
  SmallData() {
    folder.write("dump.xml", small_dump());
    write_small_vocabulary(folder);
    kilm::prepare::prepare({.collect = {.dumps = {folder / "dump.xml"}}}, {.data = data, .tokenizer = folder.path});
  }
  // Returns a copy of the data, to be broken.
  std::string copy() const {
    std::filesystem::remove_all(folder / "copy");
    std::filesystem::copy(data, folder / "copy");
    return folder / "copy";
  }
  Folder folder;
  std::string data = folder / "data";
};
