#include "kilm/prepare/resolve.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "kilm/job/progress.h"
#include "kilm/job/stop_signal.h"
#include "kilm/prepare/description.h"
#include "kilm/prepare/external/ranked_bits.h"
#include "kilm/prepare/reference/reference_description.h"

namespace kilm::prepare {

namespace {

constexpr int kMaxRedirects = 7;  // of a chain; longer ones are mistakes or circles
constexpr size_t kUnknownTemplates = 20;
constexpr uint64_t kReport = 4096;  // paragraphs between two looks at the time
constexpr const char* kPlace = "temporary file";

struct TitledPage {
  std::string_view title;
  CollectedPage page;
};

TitledPage parse_titled_page(std::string_view record) {
  dataset::FieldReader fields(record, kPlace);
  const std::string_view title = fields.text();
  return {title, parse_page(fields.text())};
}

// The pages that count, by title; a join goes through them once.
class PageTable {
 public:
  explicit PageTable(const std::string& folder) : entries_(folder) {}

  // Adds a title and its page, the record of a CollectedPage.
  void add(std::string_view title, std::string_view page) {
    dataset::FieldWriter fields;
    fields.text(title);
    fields.text(page);
    entries_.add(fields.bytes());
  }

  void rewind() {
    entries_.rewind();
    advance();
  }
  const TitledPage* at() const { return at_ ? &*at_ : nullptr; }  // null behind the last one
  std::string_view record() const { return record_; }             // of it, for parse_titled_page()
  void advance() { at_ = entries_.next(record_) ? std::optional(parse_titled_page(record_)) : std::nullopt; }
  // Finds a page; null if there is none. Titles must be asked for in ascending order.
  const TitledPage* find(std::string_view title) {
    while (at_ && at_->title < title) advance();
    return at_ && at_->title == title ? &*at_ : nullptr;
  }

 private:
  Spool entries_;
  std::string_view record_;
  std::optional<TitledPage> at_;
};

// Where a title leads.
struct Target {
  std::string_view title;
  uint32_t entity = dataset::kNoEntity;
};

std::string to_record(const Target& target) {
  dataset::FieldWriter fields;
  fields.u32(target.entity);
  fields.text(target.title);
  return fields.bytes();
}

Target parse_target(std::string_view record) {
  dataset::FieldReader fields(record, kPlace);
  const uint32_t entity = fields.u32();
  return {fields.text(), entity};
}

// Values in the order of their places, which are the keys.
class PlaceReader {
 public:
  explicit PlaceReader(SortedRuns& values) : reader_(values.read()) { advance(); }

  // Calls f(part, value) for each part of `whole`. Wholes must be asked for in ascending order, and none left out.
  template <class F>
  void for_parts(uint64_t whole, F&& f) {
    for (; more_ && place_.whole == whole; advance()) f(place_.part, reader_.value());
  }

 private:
  void advance() {
    more_ = reader_.next();
    if (more_) place_ = parse_place(reader_.key());
  }

  SortedRuns::Reader reader_;
  PartPlace place_;
  bool more_ = false;
};

class Resolver {
 public:
  Resolver(ScratchTables& collection, ResolvedData& into, bool reference)
      : collection_(collection),
        into_(into),
        reference_(reference),
        table_(folder()),
        chosen_(folder()),
        targets_(folder()),
        redirects_(folder()) {}

  void run() {
    make_table();
    choose_entities(count_articles());
    follow_redirects();
    write_entities();
    write_paragraphs(join_links());
  }

 private:
  const std::string& folder() const { return collection_.folder; }

  void make_table() {
    CollectCounts& counts = into_.counts;
    counts.pages = collection_.all_pages;
    counts.other_namespaces = collection_.other_pages;
    counts.too_long = collection_.too_long_pages;
    counts.other_models = collection_.other_models;
    duplicate_.resize(size_t(counts.pages - counts.other_namespaces - counts.too_long - counts.other_models));
    std::optional<std::string> last;
    for (SortedRuns::Reader pages = collection_.pages.read(); pages.next();) {
      job::StopSignal::check();
      const CollectedPage page = parse_page(pages.value());
      if (last == pages.key()) {
        duplicate_[page.number] = true;
        ++counts.duplicates;
        continue;
      }
      last = pages.key();
      ++(page.target ? counts.redirects : counts.articles);
      table_.add(pages.key(), pages.value());
    }
  }

  // Returns what the reference's choice of descriptions needs to know of all articles: how often every piece of one
  // occurs.
  SortedRuns count_articles() {
    SortedRuns pieces(folder()), templates(folder());
    for_articles([&](const CollectedArticle& article) {
      count(article, templates);
      if (!reference_) return;
      PartPlace place{.whole = article.page};
      for (const std::string_view piece : reference::description_pieces(article.description)) {
        pieces.add(piece, to_key(place));
        ++place.part;
      }
    });
    name_templates(templates);
    return count_pieces(pieces);
  }

