#include "kilm/prepare/prepare.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>

#include "kilm/dataset/prepared_data.h"
#include "kilm/job/manifest.h"
#include "kilm/job/progress.h"
#include "kilm/job/stop_signal.h"
#include "kilm/job/unfinished.h"
#include "kilm/prepare/anchors.h"
#include "kilm/prepare/resolve.h"
#include "kilm/prepare/split_choice.h"
#include "kilm/prepare/window_cutter.h"
#include "tensor/base/file.h"
#include "tensor/base/format.h"
#include "tensor/base/threads.h"

namespace kilm::prepare {

namespace {

namespace fs = std::filesystem;
using base::check;
using base::Json;

constexpr size_t kShardBytes = size_t(256) << 20;
constexpr size_t kBatch = 2048;  // paragraphs that are cut at once

// Raised whenever what the scratch files hold, or how pages are parsed, is no longer what it was.
constexpr int64_t kStateSchema = 2;

struct SplitCounts {
  int64_t paragraphs = 0, windows = 0, mentions = 0;
  std::vector<bool> entities;  // that are mentioned
};

// Writes the shards of a folder.
class DataWriter {
 public:
  DataWriter(const PrepareOptions& options, const tokenizer::Tokenizer& tokenizer, const SplitChoice& choice,
             ResolvedData& material, std::string folder)
      : options_(options),
        choice_(choice),
        material_(material),
        folder_(std::move(folder)),
        cutter_(tokenizer, options.max_length),
        total_(material.paragraphs.records()) {}

  void write() {
    job::Progress progress("writing, paragraphs", total_ * int64_t(std::size(dataset::kSplits)));
    for (const dataset::Split split : dataset::kSplits) write_split(split, progress);
    write_entities();
  }

  Json counts() const;
  const std::map<std::string, base::Digests>& digests() const { return digests_; }

 private:
  size_t entities() const { return material_.mentioned.size(); }

  void write_entities() {
    dataset::RecordWriter file(folder_ + "/entities.kdt", dataset::RecordKind::entities);
    material_.entities.rewind();
    std::string_view record;
    for (size_t i = 0; material_.entities.next(record); ++i)
      file.add(dataset::to_record(dataset::parse_entity(record, "temporary file"), choice_.held_out(uint32_t(i))));
    digests_["entities.kdt"] = file.commit();
  }

  bool is_mention(dataset::Split split, const dataset::StoredLink& link) const {
    if (link.entity == dataset::kNoEntity || choice_.held_out(link.entity) != (split == dataset::Split::held_out))
      return false;
    return split != dataset::Split::unseen || options_.collect.reference ||
           counts_[size_t(dataset::Split::train)].entities[link.entity];
  }

  struct SplitParagraph {
    std::string record;
    std::vector<dataset::TextRange> windows;
    std::vector<uint32_t> mentioned;  // entity of each mention
  };

  // Returns what a split keeps of a paragraph: links that are mentions there, and no link that a window had to cut.
  SplitParagraph split_paragraph(dataset::Split split, const std::string& record) const {
    dataset::StoredParagraph paragraph = dataset::parse_paragraph(record, "temporary file");
    const auto mentions_any = [&] {
      return std::any_of(paragraph.links.begin(), paragraph.links.end(),
                         [&](const dataset::StoredLink& l) { return is_mention(split, l); });
    };
    SplitParagraph piece;
    if (split == dataset::Split::held_out && !mentions_any()) return piece;
    piece.windows = cutter_.cut(paragraph.text, paragraph.links);
    const auto whole = [&](const dataset::StoredLink& link) {
      return std::any_of(piece.windows.begin(), piece.windows.end(),
                         [&](const dataset::TextRange& w) { return w.begin <= link.begin && link.end <= w.end; });
    };
    std::erase_if(paragraph.links, [&](const dataset::StoredLink& l) { return !is_mention(split, l) || !whole(l); });
    if (split == dataset::Split::held_out)
      std::erase_if(piece.windows, [&](const dataset::TextRange& w) {
        return std::none_of(paragraph.links.begin(), paragraph.links.end(),
                            [&](const dataset::StoredLink& l) { return w.begin <= l.begin && l.end <= w.end; });
      });
    for (const dataset::StoredLink& link : paragraph.links) piece.mentioned.push_back(link.entity);
    piece.record = dataset::to_record(paragraph);
    return piece;
  }

  void write_split(dataset::Split split, job::Progress& progress) {
    counts_[size_t(split)].entities.assign(entities(), false);
    std::vector<std::string> batch;
    const int64_t before = int64_t(split) * total_;
    material_.paragraphs.rewind();
    std::string_view record;
    for (int64_t i = 0; material_.paragraphs.next(record); ++i) {
      job::StopSignal::check();
      if (choice_.may_hold(split, i)) batch.emplace_back(record);
      if (batch.size() < kBatch) continue;
      write_batch(split, batch);
      progress.update(before + i, dataset::name(split));
    }
    write_batch(split, batch);
    close_shard();
    progress.update(before + total_, dataset::name(split));
  }

