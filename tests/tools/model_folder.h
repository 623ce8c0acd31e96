// A folder with a random BART and its tokenizer, as commands take them.
#pragma once

#include <cstdint>
#include <string>

void write_model(const std::string& folder, int64_t positions);
