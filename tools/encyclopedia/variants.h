// The sample encyclopedia told in other ways, for experiments that ask what injected knowledge adds. Paragraphs, links
// and their order stay, so that all of them are split alike.
#pragma once

#include <vector>

#include "tools/encyclopedia/encyclopedia.h"

namespace tools::encyclopedia {

// Gives each described article the short description of another one.
std::vector<Page> with_permuted_descriptions(std::vector<Page> pages);

// Writes title and short description behind each link to a described article, as text: "[[Java]] (Java: Most populous
// island of Indonesia)".
std::vector<Page> with_knowledge_as_text(std::vector<Page> pages);

}  // namespace tools::encyclopedia
