// Data prepared and a model made by the program itself, for tests of the commands that train.
#pragma once

#include <string>

#include "tests/kilm/folder.h"

struct TrainingSite : Folder {
  TrainingSite();
  const std::string data = path.string() + "/data", model = path.string() + "/model";
};

TrainingSite& training_site();  // one for all tests