  template <class F>
  void for_articles(F&& f) {
    collection_.articles.rewind();
    for (std::string_view record; collection_.articles.next(record);) {
      job::StopSignal::check();
      const CollectedArticle article = parse_article(record);
      if (!duplicate_[article.page]) f(article);
    }
  }

  void count(const CollectedArticle& article, SortedRuns& templates) {
    CollectCounts& counts = into_.counts;
    counts.disambiguations += article.disambiguation;
    counts.paragraphs += article.paragraphs;
    counts.paragraphs_dropped += article.dropped;
    counts.links += article.links;
    wikitext::Omissions omissions = article.omissions;
    for (const auto& [name, n] : omissions.templates) templates.add(name, number_key(uint64_t(n)) + article.title);
    omissions.templates.clear();
    counts.omissions.add(omissions, article.title);
  }

  // Keeps the most frequent templates; among equally frequent ones, the first by name.
  void name_templates(SortedRuns& templates) {
    std::vector<std::pair<int64_t, std::string>> most;  // counts below 0, and names
    auto& kinds = into_.counts.omissions.templates;
    const auto put = [&](const std::string& name, wikitext::OmissionSum::Kind& kind) {
      const std::pair entry(-kind.count, name);
      most.insert(std::upper_bound(most.begin(), most.end(), entry), entry);
      kinds[name] = std::exchange(kind, {});
      if (most.size() <= kUnknownTemplates) return;
      kinds.erase(most.back().second);
      most.pop_back();
    };
    std::string name;
    wikitext::OmissionSum::Kind kind;
    for (SortedRuns::Reader reader = templates.read(); reader.next();) {
      if (kind.count > 0 && reader.key() != name) put(name, kind);
      name = reader.key();
      kind.add(int64_t(key_number(reader.value())), std::string(reader.value().substr(sizeof(uint64_t))));
    }
    if (kind.count > 0) put(name, kind);
  }

  // Returns, by the place of each piece, how often it occurs anywhere.
  SortedRuns count_pieces(SortedRuns& pieces) {
    SortedRuns times(folder());
    SortedRuns::Reader group = pieces.read(), ahead = pieces.read();
    for (bool more = ahead.next(); more;) {
      const std::string piece(ahead.key());
      int64_t n = 0;
      for (; more && ahead.key() == piece; more = ahead.next()) ++n;
      for (int64_t i = 0; i < n && group.next(); ++i) times.add(group.value(), number_key(uint64_t(n)));
    }
    return times;
  }

  void choose_entities(SortedRuns times) {
    PlaceReader reader(times);
    for_articles([&](const CollectedArticle& article) {
      std::vector<int64_t> of_pieces;
      reader.for_parts(article.page,
                       [&](uint32_t, std::string_view n) { of_pieces.push_back(int64_t(key_number(n))); });
      if (!article.may_be_entity) return;
      std::optional<std::string> description = choose_description(article, of_pieces);
      if (!description) return;
      entities_.add(article.page);
      into_.short_descriptions += article.source == dataset::DescriptionSource::short_description;
      chosen_.add(
          dataset::to_record(dataset::EntityRecord{article.title, std::move(*description), article.source, {}}, false));
    });
  }

  std::optional<std::string> choose_description(const CollectedArticle& article, std::span<const int64_t> times) const {
    if (reference_) return reference::choose_description(article.title, article.description, times);
    return says_something(article.description) ? std::optional(article.description) : std::nullopt;
  }

  uint32_t entity_of(uint64_t page) const {
    return entities_.contains(page) ? entities_.rank(page) : dataset::kNoEntity;
  }

  // Takes all redirects one step further at once, as often as a chain may be long.
  void follow_redirects() {
    SortedRuns under_way(folder());  // by the title that a redirect has come to, the record where it started
    for (table_.rewind(); table_.at() != nullptr; table_.advance())
      if (table_.at()->page.target) step(table_.record(), *table_.at(), under_way);
    for (int i = 0; i < kMaxRedirects && !under_way.empty(); ++i) {
      SortedRuns next(folder());
      table_.rewind();
      for (SortedRuns::Reader reader = under_way.read(); reader.next();) {
        job::StopSignal::check();
        if (const TitledPage* const at = table_.find(reader.key()))
          step(reader.value(), *at, next);
        else
          arrive(parse_titled_page(reader.value()), {reader.key(), dataset::kNoEntity});
      }
      under_way = std::move(next);
    }
    for (SortedRuns::Reader reader = under_way.read(); reader.next();) {
      const TitledPage start = parse_titled_page(reader.value());
      arrive(start, {start.title, dataset::kNoEntity});
    }
  }

