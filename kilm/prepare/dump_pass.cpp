#include "kilm/prepare/dump_pass.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <span>
#include <unordered_set>

#include "kilm/dump/dump.h"
#include "kilm/job/progress.h"
#include "kilm/job/stop_signal.h"
#include "kilm/languages/disambiguation.h"
#include "kilm/languages/sentence_rules.h"
#include "kilm/languages/title.h"
#include "kilm/prepare/description.h"
#include "kilm/prepare/reference/reference_page.h"
#include "kilm/text/sentence.h"
#include "kilm/wikitext/remaining_markup.h"
#include "kilm/wikitext/wikitext.h"
#include "tensor/base/digest.h"
#include "tensor/base/format.h"
#include "tensor/base/threads.h"

namespace kilm::prepare {

namespace {

// Bytes of wikitext that are parsed at once. A page of nothing but short links becomes 35 times as many bytes.
constexpr size_t kBatchBytes = size_t(4) << 20;
constexpr int64_t kKnownReport = 1024;    // pages that were known before, between two looks at the time
constexpr size_t kUnknownTemplates = 20;  // that are named in the statistics

struct KeptParagraph {
  std::string record;  // of a StoredParagraph
  std::vector<std::string> link_titles;
};

// What is kept of one article.
struct ParsedPage {
  std::vector<KeptParagraph> paragraphs;
  int64_t dropped = 0, links = 0;
  std::string short_description, first_sentence;
  bool disambiguation = false;
  wikitext::Omissions omissions;
};

KeptParagraph kept(const dump::Page& page, uint32_t number, wikitext::Paragraph& paragraph) {
  dataset::StoredParagraph stored{uint64_t(page.id), number, page.title, paragraph.section, paragraph.text, {}};
  for (const wikitext::WikiLink& link : paragraph.links)
    stored.links.push_back({uint32_t(link.begin), uint32_t(link.end), dataset::kNoEntity, link.target, {}});
  KeptParagraph result{dataset::to_record(stored), {}};
  for (wikitext::WikiLink& link : paragraph.links) result.link_titles.push_back(std::move(link.target));
  return result;
}

ParsedPage parse(const dump::Page& page, const languages::Site& site, bool lead) {
  wikitext::Article article = wikitext::parse_wikitext(page.text, site, page.title);
  ParsedPage parsed;
  parsed.disambiguation = article.disambiguation || languages::is_disambiguation_title(page.title);
  parsed.short_description = std::move(article.short_description);
  parsed.omissions = std::move(article.omissions);
  if (!article.paragraphs.empty() && article.paragraphs[0].section.empty() && !article.lacks_first_sentence)
    parsed.first_sentence = text::first_sentence(article.paragraphs[0].text, languages::sentence_rules(site.language),
                                                 text::Quotations::whole);
  if (parsed.disambiguation) return parsed;
  for (size_t i = 0; i < article.paragraphs.size(); ++i) {
    wikitext::Paragraph& paragraph = article.paragraphs[i];
    if (lead && !paragraph.section.empty()) break;
    if (!keep_paragraph(paragraph.text)) {
      ++parsed.dropped;
      continue;
    }
    if (wikitext::has_markup(paragraph.text)) parsed.omissions.add(wikitext::Omission::missed);
    parsed.links += int64_t(paragraph.links.size());
    parsed.paragraphs.push_back(kept(page, uint32_t(i), paragraph));
  }
  return parsed;
}

ParsedPage parse_as_reference(const dump::Page& page, bool lead) {
  reference::ReferenceArticle article = reference::parse_page(page.text, lead);
  ParsedPage parsed;
  parsed.short_description = std::move(article.short_description);
  parsed.first_sentence = std::move(article.first_sentence);
  parsed.dropped = !article.paragraph;
  if (!article.paragraph) return parsed;
  parsed.links = int64_t(article.paragraph->links.size());
  parsed.paragraphs.push_back(kept(page, 0, *article.paragraph));
  return parsed;
}

bool is_list_title(std::string_view title) { return title.starts_with("List of ") || title.starts_with("Lists of "); }

class Collector {
 public:
  Collector(const CollectOptions& options, ScratchTables& into, const std::function<void()>& save)
      : options_(options), into_(into), save_(save), start_(std::chrono::steady_clock::now()) {
    for (const std::string& path : options.dumps) {
      sources_.push_back(std::make_unique<dump::ByteSource>(path));
      if (sources_.back()->size() == 0) total_ = -1;
      if (total_ >= 0) total_ += sources_.back()->size();
    }
    progress_ = std::make_unique<job::Progress>("reading, KB", std::max<int64_t>(0, total_) / 1000);
    if (options.max_articles > 0) remember_titles();
  }

