#include "kilm/corpus/collect.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include "kilm/corpus/description.h"
#include "kilm/corpus/dump.h"
#include "kilm/corpus/parallel.h"
#include "kilm/corpus/reference/reference_page.h"
#include "kilm/corpus/title.h"
#include "kilm/corpus/wikitext.h"
#include "kilm/corpus/wikitext/left_over.h"
#include "kilm/progress.h"
#include "kilm/stop_signal.h"
#include "tensor/format.h"

namespace kilm {

namespace {

// Of wikitext that is parsed at once. A page of nothing but short links becomes 35 times as many bytes.
constexpr size_t kBatchBytes = size_t(4) << 20;
constexpr size_t kUnknownTemplates = 20;  // that are named in the statistics

// What is kept of one article.
struct ParsedPage {
  std::vector<std::string> records;
  int64_t dropped = 0, links = 0;
  std::string short_description, first_sentence;
  bool disambiguation = false;
  LeftOut left_out;
};

StoredParagraph stored(const Page& page, uint32_t number, const Paragraph& paragraph) {
  StoredParagraph result{uint64_t(page.id), number, page.title, paragraph.section, paragraph.text, {}};
  for (const WikiLink& link : paragraph.links)
    result.links.push_back({uint32_t(link.begin), uint32_t(link.end), kNoEntity, link.target, {}});
  return result;
}

ParsedPage parse(const Page& page, const Namespaces& namespaces, bool lead) {
  Article article = parse_wikitext(page.text, namespaces);
  ParsedPage parsed;
  parsed.disambiguation = article.disambiguation || is_disambiguation_title(page.title);
  parsed.short_description = std::move(article.short_description);
  parsed.left_out = std::move(article.left_out);
  if (!article.paragraphs.empty() && article.paragraphs[0].section.empty())
    parsed.first_sentence = first_sentence(article.paragraphs[0].text);
  if (parsed.disambiguation) return parsed;
  for (size_t i = 0; i < article.paragraphs.size(); ++i) {
    const Paragraph& paragraph = article.paragraphs[i];
    if (lead && !paragraph.section.empty()) break;
    if (!keep_paragraph(paragraph, /*document_rule=*/!lead)) {
      ++parsed.dropped;
      continue;
    }
    if (has_markup(paragraph.text)) parsed.left_out.add(Omission::missed);
    parsed.links += int64_t(paragraph.links.size());
    parsed.records.push_back(to_record(stored(page, uint32_t(i), paragraph)));
  }
  return parsed;
}

ParsedPage parse_as_reference(const Page& page, bool lead) {
  reference::ReferenceArticle article = reference::parse_page(page.text, lead);
  ParsedPage parsed;
  parsed.short_description = std::move(article.short_description);
  parsed.first_sentence = std::move(article.first_sentence);
  parsed.dropped = !article.paragraph;
  if (!article.paragraph) return parsed;
  parsed.links = int64_t(article.paragraph->links.size());
  parsed.records.push_back(to_record(stored(page, 0, *article.paragraph)));
  return parsed;
}

bool is_list_title(std::string_view title) { return title.starts_with("List of ") || title.starts_with("Lists of "); }

class Collector {
 public:
  Collector(const CollectOptions& options, Collection& into)
      : options_(options), into_(into), start_(std::chrono::steady_clock::now()) {
    for (const std::string& path : options.dumps) {
      sources_.push_back(std::make_unique<ByteSource>(path));
      if (sources_.back()->size() == 0) total_ = -1;
      if (total_ >= 0) total_ += sources_.back()->size();
    }
    progress_ = std::make_unique<Progress>("reading, KB", std::max<int64_t>(0, total_) / 1000);
  }

  void run() {
    for (size_t i = 0; i < sources_.size() && !done(); ++i) {
      try {
        read_dump(*sources_[i],
                  {.site = [this](const SiteInfo& site) { set_namespaces(site); },
                   .page = [this](Page&& page) { return take(std::move(page)); }},
                  options_.reference ? TextPieces::spaced : TextPieces::joined);
      } catch (const tensor::DamagedInput& error) {
        into_.damage = error.what();
      }
      finish_batch();
      consumed_ += sources_[i]->consumed();
      sources_[i].reset();
    }
    into_.stopped = StopSignal::received();
    into_.entities.finish();
  }

 private:
  bool done() const { return into_.damage || StopSignal::received() || enough(); }
  bool enough() const { return options_.max_articles > 0 && into_.counts.articles >= options_.max_articles; }

  void set_namespaces(const SiteInfo& site) {
    namespaces_ = Namespaces();
    for (const auto& [key, name] : site.namespaces)
      if (!name.empty()) namespaces_.add(int(key), name);
  }

  // Old exports do not say the namespace; the title does.
  bool is_article_title(const Page& page) const {
    if (options_.reference) return reference::is_article_title(page.title);
    if (page.ns) return *page.ns == Namespaces::kArticle;
    const size_t colon = page.title.find(':');
    return colon == std::string::npos || !namespaces_.find(std::string_view(page.title).substr(0, colon));
  }