  void step(std::string_view start, const TitledPage& at, SortedRuns& under_way) {
    if (at.page.target && !at.page.target->empty())
      under_way.add(*at.page.target, start);
    else
      arrive(parse_titled_page(start), {at.title, entity_of(at.page.number)});
  }

  void arrive(const TitledPage& start, const Target& target) {
    targets_.add(start.title, to_record(target));
    if (target.entity != dataset::kNoEntity)
      redirects_.add(number_key(target.entity) + number_key(start.page.number), start.title);
  }

  void write_entities() {
    SortedRuns::Reader redirect = redirects_.read();
    bool more = redirect.next();
    chosen_.rewind();
    for (std::string_view record; chosen_.next(record);) {
      dataset::EntityRecord entity = dataset::parse_entity(record, kPlace);
      for (; more && key_number(redirect.key()) == uint64_t(into_.entities.records()); more = redirect.next())
        entity.redirects.emplace_back(redirect.value());
      into_.entities.add(dataset::to_record(entity, /*held_out=*/false));
    }
  }

  // Returns, by their places, the links that change: a Target, whose title is empty where it stays as it is written.
  SortedRuns join_links() {
    SortedRuns outcomes(folder(), 2 * SortedRuns::kMemory);
    SortedRuns::Reader targets = targets_.read();
    table_.rewind();
    targets.next();
    std::string title, record;  // record: empty if all stays
    for (SortedRuns::Reader links = collection_.links.read(); links.next();) {
      if (links.key() != title) {
        job::StopSignal::check();
        title = links.key();
        record = outcome(title, targets);
      }
      if (!record.empty()) outcomes.add(links.value(), record);
    }
    return outcomes;
  }

  // Returns the record of what a title leads to, or "" if nothing changes. Titles must come in ascending order.
  std::string outcome(const std::string& title, SortedRuns::Reader& targets) {
    const TitledPage* const entry = table_.find(title);
    Target target{title, entry != nullptr ? entity_of(entry->page.number) : dataset::kNoEntity};
    if (entry != nullptr && entry->page.target) {
      while (targets.key() < title) targets.next();
      target = parse_target(targets.value());
    }
    if (target.title == title) target.title = {};
    return target.title.empty() && target.entity == dataset::kNoEntity ? "" : to_record(target);
  }

  void write_paragraphs(SortedRuns outcomes) {
    into_.mentioned.resize(entities_.size());
    PlaceReader reader(outcomes);
    job::Progress progress("following links, paragraphs", collection_.paragraphs.records());
    collection_.paragraphs.rewind();
    std::vector<LinkChange> changes;
    std::string_view record;
    for (uint64_t i = 0; collection_.paragraphs.next(record); ++i) {
      changes.clear();
      reader.for_parts(i, [&](uint32_t link, std::string_view outcome) {
        const Target target = parse_target(outcome);
        changes.push_back({link, target.entity, std::string(target.title)});
      });
      if (!duplicate_[key_number(record)]) write_paragraph(record.substr(sizeof(uint64_t)), changes);
      if (i % kReport != 0) continue;
      job::StopSignal::check();
      progress.update(int64_t(i), "");
    }
    progress.update(collection_.paragraphs.records(), "");
  }

  struct LinkChange {
    uint32_t link, entity;
    std::string title;  // empty if the link's title stays
  };

  void write_paragraph(std::string_view record, std::span<const LinkChange> changes) {
    if (changes.empty()) return into_.paragraphs.add(record);
    dataset::StoredParagraph paragraph = dataset::parse_paragraph(record, kPlace);
    for (const LinkChange& change : changes) {
      dataset::StoredLink& link = paragraph.links[change.link];
      if (!change.title.empty()) {
        link.redirect = link.title;
        link.title = change.title;
      }
      link.entity = change.entity;
      if (link.entity != dataset::kNoEntity) into_.mentioned[link.entity] = true;
    }
    into_.paragraphs.add(dataset::to_record(paragraph));
  }

  ScratchTables& collection_;
  ResolvedData& into_;
  const bool reference_;
  PageTable table_;
  std::vector<bool> duplicate_;  // by number of the page
  RankedBits entities_;          // numbers of their pages; the rank is the number of the entity
  Spool chosen_;                 // of EntityRecord without redirects
  SortedRuns targets_;           // of redirects by their titles: Target
  SortedRuns redirects_;         // titles by entity, then page
};

}  // namespace

void resolve(ScratchTables& collection, ResolvedData& into, bool reference) {
  Resolver(collection, into, reference).run();
}

}  // namespace kilm::prepare
