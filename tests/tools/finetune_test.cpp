// `kilm finetune` as a shell sees it.
#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <sstream>

#include "tensor/base/file.h"
#include "tensor/base/json.h"
#include "tests/kilm/folder.h"
#include "tests/tools/model_folder.h"
#include "tests/tools/process.h"

using base::Json;
namespace fs = std::filesystem;

namespace {

struct Site : Folder {
  Site() {
    write_model(*this / "model", 96);
    std::string table, pairs, texts, numbers;
    for (int i = 0; i < 12; ++i) {
      const std::string n = std::to_string(i);
      table += "x" + n + "\t" + std::to_string(i % 2) + "\t\tthe river " + n + "\n";
      pairs += R"({"sentence1": "it is )" + n + R"(", "sentence2": "so \"it\" is", "label": )" + std::to_string(i % 3) +
               "}\n";
      texts += R"({"long": "say )" + n + R"(", "short": ")" + n + "\"}\n";
      numbers += R"({"text": "it is )" + n + R"(", "label": )" + n + ".5}\n";
    }
    write("cola.tsv", table);
    write("pairs.jsonl", pairs);
    write("texts.jsonl", texts);
    write("numbers.jsonl", numbers);
  }
  std::string words(const std::string& task, const std::string& file) const {
    return "finetune --threads 1 --model " + *this / "model" + " --task " + task + " --data " + *this / file +
           " --eval " + *this / file + " --batch-size 4 --learning-rate 1e-3 ";
  }
};

Json object_of(const Output& output) {
  REQUIRE_MESSAGE(output.code == 0, output.err);
  return base::parse_json(output.out, "output");
}

std::vector<Json> lines_of(const std::string& path) {
  std::vector<Json> lines;
  std::istringstream in(base::read_file(path));
  for (std::string line; std::getline(in, line);) lines.push_back(base::parse_json(line, path));
  return lines;
}

}  // namespace

TEST_CASE("kilm finetune learns each task, and says what it found and predicts") {
  const Site site;
  const struct {
    const char *task, *file, *options;
    std::vector<std::string> measures;
  } cases[] = {
      {"classification", "cola.tsv", "--format cola", {"accuracy", "macro_f1", "matthews"}},
      {"classification", "pairs.jsonl", "--labels 3 --label-smoothing 0.1", {"accuracy", "macro_f1", "matthews"}},
      {"classification", "pairs.jsonl", "--labels 3 --dtype bf16", {"accuracy", "macro_f1", "matthews"}},
      {"regression", "numbers.jsonl", "--shuffle off", {"pearson", "spearman"}},
      {"regression", "numbers.jsonl", "--dtype bf16", {"pearson", "spearman"}},
      {"seq2seq",
       "texts.jsonl",
       "--columns source=long,target=short --label-smoothing 0.1 --num-beams 2 --max-new-tokens 4",
       {"rouge1", "rouge2", "rougeL", "bleu", "exact_match", "f1"}},
  };
  for (const auto& one : cases) {
    CAPTURE(one.file);
    CAPTURE(one.options);
    const std::string run = site / "run", predictions = site / "predictions.jsonl";
    const std::string words = site.words(one.task, one.file) + one.options;
    const Json result =
        object_of(kilm(words + " --steps 3 --eval-every 2 --out " + run + " --predictions " + predictions + " --json"));
    CHECK(result.at("steps").as_int() == 3);
    CHECK(result.at("eval").at("examples").as_int() == 12);
    std::vector<std::string> keys;
    for (const auto& [key, value] : result.at("eval").members()) keys.push_back(key);
    std::vector<std::string> expected = {"examples", "loss"};
    expected.insert(expected.end(), one.measures.begin(), one.measures.end());
    CHECK(keys == expected);
    CHECK(lines_of(predictions).size() == 12);
    const bool has_logits = lines_of(predictions)[0].find("logits") != nullptr;
    CHECK(has_logits == (std::string(one.task) != "seq2seq"));
    const Output same = kilm("compare " + predictions + " " + predictions + " --json");
    REQUIRE_MESSAGE(same.code == 0, same.err);
    const Json compared = base::parse_json(same.out, "output");
    for (const std::string& measure : one.measures) {
      const Json& value = compared.at("measures").at(measure).items()[0].at("value");
      const Json& told = result.at("eval").at(measure);
      CHECK(value.is_null() == told.is_null());
      if (told.is_number()) CHECK(value.as_number() == doctest::Approx(told.as_number()));
    }

    // The same numbers come from the folder that is left, and from the run that is at its end.
    const std::string evaluate = "finetune --threads 2 --batch-size 5 --steps 0 --json --model " + run +
                                 "/ckpt/step-00000003 --task " + one.task + " --eval " + site / one.file + " " +
                                 one.options;
    const Json again = object_of(kilm(evaluate));
    CHECK(again.at("steps").as_int() == 0);
    for (const std::string& measure : one.measures)
      CHECK(again.at("eval").at(measure) == result.at("eval").at(measure));
    CHECK(object_of(kilm("finetune --json --resume " + run)) == result);
    base::write_file_atomically(predictions, "somebody's text\n");
    CHECK(kilm(evaluate + " --predictions " + predictions).code == 2);
    CHECK(kilm(evaluate + " --force --predictions " + predictions).code == 0);
    CHECK(lines_of(predictions).size() == 12);
    fs::remove_all(run);
    fs::remove(predictions);
  }
}

