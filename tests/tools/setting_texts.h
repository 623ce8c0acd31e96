// The settings of a run as a shell spells them, for tests that run the program: there the word kilm is a function.
#pragma once

#include <string>
#include <vector>

#include "tensor/base/json.h"

struct SettingText {
  std::string name, help;
  std::string value;                 // one that is not the default
  base::Json field;                  // which that becomes in resolved.json
  std::vector<std::string> choices;  // empty: it is no enumeration
};

std::vector<SettingText> setting_texts();
base::Json default_settings();  // as resolved.json has them
