// `kilm prepare` as a shell sees it.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>

#include "tensor/base/file.h"
#include "tensor/base/json.h"
#include "tests/kilm/compressed.h"
#include "tests/kilm/small_dump.h"
#include "tests/kilm/vocabulary_files.h"
#include "tests/tools/process.h"

namespace fs = std::filesystem;

namespace {

const std::string kDump =
    "<mediawiki><page><title>Rome</title><ns>0</ns><id>1</id><revision><text>{{Short description|Capital of Italy}}\n"
    "'''Rome''' is the capital of [[Italy]].</text></revision></page>"
    "<page><title>Italy</title><ns>0</ns><id>2</id><revision><text>{{Short description|Country}}\n"
    "'''Italy''' is a country whose capital is [[Rome]].</text></revision></page></mediawiki>";

const std::string kParagraphs =
    R"({"id": 1, "title": "Rome", "section": "", "paragraph": 0, "text": "Rome is the capital of Italy.", )"
    R"("links": [{"start": 23, "end": 28, "title": "Italy"}]})"
    "\n"
    R"({"id": 2, "title": "Italy", "section": "", "paragraph": 0, )"
    R"("text": "Italy is a country whose capital is Rome.", )"
    R"("links": [{"start": 36, "end": 40, "title": "Rome"}]})"
    "\n";

const std::string kTokenizer = KILM_SOURCE_DIR "/../shared/data/bart-tokenizer";
const std::string kDumps = KILM_SOURCE_DIR "/../shared/data/wikidumps";

std::string all_bytes(const std::string& folder) {
  std::string bytes;
  for (int i = 0; i < 4; ++i)
    if (const std::string path = folder + "/shard-0000" + std::to_string(i) + ".kds"; fs::exists(path))
      bytes += base::read_file(path);
  return bytes + base::read_file(folder + "/entities.kdt") + base::read_file(folder + "/manifest.json");
}

}  // namespace

// The worst page that a dump may have, behind enough small ones to be parsed with others.
TEST_CASE("kilm prepare: no page takes more than 512 MiB of memory") {
  const auto page = [](const std::string& title, size_t bytes) {
    std::string text = "<page><title>" + title + "</title><ns>0</ns><revision><text>Start.\n\n";
    while (text.size() < bytes) text += "[[a|b]] ";
    return text + "</text></revision></page>";
  };
  std::string dump = "<mediawiki>";
  for (int i = 0; i < 3; ++i) dump += page(std::to_string(i), 1 << 20);
  const Output output = kilm("prepare - --paragraphs -", dump + page("A", (8 << 20) - 100) + "</mediawiki>");
  CHECK(output.code == 0);
  CHECK(output.out.size() > 50'000'000);
#ifndef __SANITIZE_ADDRESS__
  rusage used;
  getrusage(RUSAGE_CHILDREN, &used);  // the most that any process of these tests has taken
  CHECK(used.ru_maxrss < 512 << 10);
#endif
}

TEST_CASE("kilm prepare: standard input becomes JSON lines on standard output, and nothing else is there") {
  const Output paragraphs = kilm("prepare - --paragraphs -", kDump);
  CHECK(paragraphs.code == 0);
  CHECK(paragraphs.out == kParagraphs);
  CHECK(paragraphs.err.find("articles") != std::string::npos);
  const Output entities = kilm("prepare - --entities -", kDump);
  CHECK(entities.code == 0);
  CHECK(entities.out ==
        "{\"title\": \"Rome\", \"description\": \"Capital of Italy\", \"source\": \"short_description\", "
        "\"redirects\": []}\n"
        "{\"title\": \"Italy\", \"description\": \"Country\", \"source\": \"short_description\", \"redirects\": []}\n");
}