  void run() {
    for (int64_t& i = into_.dump; i < int64_t(sources_.size()) && !done(); ++i, into_.dump_pages = 0) {
      read(*sources_[size_t(i)]);
      if (job::StopSignal::received()) break;  // and read it again, to see whether this was its end
      consumed_ += sources_[size_t(i)]->consumed();
      sources_[size_t(i)].reset();
    }
    into_.complete = !job::StopSignal::received();
    save();
    job::StopSignal::check();
  }

 private:
  void remember_titles() {
    for (SortedRuns::Reader pages = into_.pages.read(); pages.next();)
      articles_ += titles_.insert(std::string(pages.key())).second && !parse_page(pages.value()).target;
  }

  void read(dump::ByteSource& source) {
    known_ = into_.dump_pages;
    seen_ = 0;
    digest_ = base::Xxh3();
    try {
      dump::read_dump(source,
                      {.site = [this](const languages::SiteInfo& info) { site_ = languages::site_of(info); },
                       .page = [this](dump::Page&& page) { return take(std::move(page)); }},
                      options_.reference ? dump::TextPieces::spaced : dump::TextPieces::joined);
    } catch (const base::DamagedInput& error) {
      into_.damage = error.what();
    }
    if (!source.warning().empty()) progress_->say(source.warning());
    if (!job::StopSignal::received()) check_known(seen_ >= known_);
    finish_batch();
  }

  void check_known(bool same) const {
    base::check<base::UsageError>(
        same, "{}: does not begin with the pages that were read from it before; finish with that one, or delete {}",
        options_.dumps[size_t(into_.dump)], into_.folder);
  }

  bool done() const { return into_.damage || job::StopSignal::received() || enough(); }
  bool enough() const { return options_.max_articles > 0 && articles_ >= options_.max_articles; }

  // Tells whether a page is an article. Old exports do not say the namespace; the title does.
  bool is_article_title(const dump::Page& page) const {
    if (options_.reference) return reference::is_article_title(page.title);
    if (page.ns) return *page.ns == languages::Namespaces::kArticle;
    const size_t colon = page.title.find(':');
    return colon == std::string::npos || !site_.namespaces.find(std::string_view(page.title).substr(0, colon));
  }

  std::optional<std::string> redirect_of(const dump::Page& page) const {
    if (options_.reference) return reference::is_redirect(page.text) ? std::optional<std::string>("") : std::nullopt;
    if (page.redirect && !page.redirect->empty()) {
      const std::string target = languages::normalise_title(*page.redirect, site_.first_letter);
      return target.substr(0, target.find('#'));
    }
    return languages::redirect_target(page.text, site_.first_letter);
  }

  // Tells whether a page is in the collection already.
  bool is_known(const dump::Page& page) {
    for (const std::string* text : {&page.title, &page.text}) digest_.update(std::as_bytes(std::span(*text)));
    if (++seen_ == known_) check_known(digest_.hex() == into_.dump_digest);
    return seen_ <= known_;
  }