  void write_batch(dataset::Split split, std::vector<std::string>& batch) {
    std::vector<SplitParagraph> pieces(batch.size());
    base::for_all(int64_t(batch.size()),
                  [&](int64_t i) { pieces[size_t(i)] = split_paragraph(split, batch[size_t(i)]); });
    batch.clear();
    SplitCounts& counts = counts_[size_t(split)];
    for (const SplitParagraph& piece : pieces) {
      if (piece.windows.empty()) continue;
      if (!shard_) shard_ = std::make_unique<dataset::ShardWriter>(folder_ + "/" + shard_name(), split);
      shard_->add(piece.record, piece.windows);
      ++counts.paragraphs;
      counts.windows += int64_t(piece.windows.size());
      counts.mentions += int64_t(piece.mentioned.size());
      for (const uint32_t entity : piece.mentioned) counts.entities[entity] = true;
      if (shard_->bytes() >= kShardBytes) close_shard();
    }
  }

  std::string shard_name() const { return base::format("shard-{:05}.kds", shards_); }

  void close_shard() {
    if (!shard_) return;
    digests_[shard_name()] = shard_->commit();
    shard_.reset();
    ++shards_;
  }

  const PrepareOptions& options_;
  const SplitChoice& choice_;
  ResolvedData& material_;
  std::string folder_;
  WindowCutter cutter_;
  int64_t total_;  // paragraphs
  SplitCounts counts_[std::size(dataset::kSplits)];
  std::unique_ptr<dataset::ShardWriter> shard_;  // that is being written
  int shards_ = 0;                               // that are finished
  std::map<std::string, base::Digests> digests_;
};

Json DataWriter::counts() const {
  Json splits = Json::object();
  for (const dataset::Split split : dataset::kSplits) {
    const SplitCounts& counts = counts_[size_t(split)];
    Json row = Json::object();
    row.set("paragraphs", counts.paragraphs);
    row.set("windows", counts.windows);
    row.set("mentions", counts.mentions);
    row.set("entities", int64_t(std::count(counts.entities.begin(), counts.entities.end(), true)));
    splits.set(dataset::name(split), std::move(row));
  }
  return splits;
}

void add_entity_counts(Json& counts, const ResolvedData& material) {
  counts.set("entities", material.entities.records());
  counts.set("short_descriptions", material.short_descriptions);
  counts.set("first_sentences", material.entities.records() - material.short_descriptions);
}

Json to_json(const Portion& portion) {
  Json json = Json::object();
  if (portion.count < Portion().count) json.set("count", portion.count);
  if (portion.share < 1) json.set("share", portion.share);
  return json;
}

// Describes the state of the dumps that are files; nothing of a pipe, whose pages tell.
Json dumps_json(const std::vector<std::string>& dumps) {
  Json json = Json::array();
  for (const std::string& path : dumps) {
    Json dump = Json::object({{"path", path}});
    if (std::error_code error; fs::is_regular_file(path, error)) {
      dump.set("bytes", int64_t(fs::file_size(path)));
      dump.set("modified", int64_t(fs::last_write_time(path).time_since_epoch().count()));
    }
    json.push_back(std::move(dump));
  }
  return json;
}

// Returns what decided about the data. Paths are no part of it: the same dump gives the same folder wherever it lies.
Json options_json(const PrepareOptions& options) {
  Json json = Json::object();
  if (options.collect.reference) json.set("compat", "kilm");
  json.set("lead", options.collect.lead);
  json.set("max_articles", options.collect.max_articles);
  json.set("max_length", options.max_length);
  json.set("seed", int64_t(options.seed));  // as it was given, which may be below 0
  json.set("unseen", to_json(options.unseen));
  json.set("seen", to_json(options.seen));
  json.set("held_out_entities", to_json(options.held_out_entities));
  return json;
}

template <class Line>
void put_lines(Spool& records, const LineSink& sink, Line&& line) {
  if (!sink) return;
  records.rewind();
  for (std::string_view record; records.next(record);) {
    job::StopSignal::check();
    sink(line(record));
  }
}

class Preparation {
 public:
  Preparation(const PrepareOptions& options, const PrepareOutputs& outputs)
      : options_(options), outputs_(outputs), out_(outputs.data) {
    if (out_.empty()) return;
    while (out_.size() > 1 && out_.back() == '/') out_.pop_back();
    check<base::UsageError>(!fs::exists(out_), "{}: is there already", out_);
    tokenizer_ = std::make_unique<tokenizer::Tokenizer>(tokenizer::Tokenizer::load(outputs.tokenizer));
    WindowCutter(*tokenizer_, options.max_length);  // refuses a bad length before the work
    unfinished_ = std::make_unique<job::UnfinishedFolder>(unfinished_folder(out_), made_with());
  }