TEST_CASE("kilm prepare: damaged input gives what came before, then 3 with file and place") {
  const Output output = kilm("prepare - --paragraphs -", kDump.substr(0, kDump.size() - 60));
  CHECK(output.code == 3);
  CHECK(output.out == kParagraphs.substr(0, kParagraphs.find('\n') + 1));
  CHECK(output.err.find("kilm prepare: standard input: line 3: the file ends before </mediawiki>") !=
        std::string::npos);
  CHECK(kilm("prepare - --paragraphs -", "<!DOCTYPE x [<!ENTITY a \"b\">]><mediawiki/>").code == 3);
  CHECK(kilm("prepare - --paragraphs -", "BZh9 and then no bzip2").code == 3);
  CHECK(kilm("prepare - --paragraphs -", "").code == 3);
}

TEST_CASE("kilm prepare: lines that should go into a folder are refused with the reason") {
  const Folder folder;
  const Output output = kilm("prepare - --paragraphs " + folder.path.string(), kDump);
  CHECK(output.code == 1);
  CHECK(output.err.find(folder.path.string() + ": cannot be opened: Is a directory") != std::string::npos);
}

TEST_CASE("kilm prepare: damage that nothing came before leaves earlier files as they are") {
  const Folder at;
  at.write("good.xml", kDump);
  const std::string outputs = " --paragraphs " + at / "p" + " --entities " + at / "e";
  REQUIRE(kilm("prepare " + at / "good.xml" + outputs).code == 0);
  const std::string entities = base::read_file(at / "e");
  for (const std::string& bad : {std::string("<html></html>"), std::string(), kDump.substr(0, 60)}) {
    CHECK(kilm("prepare -" + outputs, bad).code == 3);
    CHECK(base::read_file(at / "p") == kParagraphs);
    CHECK(base::read_file(at / "e") == entities);
  }
  CHECK(kilm("prepare " + at / "nothing" + outputs).code == 1);
  CHECK(base::read_file(at / "p") == kParagraphs);
  CHECK(kilm("prepare -" + outputs, kDump.substr(0, kDump.size() - 60)).code == 3);
  CHECK(base::read_file(at / "p") == kParagraphs.substr(0, kParagraphs.find('\n') + 1));
}

TEST_CASE("kilm prepare: no two outputs are one place") {
  const Folder at;
  fs::create_directories(at / "folder");
  fs::create_directory_symlink("folder", at / "link");
  for (const std::string second : {"folder/x", "folder/./x", "link/x", "folder/../folder/x"}) {
    const Output output = kilm("prepare - --paragraphs " + at / "folder/x" + " --entities " + at / second, kDump);
    CHECK(output.code == 2);
    CHECK(output.err.find(" should be two places, none inside of the other") != std::string::npos);
    CHECK(!fs::exists(at / "folder/x"));
  }
  for (const std::string inside : {"data", "data/", "data/lines"})
    CHECK(kilm("prepare - --tokenizer /nowhere --out " + at / "data" + " --paragraphs " + at / inside, kDump)
              .err.find(" should be two places") != std::string::npos);
  CHECK(kilm("prepare - --paragraphs /dev/null --entities /dev/null", kDump).code == 0);
}