TEST_CASE("kilm finetune writes a classifier that Transformers opens, and a table for people") {
  const Site site;
  const Output output =
      kilm(site.words("classification", "pairs.jsonl") + "--labels 3 --steps 2 --out " + site / "run");
  REQUIRE_MESSAGE(output.code == 0, output.err);
  CHECK(output.out.starts_with("steps                        2\nexamples                    12\nloss "));
  CHECK(output.out.find("\nmatthews ") != std::string::npos);
  const Json config = base::read_json_file(site / "run/ckpt/step-00000002/model/config.json");
  CHECK(config.at("architectures").dump() == R"(["BartForSequenceClassification"])");
  CHECK(config.at("num_labels").as_int() == 3);
  const Output convert = kilm("convert " + site / "run " + site / "converted");
  REQUIRE_MESSAGE(convert.code == 0, convert.err);
  CHECK(base::read_json_file(site / "converted/config.json").at("architectures") == config.at("architectures"));
  CHECK(kilm("report " + site / "run").code == 0);
  CHECK(kilm("inspect " + site / "run/ckpt/step-00000002").code == 0);
  const Output summary =
      kilm(site.words("seq2seq", "texts.jsonl") +
           "--columns source=long,target=short --max-new-tokens 4 --steps 1 --out " + site / "other");
  CHECK(summary.out.ends_with("a text without a letter a-z or a digit scores 0, as with rouge-score\n"));
}

TEST_CASE("kilm finetune goes on after SIGTERM to the same bits, and kilm verify-resume tries it") {
  const Site site;
  const std::string words = site.words("classification", "cola.tsv") + "--format cola --steps 12 --save-every 0 --out ";
  const Json whole = object_of(kilm(words + site / "whole --json"));
  std::vector<std::string> split = {};
  std::istringstream in(words + site / "stopped");
  for (std::string word; in >> word;) split.push_back(word);
  Running running(split);
  while (!fs::exists(site / "stopped/log.jsonl") && !running.ended()) usleep(1000);
  running.signal(SIGTERM);
  const int code = running.wait();
  CHECK((code == 75 || code == 0));
  CHECK(object_of(kilm("finetune --json --resume " + site / "stopped")) == whole);
  for (const char* file : {"model/model.safetensors", "optim-rank0.safetensors", "state.json"})
    CHECK(base::read_file(site / "whole/ckpt/step-00000012/" + file) ==
          base::read_file(site / "stopped/ckpt/step-00000012/" + file));
  const Output verified = kilm("verify-resume --stops 2 --run " + site / "whole", "", "OMP_WAIT_POLICY=passive");
  CHECK_MESSAGE(verified.code == 0, verified.err);
  CHECK(verified.out.ends_with("2 of 2 stopped runs came to the same bits as the run that was not stopped\n"));
  CHECK(kilm("verify-resume --steps 3 --run " + site / "whole").code == 2);
  Json huge = base::read_json_file(site / "whole/resolved.json");
  huge.set("batch_size", 1000000000000000);
  fs::create_directory(site / "huge");
  site.write("huge/resolved.json", huge.dump());
  const Output refused = kilm("verify-resume --run " + site / "huge");
  CHECK(refused.code == 2);
  CHECK(refused.err.find("batch size: 1000000000000000 should be") != std::string::npos);
  CHECK(kilm("train --resume " + site / "whole").code == 2);
  CHECK(kilm("finetune --resume " + site / "whole --learning-rate 1").code == 2);
}

TEST_CASE("kilm finetune goes on from the checkpoint before a damaged one") {
  const Site site;
  const std::string run = site / "run";
  const Json result = object_of(kilm(site.words("classification", "cola.tsv") +
                                     "--format cola --steps 4 --save-every 2 --keep 3 --json --out " + run));
  for (const char* file : {"model.safetensors", "config.json"}) {
    CAPTURE(file);
    site.write("run/ckpt/step-00000004/model/" + std::string(file), "{");
    const Output output = kilm("finetune --json --resume " + run);
    CHECK(output.err.find("trying the checkpoint before it") != std::string::npos);
    CHECK(object_of(output) == result);
  }
}