  PrepareReport run() {
    const std::string folder = unfinished_ ? unfinished_->path() : base::temporary_folder();
    ScratchTables collection = unfinished_ ? ScratchTables(folder, unfinished_->state()) : ScratchTables(folder);
    collect(options_.collect, collection, [&] {
      if (unfinished_) unfinished_->save(collection.save());
    });
    ResolvedData material(folder);
    resolve(collection, material, options_.collect.reference);
    Json counts = to_json(material.counts);
    add_entity_counts(counts, material);
    put_lines(material.paragraphs, outputs_.paragraphs, [&](std::string_view record) {
      dataset::StoredParagraph paragraph = dataset::parse_paragraph(record, "temporary file");
      if (options_.collect.reference)  // there a link without a description is none
        std::erase_if(paragraph.links,
                      [](const dataset::StoredLink& link) { return link.entity == dataset::kNoEntity; });
      return dataset::to_json_line(paragraph);
    });
    put_lines(material.entities, outputs_.entities, [](std::string_view record) {
      return dataset::to_json_line(dataset::parse_entity(record, "temporary file"));
    });
    const SplitChoice choice(options_, material);
    if (outputs_.candidates) write_candidates(options_, material, choice, folder, outputs_.candidates);
    if (unfinished_) write_data(material, choice, collection.damage, counts);
    return {std::move(counts), collection.damage, false};
  }

 private:
  Json made_with() const {
    Json json = options_json(options_);
    json.set("dumps", dumps_json(options_.collect.dumps));
    json.set("tokenizer", dataset::fingerprint_with_kilm_tokens(*tokenizer_));
    json.set("state_schema", kStateSchema);
    return json;
  }

  void write_data(ResolvedData& material, const SplitChoice& choice, const std::optional<std::string>& damage,
                  Json& counts) {
    if (material.paragraphs.records() == 0) {
      unfinished_->remove();
      if (damage) throw base::DamagedInput(*damage + "; no paragraph came before");
      base::fail("prepare: the dump holds no paragraph to keep");
    }
    const std::string data = unfinished_->path() + "/data";
    fs::remove_all(data);  // of a process that ended between the last two steps
    base::AtomicDirectory folder(data);
    DataWriter writer(options_, *tokenizer_, choice, material, folder.temporary());
    writer.write();
    counts.set("splits", writer.counts());
    Json head = Json::object();
    head.set("schema", dataset::kPreparedSchema);
    head.set("kind", "prepared data");
    head.set("tokenizer", dataset::fingerprint_with_kilm_tokens(*tokenizer_));
    head.set("max_length", options_.max_length);
    head.set("options", options_json(options_));
    head.set("counts", counts);
    if (damage) head.set("damaged_input", *damage);
    job::write_manifest(folder.temporary(), std::move(head), writer.digests());
    folder.commit();
    put_in_place(data);
  }

  void put_in_place(const std::string& data) const {
    std::error_code error;
    fs::rename(data, out_, error);
    check(!error, "{}: cannot be renamed to {}: {}", data, out_, error.message());
    base::sync_directory(unfinished_->path());
    const std::string parent = fs::path(out_).parent_path().string();
    base::sync_directory(parent.empty() ? "." : parent);
    unfinished_->remove();
  }

  const PrepareOptions& options_;
  const PrepareOutputs& outputs_;
  std::string out_;
  std::unique_ptr<tokenizer::Tokenizer> tokenizer_;
  std::unique_ptr<job::UnfinishedFolder> unfinished_;  // null without data
};

}  // namespace

std::string unfinished_folder(const std::string& data) {
  return fs::path(data + "/").parent_path().string() + ".partial";
}

int64_t Portion::of(int64_t n) const { return std::min(count, int64_t(share * double(n))); }

Portion parse_portion(const std::string& option, const std::string& text) {
  const char* const end = text.data() + text.size();
  Portion portion;
  const bool is_share = text.find('.') != std::string::npos;
  const auto [stop, error] =
      is_share ? std::from_chars(text.data(), end, portion.share) : std::from_chars(text.data(), end, portion.count);
  check<base::UsageError>(error == std::errc() && stop == end && portion.count >= 0 && portion.share >= 0 &&
                              portion.share <= 1 && !(is_share && portion.share == 1),
                          "{} {} should be a count or a share below 1, as 0.05", option, text);
  return portion;
}

PrepareOptions reference_options() {
  PrepareOptions options;
  options.collect.reference = true;
  options.held_out_entities = {.count = 0};
  return options;
}

PrepareReport prepare(const PrepareOptions& options, const PrepareOutputs& outputs) {
  const job::StopSignal signal;
  try {
    return Preparation(options, outputs).run();
  } catch (const job::StopRequested&) {
    return {.counts = {}, .damage = {}, .stopped = true};
  }
}

}  // namespace kilm::prepare