// In one stream and in two, from a file and from standard input.
TEST_CASE("kilm prepare: of a truncated dump in any compression all that came before the cut comes out, then 3") {
  const Folder folder;
  const auto page = [](uint32_t number) {
    std::string text = "Page " + std::to_string(number) + " is about";
    for (uint32_t x = number + 1, i = 0; i < 100; ++i, x = x * 1664525 + 1013904223) text += ' ' + std::to_string(x);
    return "<page><title>" + std::to_string(number) + "</title><ns>0</ns><id>1</id><revision><text>" + text +
           ".</text></revision></page>\n";
  };
  std::string first = "<mediawiki>\n", second;
  for (uint32_t i = 0; i < 400; ++i) (i < 200 ? first : second) += page(i);
  second += "</mediawiki>\n";
  const std::string whole = kilm("prepare - --paragraphs -", first + second).out;
  const auto lines = [](const std::string& text) { return std::count(text.begin(), text.end(), '\n'); };
  REQUIRE(lines(whole) == 400);
  const auto check = [&](const Output& output, const std::string& place, int64_t at_least) {
    CHECK(output.code == 3);
    CHECK(whole.starts_with(output.out));
    CHECK(lines(output.out) >= at_least);
    CHECK(lines(output.out) < 400);
    CHECK(output.err.find("kilm prepare: " + place) != std::string::npos);
  };
  const std::string path = folder / "cut";
  const auto check_both = [&](const std::string& bytes, const std::string& place, int64_t at_least) {
    std::ofstream(path, std::ios::binary) << bytes;
    check(kilm("prepare " + path + " --paragraphs -"), path + place, at_least);
    check(kilm("prepare - --paragraphs -", bytes), "standard input" + place, at_least);
  };
  check_both(first + page(200) + page(201).substr(0, 500), ": line 203: the file ends before </mediawiki>", 201);
  for (const Format& format : kFormats) {
    INFO(format.name);
    const auto place = [&](const std::string& bytes) {
      return ": byte " + std::to_string(bytes.size()) + ": the file ends in the middle of the " + format.name +
             " stream";
    };
    const std::string single = format.pack(first + second), cut = single.substr(0, single.size() * 3 / 4);
    check_both(cut, place(cut), 150);
    const std::string streams = format.pack(first) + format.pack(second),
                      cut_streams = streams.substr(0, format.pack(first).size() + 100);
    check_both(cut_streams, place(cut_streams), 200);
    check_both(format.pack(first), ": line 202: the file ends before </mediawiki>", 200);  // a whole stream is missing
  }
}

TEST_CASE("kilm prepare: files appear whole, and the table goes to standard output") {
  const Folder folder;
  const Output output = kilm("prepare - --paragraphs " + folder / "p" + " --entities " + folder / "e", kDump);
  CHECK(output.code == 0);
  CHECK(output.out.find("articles                         2\n") != std::string::npos);
  CHECK(output.out.find("without markup             100.00%\n") != std::string::npos);
  CHECK(base::read_file(folder / "p") == kParagraphs);
  CHECK(fs::file_size(folder / "e") > 100);
  const std::string both = "prepare - --paragraphs " + folder / "p" + " --entities ";
  CHECK(kilm(both + folder / "e", kDump).code == 0);  // its own
  CHECK(kilm(both + folder / "p", kDump).code == 2);
  folder.write("other", "{\"id\": 1}\n");
  const Output refused = kilm(both + folder / "other", kDump);
  CHECK(refused.code == 2);
  CHECK(refused.err.find("--entities: " + folder / "other" +
                         " is there already, and not made by this command; --force") != std::string::npos);
  CHECK(base::read_file(folder / "other") == "{\"id\": 1}\n");
  CHECK(kilm(both + folder / "other --force", kDump).code == 0);
  CHECK(base::read_file(folder / "other") == base::read_file(folder / "e"));
  const Output nowhere = kilm("prepare - --paragraphs -", kDump, "TMPDIR=/nowhere");
  CHECK(nowhere.code == 2);
  CHECK(nowhere.err.find("TMPDIR: /nowhere should be a folder") != std::string::npos);
  const Output json = kilm("prepare - --json --paragraphs /dev/null", kDump);
  CHECK(base::parse_json(json.out, "output").at("articles").as_int() == 2);
  const Output one = kilm("prepare - --json --max-articles 1 --paragraphs /dev/null", kDump);
  CHECK(base::parse_json(one.out, "output").at("articles").as_int() == 1);
  CHECK(!fs::is_regular_file("/dev/null"));
  const Output full = kilm("prepare - --paragraphs /dev/full", kDump);
  CHECK(full.code == 5);
  CHECK(full.err.find("/dev/full: cannot be written: No space left on device") != std::string::npos);
}