  std::optional<std::string> redirect_of(const Page& page) const {
    if (options_.reference) return {};
    if (page.redirect && !page.redirect->empty()) {
      const std::string target = normalise_title(*page.redirect);
      return target.substr(0, target.find('#'));
    }
    return redirect_target(page.text, namespaces_);
  }

  // Decides by title what a page is; articles wait for their batch. Returns whether to go on.
  bool take(Page&& page) {
    CollectCounts& counts = into_.counts;
    ++counts.pages;
    if (!options_.reference) page.title = normalise_title(page.title);
    if (!is_article_title(page)) {
      ++counts.other_namespaces;
    } else if (options_.reference && reference::is_redirect(page.text)) {
      ++counts.redirects;
    } else if (const std::optional<std::string> target = redirect_of(page)) {
      ++(into_.entities.add_redirect(page.title, *target) ? counts.redirects : counts.duplicates);
    } else if (!into_.entities.add_article(page.title)) {
      ++counts.duplicates;
    } else {
      ++counts.articles;
      batch_bytes_ += page.text.size();
      batch_.push_back(std::move(page));
    }
    if (batch_bytes_ >= kBatchBytes) finish_batch();
    return !enough() && !StopSignal::received();
  }

  void finish_batch() {
    std::vector<ParsedPage> parsed(batch_.size());
    for_all(int64_t(batch_.size()), [&](int64_t i) {
      const Page& page = batch_[size_t(i)];
      parsed[size_t(i)] =
          options_.reference ? parse_as_reference(page, options_.lead) : parse(page, namespaces_, options_.lead);
    });
    for (size_t i = 0; i < batch_.size(); ++i) keep(batch_[i].title, std::move(parsed[i]));
    batch_.clear();
    batch_bytes_ = 0;
    report();
  }

  void keep(const std::string& title, ParsedPage&& page) {
    CollectCounts& counts = into_.counts;
    counts.disambiguations += page.disambiguation;
    counts.paragraphs += int64_t(page.records.size());
    counts.paragraphs_dropped += page.dropped;
    counts.links += page.links;
    counts.left_out.add(page.left_out, title);
    for (const std::string& record : page.records) into_.paragraphs.add(record);
    if (options_.reference || (!page.disambiguation && !is_list_title(title)))
      into_.entities.describe(title, std::move(page.short_description), std::move(page.first_sentence));
  }

  void report() {
    int64_t bytes = consumed_;
    for (const auto& source : sources_)
      if (source) bytes += source->consumed();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    progress_->update(bytes / 1000, tensor::format("{} pages  {:.1f} MB/s", into_.counts.pages,
                                                   double(bytes) * 1e-6 / std::max(seconds, 1e-3)));
  }

  const CollectOptions& options_;
  Collection& into_;
  std::vector<std::unique_ptr<ByteSource>> sources_;
  std::chrono::steady_clock::time_point start_;
  int64_t total_ = 0, consumed_ = 0;  // bytes; total_ below 0: unknown
  std::unique_ptr<Progress> progress_;
  Namespaces namespaces_;
  std::vector<Page> batch_;
  size_t batch_bytes_ = 0;
};

}  // namespace

void collect(const CollectOptions& options, Collection& into) { Collector(options, into).run(); }

namespace {

tensor::Json to_json(const LeftOutSum::Kind& kind) {
  tensor::Json json = tensor::Json::object();
  json.set("count", kind.count);
  json.set("page", kind.page);
  return json;
}

void add_left_out(tensor::Json& json, const CollectCounts& counts) {
  const auto& [kinds, templates] = counts.left_out;
  const LeftOutSum::Kind& markup = kinds[size_t(Omission::missed)];
  if (counts.paragraphs > 0) json.set("clean_share", 1 - double(markup.count) / double(counts.paragraphs));
  if (markup.count > 0) json.set("with_markup", to_json(markup));
  tensor::Json left_out = tensor::Json::object(), unknown = tensor::Json::object();
  for (int i = 0; i < int(Omission::missed); ++i)
    if (kinds[size_t(i)].count > 0) left_out.set(name(Omission(i)), to_json(kinds[size_t(i)]));
  std::vector<std::pair<int64_t, std::string>> names;
  for (const auto& [name, kind] : templates) names.emplace_back(-kind.count, name);
  std::sort(names.begin(), names.end());
  names.resize(std::min(names.size(), kUnknownTemplates));
  for (const auto& [n, name] : names) unknown.set(name, to_json(templates.at(name)));
  json.set("left_out", std::move(left_out));
  json.set("unknown_templates", std::move(unknown));
}

}  // namespace

tensor::Json to_json(const CollectCounts& counts) {
  tensor::Json json = tensor::Json::object();
  json.set("pages", counts.pages);
  json.set("redirects", counts.redirects);
  json.set("articles", counts.articles);
  json.set("other_namespaces", counts.other_namespaces);
  json.set("duplicates", counts.duplicates);
  json.set("disambiguations", counts.disambiguations);
  json.set("paragraphs", counts.paragraphs);
  json.set("paragraphs_dropped", counts.paragraphs_dropped);
  json.set("links", counts.links);
  add_left_out(json, counts);
  return json;
}

}  // namespace kilm
