// Links of paragraphs as mentions: JSON lines as `kilm prepare --paragraphs` and `kilm inspect DATA --split S --json`
// print them. What a link leads to is its gold title, and the article its document.
#include "kilm/evaluation/readers/mention_readers.h"
#include "tensor/base/format.h"
#include "tensor/base/json_lines.h"

namespace kilm::evaluation {

namespace {

using base::Json;

std::vector<MentionItem> read(const Json& line) {
  const auto text = std::make_shared<const std::string>(base::string_at(line, "text"));
  const std::string article = base::string_at(line, "title");
  base::check(!article.empty(), "title: should not be empty");
  std::vector<MentionItem> mentions;
  for (const Json& link : base::items_at(line, "links")) {
    const size_t number = mentions.size() + 1;
    mentions.push_back(base::read_at(base::format("link {}", number), [&] {
      MentionItem mention{
          .document = article, .text = text, .start = base::int_at(link, "start"), .end = base::int_at(link, "end")};
      mention.title = base::entry_at(link, "title", [](const Json& title) { return title_of(title.as_string()); });
      check_mention(mention);
      return mention;
    }));
  }
  return mentions;
}

class ParagraphMentions final : public MentionReader {
 public:
  explicit ParagraphMentions(const std::string& path) : lines_(path) {}

  std::optional<MentionItem> next() override {
    while (at_ == of_line_.size()) {
      std::optional<std::vector<MentionItem>> mentions = lines_.next(read);
      if (!mentions) return std::nullopt;
      of_line_ = std::move(*mentions);
      at_ = 0;
    }
    MentionItem item = std::move(of_line_[at_++]);
    item.id = number_++;
    item.place = lines_.place();
    return item;
  }

 private:
  base::JsonLines lines_;
  std::vector<MentionItem> of_line_;
  size_t at_ = 0;
  int64_t number_ = 0;
};

}  // namespace

std::unique_ptr<MentionReader> read_paragraph_mentions(const std::string& path) {
  return std::make_unique<ParagraphMentions>(path);
}

}  // namespace kilm::evaluation