  // Tells articles from redirects and the rest; articles wait for their batch. Returns whether to go on.
  bool take(dump::Page&& page) {
    if (is_known(page)) {
      if (seen_ % kKnownReport == 0) report();
      return !job::StopSignal::received();
    }
    ++into_.dump_pages;
    unsaved_ += int64_t(page.text.size());
    ++into_.all_pages;
    if (!options_.reference) page.title = languages::normalise_title(page.title, site_.first_letter);
    if (page.too_long) {
      ++into_.too_long_pages;
      progress_->say(base::format("{}: more than 8 MiB of text, left out", page.title));
    } else if (!is_article_title(page)) {
      ++into_.other_pages;
    } else if (!page.wikitext && !options_.reference) {
      ++into_.other_models;
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
    if (unsaved_ >= options_.save_every) save();
    return !enough() && !job::StopSignal::received();
  }

  void save() {
    finish_batch();
    if (seen_ >= known_) into_.dump_digest = digest_.hex();
    save_();
    unsaved_ = 0;
  }

  uint64_t next_number() const {
    return uint64_t(into_.all_pages - into_.other_pages - into_.too_long_pages - into_.other_models - 1);
  }

  void finish_batch() {
    std::vector<ParsedPage> parsed(batch_.size());
    base::for_all(int64_t(batch_.size()), [&](int64_t i) {
      const dump::Page& page = batch_[size_t(i)].page;
      parsed[size_t(i)] =
          options_.reference ? parse_as_reference(page, options_.lead) : parse(page, site_, options_.lead);
    });
    for (size_t i = 0; i < batch_.size(); ++i)
      keep(batch_[i].number, std::move(batch_[i].page.title), std::move(parsed[i]));
    batch_.clear();
    batch_bytes_ = 0;
    report();
  }

  void keep(uint64_t number, std::string title, ParsedPage&& page) {
    for (const KeptParagraph& paragraph : page.paragraphs) add_paragraph(number, paragraph);
    CollectedArticle article{.page = number,
                             .disambiguation = page.disambiguation,
                             .paragraphs = int64_t(page.paragraphs.size()),
                             .dropped = page.dropped,
                             .links = page.links,
                             .omissions = std::move(page.omissions),
                             .may_be_entity = options_.reference || (!page.disambiguation && !is_list_title(title)),
                             .title = std::move(title)};
    if (article.may_be_entity) {
      const bool has_short = !page.short_description.empty();
      article.description = std::move(has_short ? page.short_description : page.first_sentence);
      article.source =
          has_short ? dataset::DescriptionSource::short_description : dataset::DescriptionSource::first_sentence;
    }
    into_.articles.add(to_record(article));
  }

  void add_paragraph(uint64_t page, const KeptParagraph& paragraph) {
    PartPlace place{.whole = uint64_t(into_.paragraphs.records())};
    for (const std::string& title : paragraph.link_titles) {
      into_.links.add(title, to_key(place));
      ++place.part;
    }
    into_.paragraphs.add(number_key(page) + paragraph.record);
  }

  void report() {
    int64_t bytes = consumed_;
    for (const auto& source : sources_)
      if (source) bytes += source->consumed();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    progress_->update(bytes / 1000, base::format("{} pages  {:.1f} MB/s", into_.all_pages,
                                                 double(bytes) * 1e-6 / std::max(seconds, 1e-3)));
  }

  const CollectOptions& options_;
  ScratchTables& into_;
  const std::function<void()>& save_;
  std::vector<std::unique_ptr<dump::ByteSource>> sources_;
  std::chrono::steady_clock::time_point start_;
  int64_t total_ = 0, consumed_ = 0;  // bytes; total_ below 0: unknown
  std::unique_ptr<job::Progress> progress_;
  languages::Site site_;
  int64_t known_ = 0, seen_ = 0;  // pages of the dump that is read: in the collection before, and until now
  base::Xxh3 digest_;             // of those until now
  int64_t unsaved_ = 0;           // bytes of pages
  struct NumberedPage {
    uint64_t number;
    dump::Page page;
  };
  std::vector<NumberedPage> batch_;
  size_t batch_bytes_ = 0;
  // Titles so far, and articles among them. They are kept with max_articles only, which counts a title once.
  std::unordered_set<std::string> titles_;
  int64_t articles_ = 0;
};

}  // namespace

void collect(const CollectOptions& options, ScratchTables& into, const std::function<void()>& save) {
  if (!into.complete) Collector(options, into, save).run();
}

namespace {

base::Json to_json(const wikitext::OmissionSum::Kind& kind) {
  base::Json json = base::Json::object();
  json.set("count", kind.count);
  json.set("page", kind.page);
  return json;
}

void add_omissions(base::Json& json, const CollectCounts& counts) {
  const auto& [kinds, templates] = counts.omissions;
  const wikitext::OmissionSum::Kind& markup = kinds[size_t(wikitext::Omission::missed)];
  if (counts.paragraphs > 0) json.set("clean_share", 1 - double(markup.count) / double(counts.paragraphs));
  if (markup.count > 0) json.set("with_markup", to_json(markup));
  base::Json omissions = base::Json::object(), unknown = base::Json::object();
  for (int i = 0; i < int(wikitext::Omission::missed); ++i)
    if (kinds[size_t(i)].count > 0) omissions.set(wikitext::name(wikitext::Omission(i)), to_json(kinds[size_t(i)]));
  std::vector<std::pair<int64_t, std::string>> names;
  for (const auto& [name, kind] : templates) names.emplace_back(-kind.count, name);
  std::sort(names.begin(), names.end());
  names.resize(std::min(names.size(), kUnknownTemplates));
  for (const auto& [n, name] : names) unknown.set(name, to_json(templates.at(name)));
  json.set("left_out", std::move(omissions));
  json.set("unknown_templates", std::move(unknown));
}

}  // namespace

base::Json to_json(const CollectCounts& counts) {
  base::Json json = base::Json::object();
  json.set("pages", counts.pages);
  json.set("redirects", counts.redirects);
  json.set("articles", counts.articles);
  json.set("other_namespaces", counts.other_namespaces);
  json.set("too_long", counts.too_long);
  json.set("other_models", counts.other_models);
  json.set("duplicates", counts.duplicates);
  json.set("disambiguations", counts.disambiguations);
  json.set("paragraphs", counts.paragraphs);
  json.set("paragraphs_dropped", counts.paragraphs_dropped);
  json.set("links", counts.links);
  add_omissions(json, counts);
  return json;
}

}  // namespace kilm::prepare
