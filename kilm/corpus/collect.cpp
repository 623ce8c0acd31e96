#include "kilm/corpus/collect.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <unordered_set>

#include "kilm/corpus/description.h"
#include "kilm/corpus/dump.h"
#include "kilm/corpus/parallel.h"
#include "kilm/corpus/title.h"
#include "kilm/corpus/wikitext.h"
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
    parsed.links += int64_t(paragraph.links.size());
    parsed.records.push_back(to_record(stored(page, uint32_t(i), paragraph)));
  }
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
        read_dump(*sources_[i], {.site = [this](const SiteInfo& site) { set_namespaces(site); },
                                 .page = [this](Page&& page) { return take(std::move(page)); }});
      } catch (const tensor::DamagedInput& error) {
        into_.damage = error.what();
      }
      finish_batch();
      consumed_ += sources_[i]->consumed();
      sources_[i].reset();
    }
    StopSignal::check();
  }

 private:
  bool done() const { return into_.damage || StopSignal::received() || enough(); }
  bool enough() const { return options_.max_articles > 0 && articles_ >= options_.max_articles; }

  void set_namespaces(const SiteInfo& site) {
    namespaces_ = Namespaces();
    for (const auto& [key, name] : site.namespaces)
      if (!name.empty()) namespaces_.add(int(key), name);
  }

  // Old exports do not say the namespace; the title does.
  bool is_article_title(const Page& page) const {
    if (page.ns) return *page.ns == Namespaces::kArticle;
    const size_t colon = page.title.find(':');
    return colon == std::string::npos || !namespaces_.find(std::string_view(page.title).substr(0, colon));
  }

  std::optional<std::string> redirect_of(const Page& page) const {
    if (page.redirect && !page.redirect->empty()) {
      const std::string target = normalise_title(*page.redirect);
      return target.substr(0, target.find('#'));
    }
    return redirect_target(page.text, namespaces_);
  }

  // Tells articles from redirects and the rest; articles wait for their batch. Returns whether to go on.
  bool take(Page&& page) {
    ++into_.all_pages;
    page.title = normalise_title(page.title);
    if (!is_article_title(page)) {
      ++into_.other_pages;
    } else {
      const std::optional<std::string> target = redirect_of(page);
      const CollectedPage collected{next_number(), target};
      into_.pages.add(page.title, to_record(collected));
      const bool first = options_.max_articles == 0 || titles_.insert(page.title).second;
      if (!target) {
        articles_ += first;
        batch_bytes_ += page.text.size();
        batch_.push_back({collected.number, std::move(page)});
      }
    }
    if (batch_bytes_ >= kBatchBytes) finish_batch();
    return !enough() && !StopSignal::received();
  }

  uint64_t next_number() const { return uint64_t(into_.all_pages - into_.other_pages - 1); }

  void finish_batch() {
    std::vector<ParsedPage> parsed(batch_.size());
    for_all(int64_t(batch_.size()),
            [&](int64_t i) { parsed[size_t(i)] = parse(batch_[size_t(i)].page, namespaces_, options_.lead); });
    for (size_t i = 0; i < batch_.size(); ++i)
      keep(batch_[i].number, std::move(batch_[i].page.title), std::move(parsed[i]));
    batch_.clear();
    batch_bytes_ = 0;
    report();
  }

  void keep(uint64_t number, std::string title, ParsedPage&& page) {
    for (const std::string& record : page.records) keep_paragraph_record(number, record);
    CollectedArticle article{.page = number,
                             .disambiguation = page.disambiguation,
                             .paragraphs = int64_t(page.records.size()),
                             .dropped = page.dropped,
                             .links = page.links,
                             .left_out = std::move(page.left_out)};
    if (!page.disambiguation && !is_list_title(title)) {
      const bool has_short = !page.short_description.empty();
      article.may_be_entity = true;
      article.title = std::move(title);
      article.description = std::move(has_short ? page.short_description : page.first_sentence);
      article.source = has_short ? DescriptionSource::short_description : DescriptionSource::first_sentence;
    }
    into_.articles.add(to_record(article));
  }

  void keep_paragraph_record(uint64_t page, const std::string& record) {
    Place place{.whole = uint64_t(into_.paragraphs.records())};
    for (const StoredLink& link : parse_paragraph(record, "temporary file").links) {
      into_.links.add(link.title, to_key(place));
      ++place.part;
    }
    into_.paragraphs.add(number_key(page) + record);
  }

  void report() {
    int64_t bytes = consumed_;
    for (const auto& source : sources_)
      if (source) bytes += source->consumed();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    progress_->update(bytes / 1000, tensor::format("{} pages  {:.1f} MB/s", into_.all_pages,
                                                   double(bytes) * 1e-6 / std::max(seconds, 1e-3)));
  }

  const CollectOptions& options_;
  Collection& into_;
  std::vector<std::unique_ptr<ByteSource>> sources_;
  std::chrono::steady_clock::time_point start_;
  int64_t total_ = 0, consumed_ = 0;  // bytes; total_ below 0: unknown
  std::unique_ptr<Progress> progress_;
  Namespaces namespaces_;
  struct Numbered {
    uint64_t number;
    Page page;
  };
  std::vector<Numbered> batch_;
  size_t batch_bytes_ = 0;
  // With max_articles only, which counts a title once: titles so far, and articles among them.
  std::unordered_set<std::string> titles_;
  int64_t articles_ = 0;
};

}  // namespace

void collect(const CollectOptions& options, Collection& into) { Collector(options, into).run(); }

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
  tensor::Json left_out = tensor::Json::object(), templates = tensor::Json::object();
  for (int i = 0; i < kOmissions; ++i)
    if (const int64_t n = counts.left_out[Omission(i)]; n > 0) left_out.set(name(Omission(i)), n);
  std::vector<std::pair<int64_t, std::string>> unknown;
  for (const auto& [name, n] : counts.left_out.templates) unknown.emplace_back(-n, name);
  std::sort(unknown.begin(), unknown.end());
  unknown.resize(std::min(unknown.size(), kUnknownTemplates));
  for (const auto& [n, name] : unknown) templates.set(name, -n);
  json.set("left_out", std::move(left_out));
  json.set("unknown_templates", std::move(templates));
  return json;
}

}  // namespace kilm