// The faults A1-1, A1-2, A1-4, A1-5, A1-8, A1-10 and A4-1 of docs/reference_faults.md in one dump.
TEST_CASE("kilm prepare: --compat kilm gives what the authors' code gave") {
  const auto page = [](int id, const std::string& title, const std::string& text) {
    return "<page><title>" + title + "</title><ns>4</ns><id>" + std::to_string(id) + "</id><revision><text>" + text +
           "</text></revision></page>";
  };
  const std::string dump =
      "<mediawiki>" +
      page(1, "Rome",
           "{{short description|none}}Rome is&amp;nbsp;old.&lt;ref name=&quot;x&quot;&gt;cite&lt;/ref&gt; It lies "
           "[[Portal:Rome|a portal]]in "
           "[[italy]], [[Italia]], [[R &amp; B|RB]], [[a|b|c]].") +
      page(2, "Italy", "{{Short description |Country}}Italy is a country. It has &quot;Rome&quot;.\n\n* [[Rome]]") +
      page(3, "Italia", "#REDIRECT [[Italy]]") + page(4, "R &amp; B", "{{short description|A &amp; B}}Music.") +
      page(5, "Help:Rome", "Help is near, and [[Rome]] is far.") + page(6, "Category:Rome", "All of it.") +
      "</mediawiki>";
  const Output entities = kilm("prepare - --compat kilm --lead --entities -", dump);
  CHECK(entities.code == 0);
  CHECK(entities.out ==
        R"({"title": "Rome", "description": "none", "source": "short_description", "redirects": []})"
        "\n"
        R"({"title": "Italy", "description": "Italy is a country.", "source": "first_sentence", "redirects": []})"
        "\n"
        R"({"title": "R  &  B", "description": "A  &  B", "source": "short_description", "redirects": []})"
        "\n"
        R"({"title": "Help:Rome", "description": "Help is near, and Rome is far.", "source": "first_sentence", )"
        R"("redirects": []})"
        "\n");
  const Output paragraphs = kilm("prepare - --compat kilm --lead --paragraphs -", dump);
  CHECK(paragraphs.code == 0);
  CHECK(paragraphs.out.substr(0, paragraphs.out.find('\n') + 1) ==
        R"({"id": 1, "title": "Rome", "section": "", "paragraph": 0, "text": "Rome is & nbsp;old.  cite   It lies in )"
        R"(italy, Italia, RB, [[a|b|c]].", "links": [{"start": 39, "end": 44, "title": "Italy"}, )"
        R"({"start": 54, "end": 56, "title": "R  &  B"}]})"
        "\n");
}

TEST_CASE("kilm prepare: wrong usage is exit code 2") {
  for (const char* arguments :
       {"prepare -", "prepare --paragraphs -", "prepare - --out /tmp/x", "prepare - --paragraphs - --entities -",
        "prepare - - --paragraphs -", "prepare - --paragraphs - --max-articles -1",
        "prepare - --paragraphs - --seen -1", "prepare - --paragraphs - --unseen 1.5", "prepare - --paragraphs ''",
        "prepare - --out /tmp --tokenizer /tmp", "prepare - --paragraphs - --compat none",
        "prepare - --paragraphs - --compat kilm --seed 1",
        "prepare - --paragraphs - --compat kilm --held-out-entities 5"}) {
    INFO(arguments);
    CHECK(kilm(arguments, kDump).code == 2);
  }
  CHECK(kilm("prepare /nowhere.xml --paragraphs -").code == 1);
}

namespace {

// Writes more than is read between two savings, most of it quickly: pages of talk between those of things.
void write_long_dump(const std::string& path) {
  const std::string small = small_dump(), talk = dump_page(900, "Talk:Thing", std::string(4 << 20, 'x'), 1);
  std::ofstream file(path, std::ios::binary);
  for (size_t at = 0, end; at < small.size(); at = end) {
    end = std::min(small.find("<page>", at + 4000), small.size());
    for (int i = 0; i < 4 && at > 0; ++i) file << talk;
    file << small.substr(at, end - at);
  }
}

}  // namespace

