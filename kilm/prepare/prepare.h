// The work of `kilm prepare`: dumps in, training data out. Paragraphs are divided into splits by a permutation of their
// numbers that only the seed decides, entities likewise. Memory is the same for a dump of any size but for a few
// numbers. They are 2.5 bits of each page, and of each entity 6 bits and its 8 bytes of place in entities.kdt. The
// reference's way also takes 4 bytes of each paragraph. What is long lies in scratch files beside the output, about as
// many bytes as the dumps unpacked.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "kilm/dataset/split.h"
#include "kilm/prepare/dump_pass.h"

namespace kilm::prepare {

// How many of n things: at most `count`, and at most a share of them.
struct Portion {
  int64_t count = std::numeric_limits<int64_t>::max();
  double share = 1;
  int64_t of(int64_t n) const;
};

// Reads "250", which is a count, or "0.05", a share below 1. Throws UsageError naming the option.
Portion parse_portion(const std::string& option, const std::string& text);

struct PrepareOptions {
  CollectOptions collect;
  int64_t max_length = 512;  // tokens of a source or target, with room for the knowledge
  uint64_t seed = 0;
  Portion unseen{1000, 0.05};             // of the paragraphs
  Portion seen{1000};                     // of the paragraphs of train
  Portion held_out_entities{1000, 0.05};  // of the entities that are mentioned
};

// Returns the options under which data are made as the reference implementation makes them (docs/reference_faults.md).
// They stand for its reading of pages, its order of paragraphs for the splits, and no entities that are held out.
// Unseen paragraphs there keep their links to what train does not mention. Only in dumps of fewer than 20 000
// paragraphs `unseen` is smaller than its 1000, which would leave nothing to train on.
PrepareOptions reference_options();

using LineSink = std::function<void(std::string_view)>;

struct PrepareOutputs {
  std::string data = {};                    // folder to make; empty: none
  std::string tokenizer = {};               // folder; needed for data
  LineSink paragraphs = {}, entities = {};  // JSON lines
  LineSink candidates = {};                 // the same of surfaces, from the training part alone (anchors.h)
};

struct PrepareReport {
  base::Json counts;                  // as they stand in manifest.json
  std::optional<std::string> damage;  // file, place and reason; all that came before it was put out
  bool stopped = false;               // by a signal, before any data were put out
};

// Returns where `data` grow until they are whole: what has been read of the dumps stays there if the process ends
// before.
std::string unfinished_folder(const std::string& data);

// Goes on from what an earlier call with the same options, dumps and tokenizer has left in unfinished_folder(), which
// goes when the data are there. Throws UsageError if they are there already or the folder was begun with something
// else, and what readers and writers throw.
PrepareReport prepare(const PrepareOptions& options, const PrepareOutputs& outputs);

}  // namespace kilm::prepare
