// An index that `kilm index` would not write, for tests of commands, in which `kilm` is a function.
#pragma once

#include <string>

// Writes a whole index of two documents: the question "the deep lake", and one that is found by "a red river" and is no
// question.
void write_index_with_damage(const std::string& path);