TEST_CASE("kilm prepare: killed at any moment, again and again, it ends as if it had not been") {
  const Folder folder;
  write_small_vocabulary(folder);
  const std::string dump = folder / "dump.xml", data = folder / "data", partial = folder / "data.partial";
  write_long_dump(dump);
  const std::string options = "prepare " + dump + " --tokenizer " + folder.path.string() + " --out ";
  REQUIRE(kilm(options + folder / "whole").code == 0);
  const std::vector<std::string> words = {"prepare", dump, "--tokenizer", folder.path.string(), "--out", data};
  std::mt19937 random(5);
  int kills = 0;
  for (int i = 0; i < 12; ++i) {  // the first one at once, the others later and later
    INFO("start " << i);
    Running process(words);
    for (unsigned left = random() % unsigned(1 + 20 * i); left > 0 && !process.ended(); --left) usleep(2000);
    if (process.ended()) break;
    process.signal(i % 4 == 3 ? SIGTERM : SIGKILL);
    const int code = process.wait();
    kills += code == -1;
    if (code == 0) break;
    CHECK((code == -1 || code == 75));
    CHECK(!fs::exists(data));
  }
  CHECK(kills > 0);
  if (!fs::exists(data)) CHECK(kilm(options + data).code == 0);
  CHECK(all_bytes(data) == all_bytes(folder / "whole"));
  CHECK(!fs::exists(partial));
}

TEST_CASE("kilm prepare: a signal stops it with 75 and a word about how to go on") {
  const Folder folder;
  write_small_vocabulary(folder);
  folder.write("dump.xml", small_dump());
  const std::string pipe = folder / "pipe", data = folder / "data", dump = folder / "dump.xml";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  // The signal comes in the middle of the dump: who writes into the pipe waits for a reader, which by then heeds it.
  const std::string process = folder / "process",
                    slowly = "(exec >" + pipe + "; head -c 20000 " + dump + "; kill -TERM $(cat " + process +
                             "); tail -c +20001 " + dump + ") & sh -c 'echo $$ >" + process + "; exec \"$0\" \"$@\"'",
                    at_once = "cat " + dump + " >" + pipe + " &",
                    options = "prepare " + pipe + " --tokenizer " + folder.path.string() + " --out ";
  const Output stopped = kilm(options + data, "", slowly);
  CHECK(stopped.code == 75);
  CHECK(stopped.err.ends_with("kilm prepare: stopped; the same command goes on from " + data + ".partial\n"));
  CHECK(fs::exists(data + ".partial"));
  CHECK(kilm("prepare " + pipe + " --lead --tokenizer " + folder.path.string() + " --out " + data).code == 2);
  CHECK(kilm(options + data, "", at_once).code == 0);
  CHECK(kilm(options + folder / "whole", "", at_once).code == 0);
  CHECK(all_bytes(data) == all_bytes(folder / "whole"));
  const Output lines = kilm("prepare " + pipe + " --paragraphs /dev/null", "", slowly);
  CHECK(lines.code == 75);
  CHECK(lines.err.ends_with("stopped; nothing was put out; only --out keeps what has been read\n"));
}

TEST_CASE("kilm prepare: real dumps give the same data plain, compressed, from standard input and on one thread") {
  if (!fs::exists(kDumps) || !fs::exists(kTokenizer)) {
    MESSAGE("skipped: no shared data");
    return;
  }
  const Folder folder;
  for (const char* name : {"en-2014-w2v-3pages.xml", "en-20250201-zulko-70pages.xml", "tiny-dumpsterdive-8pages.xml"}) {
    const std::string plain = folder / name, source = kDumps + "/" + name;
    const std::string unpack = fs::exists(source) ? "cat '" + source : "bzcat '" + source + ".bz2";
    REQUIRE(std::system((unpack + "' > " + plain).c_str()) == 0);
    REQUIRE(std::system(("gzip -k " + plain + " && bzip2 -k " + plain).c_str()) == 0);
    const auto make = [&](const std::string& input, const std::string& setting = "") {
      fs::remove_all(folder / "data");
      const Output output = kilm("prepare " + input + " --tokenizer '" + kTokenizer + "' --out " + folder / "data",
                                 input == "-" ? base::read_file(plain) : "", setting);
      CHECK(output.code == 0);
      return all_bytes(folder / "data");
    };
    const std::string expected = make(plain);
    CHECK(expected.size() > 10000);
    CHECK(make(plain + ".gz") == expected);
    CHECK(make(plain + ".bz2") == expected);
    CHECK(make("-") == expected);
    CHECK(make(plain, "OMP_NUM_THREADS=1") == expected);
  }
}