TEST_CASE("kilm finetune writes predictions into a pipe once") {
  const Site site;
  const std::string pipe = site / "pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  std::istringstream in("finetune --steps 0 --format cola --task classification --model " + site / "model --eval " +
                        site / "cola.tsv --predictions " + pipe);
  std::vector<std::string> split;
  for (std::string word; in >> word;) split.push_back(word);
  Running running(split);
  const std::string read = base::read_file(pipe);  // to its first end
  const int again = open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  CHECK(running.wait() == 0);
  close(again);
  CHECK(std::ranges::count(read, '\n') == 12);
}

TEST_CASE("kilm finetune names file and line of bad input, prints nothing and leaves nothing") {
  const Site site;
  const std::pair<const char*, const char*> files[] = {
      {"x\t1\t\ta\nx\t1\ta\n", "line 2: has 3 columns, it should have 4"},
      {"x\t1\t\ta\nx\t1\t\ta\tb\n", "line 2: has 5 columns, it should have 4"},
      {"x\t2\t\ta\n", "line 1: the label 2 should be 0 to 1, the classes of the head"},
      {"x\tno\t\ta\n", "line 1: the label no should be"},
      {"x\t1\t\t\xFF\n", "line 1: is not UTF-8"},
      {"x\t1\t\ta\nx\t1\t\ta</s>b\n", "line 2: has 2 </s>, the rows before it have 1"},
      {"", "has no row"},
  };
  for (const auto& [text, message] : files) {
    CAPTURE(message);
    site.write("bad.tsv", text);
    for (const bool as_eval : {false, true}) {
      const std::string words = "finetune --model " + site / "model --task classification --format cola --data " +
                                site / (as_eval ? "cola.tsv" : "bad.tsv") + " --eval " +
                                site / (as_eval ? "bad.tsv" : "cola.tsv") + " --predictions " +
                                site / "p --json --out ";
      const Output output = kilm(words + site / "run");
      CHECK(output.code == 3);
      CHECK(output.out.empty());
      CHECK(output.err.find(site / "bad.tsv: " + message) != std::string::npos);
      CHECK(!fs::exists(site / "run"));
      CHECK(!fs::exists(site / "p"));
    }
  }
  site.write("pairs.jsonl", R"({"sentence1": "a", "sentence2": "b", "label": 1})"
                            "\n"
                            R"({"sentence1": "a", "label": 1})");
  const Output mixed = kilm(site.words("classification", "pairs.jsonl") + "--out " + site / "run");
  CHECK(mixed.code == 3);
  CHECK(mixed.err.find("pairs.jsonl: line 2: has 1 </s>") != std::string::npos);
}

TEST_CASE("kilm finetune refuses options that do not go together") {
  const Site site;
  const std::string words = site.words("classification", "pairs.jsonl");
  CHECK(kilm(words).code == 2);                                                            // no --out
  CHECK(kilm(words + "--labels 1 --out " + site / "run").code == 2);                       // no classes
  CHECK(kilm(words + "--format stsb --out " + site / "run").code == 2);                    // numbers
  CHECK(kilm(words + "--columns source=a --out " + site / "run").code == 2);               // of texts
  CHECK(kilm(words + "--out " + site / "run --predictions " + site / "run/p").code == 2);  // inside of the run
  CHECK(kilm("finetune --model " + site / "model --out " + site / "run").code == 2);       // no task
  CHECK(kilm("finetune --resume " + site / "model").code == 2);                            // no run
  CHECK(kilm(words + "--labels 3 --num-beams 2 --out " + site / "run").code == 2);         // says nothing
  CHECK(kilm(words + "--labels 3 --max-target-length 9 --out " + site / "run").code == 2);
  const std::string texts = site.words("seq2seq", "texts.jsonl") + "--columns source=long,target=short --out ";
  CHECK(kilm(texts + site / "run --eos-token-id -1").code == 2);
  CHECK(kilm(texts + site / "run --min-length -1").code == 2);
  CHECK(!fs::exists(site / "run"));
  CHECK(kilm(words + "--labels 3 --steps 0").code == 0);  // only evaluates
  REQUIRE(kilm(words + "--labels 3 --steps 1 --out " + site / "run").code == 0);
  CHECK(kilm(words + "--labels 3 --steps 1 --out " + site / "run").code == 2);  // a run already
  const std::string again = "finetune --steps 0 --model " + site / "run --eval " + site / "pairs.jsonl --task ";
  CHECK(kilm(again + "classification --labels 2").code == 2);  // the head has three
  CHECK(kilm(again + "regression").code == 2);
}
