// Shards and tables of entities, by the kind in the header.
#include "kilm/dataset/record_file.h"

#include "kilm/dataset/entities.h"
#include "kilm/dataset/shard.h"
#include "tests/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzz::parse(data, size, [=](std::string_view bytes) {
    const fuzz::File input(bytes);
    if (kilm::dataset::record_kind(input.path()) == kilm::dataset::RecordKind::paragraphs) {
      const kilm::dataset::Shard shard(input.path());
      for (int64_t i = 0; i < shard.windows(); ++i) shard.window(i);
      for (int64_t i = 0; i < shard.paragraphs(); ++i)
        fuzz::parse(data, size, [&](std::string_view) { kilm::dataset::to_json_line(shard.paragraph(i)); });
      shard.verify();
    } else {
      const kilm::dataset::EntityFile entities(input.path());
      for (int64_t i = 0; i < entities.size(); ++i)
        fuzz::parse(data, size, [&](std::string_view) {
          entities.entity(i);
          entities.redirects(i);
        });
      entities.verify();
    }
  });
}
