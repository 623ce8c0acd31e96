#include "kilm/generation/generate.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>

#include "kilm/bart/folder.h"
#include "kilm/exchange/padded_batch.h"
#include "kilm/generation/generation_config.h"
#include "kilm/generation/trie.h"
#include "tensor/base/error.h"
#include "tensor/base/threads.h"
#include "tensor/work_count.h"
#include "tests/kilm/bart_fixture.h"
#include "tests/kilm/folder.h"
#include "tests/second_device.h"

using kilm::bart::Bart;
using kilm::bart::Packed;
using kilm::generation::EarlyStopping;
using kilm::generation::generate;
using kilm::generation::Generated;
using kilm::generation::GenerateOptions;
using kilm::generation::GenerateRequest;
using tensor::DType;
using tensor::Tensor;

namespace {

using Ids = std::vector<int32_t>;

constexpr int32_t kEos = 2;

// Returns log p of each next token after `target`, by the whole forward pass in f64.
std::vector<double> log_probabilities(const Bart& model, const Ids& source, const Ids& target) {
  const autograd::NoGrad no_grad;
  const Tensor hidden =
      model.forward(Packed::of(std::vector<Ids>{source}), Packed::of(std::vector<Ids>{target}), nn::Mode::evaluation)
          .value();
  std::vector<double> logits =
      model.logits(hidden.narrow(0, hidden.size(0) - 1, 1)).cast(DType::f64).to_vector<double>();
  double sum = 0;
  for (const double x : logits) sum += std::exp(x);
  for (double& x : logits) x -= std::log(sum);
  return logits;
}

// Every result of up to `limit` tokens with its score, best first.
struct Everything {
  const Bart& model;
  const GenerateRequest& request;
  int64_t limit;
  double length_penalty;
  Ids ends = {kEos};
  std::vector<Generated> results = {};

  void extend(const Ids& ids, double sum) {
    const std::vector<double> next = log_probabilities(model, request.source, ids);
    for (int32_t token = 0; token < int32_t(next.size()); ++token) {
      Ids longer = ids;
      longer.push_back(token);
      const double total = sum + next[size_t(token)];
      if (std::find(ends.begin(), ends.end(), token) == ends.end() && int64_t(longer.size()) < limit)
        extend(longer, total);
      else
        results.push_back({longer, int64_t(request.prefix.size()),
                           total / std::pow(double(longer.size() - request.prefix.size()), length_penalty)});
    }
  }

  void sort() {
    std::sort(results.begin(), results.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  }
};

// Returns a model that likes to end: some results do, others reach their length.
Bart ending_bart(double liking) {
  Bart model = tests::small_bart(DType::f32);
  model.final_logits_bias.narrow(1, kEos, 1).fill(liking);
  return model;
}

// Makes requests of different lengths, some with a prefix.
std::vector<GenerateRequest> some_requests(const Bart& model, uint32_t count) {
  std::vector<GenerateRequest> requests;
  for (uint32_t i = 0; i < count; ++i) {
    GenerateRequest& request = requests.emplace_back();
    request.source = tests::random_ids(1 + i * 5 % 13, model, i);
    if (i % 3 != 0) request.prefix = tests::random_ids(1 + i * 3 % 8, model, 1000 + i);
  }
  return requests;
}

bool same(const std::vector<Generated>& a, const std::vector<Generated>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Generated& x, const Generated& y) {
    return x.ids == y.ids && x.prefix == y.prefix && x.score == y.score;
  });
}

std::span<const int32_t> generated(const Generated& result) {
  return std::span(result.ids).subspan(size_t(result.prefix));
}

bool repeats_pair(std::span<const int32_t> ids) {
  std::set<std::pair<int32_t, int32_t>> pairs;
  for (size_t i = 0; i + 1 < ids.size(); ++i)
    if (!pairs.emplace(ids[i], ids[i + 1]).second) return true;
  return false;
}

}  // namespace

TEST_CASE("with beams for every hypothesis a search finds what trying everything finds") {
  const Bart model = tests::small_bart(DType::f64, 6);
  for (const double length_penalty : {1.0, 0.0, 2.0}) {
    for (uint32_t i = 0; i < 3; ++i) {
      const GenerateRequest request{tests::random_ids(4 + i, model, i), tests::random_ids(1 + 2 * i, model, 9 + i)};
      Everything all{model, request, int64_t(request.prefix.size()) + 3, length_penalty};
      GenerateOptions options{.num_beams = 200,
                              .num_return_sequences = 10,
                              .max_new_tokens = 3,
                              .length_penalty = length_penalty,
                              .early_stopping = EarlyStopping::never};
      if (i == 2) all.ends = {kEos, 4, 5};
      options.more_eos_token_ids.assign(all.ends.begin() + 1, all.ends.end());
      all.extend(request.prefix, 0);
      all.sort();
      const auto found = generate(model, {&request, 1}, options);
      REQUIRE(found[0].size() == 10);
      for (size_t rank = 0; rank < 10; ++rank) {
        CHECK(found[0][rank].ids == all.results[rank].ids);
        CHECK(found[0][rank].score == doctest::Approx(all.results[rank].score).epsilon(1e-5));
      }
    }
  }
}

TEST_CASE("beams stay open however many end tokens are likely") {
  Bart model = ending_bart(4);
  for (const int64_t token : {9, 5}) model.final_logits_bias.narrow(1, token, 1).fill(4);
  const GenerateRequest request{tests::random_ids(4, model, 1)};
  const auto found = generate(model, {&request, 1},
                              {.num_beams = 2,
                               .max_new_tokens = 12,
                               .length_penalty = 2,
                               .early_stopping = EarlyStopping::never,
                               .more_eos_token_ids = {9, 5}});
  CHECK(generated(found[0].at(0)).size() > 2);
}

TEST_CASE("one beam always takes the likeliest token") {
  const Bart model = ending_bart(3);
  const std::vector<GenerateRequest> requests = some_requests(model, 12);
  const auto results = generate(model, requests, {.max_new_tokens = 9});
  int ended = 0;
  for (size_t i = 0; i < requests.size(); ++i) {
    Ids ids = requests[i].prefix.empty() ? Ids{2} : requests[i].prefix;
    const size_t prefix = ids.size();
    double sum = 0;
    while (ids.size() < prefix + 9 && (ids.size() == prefix || ids.back() != kEos)) {
      const std::vector<double> next = log_probabilities(model, requests[i].source, ids);
      const auto best = std::max_element(next.begin(), next.end());
      ids.push_back(int32_t(best - next.begin()));
      sum += *best;
    }
    REQUIRE(results[i].size() == 1);
    CHECK(results[i][0].ids == ids);
    CHECK(results[i][0].score == doctest::Approx(sum / double(ids.size() - prefix)).epsilon(1e-5));
    ended += ids.back() == kEos;
  }
  CHECK(ended > 0);
  CHECK(ended < 12);
}

TEST_CASE("a result does not depend on what else is generated, in which order, or on how many threads") {
  const Bart model = ending_bart(3);
  const std::vector<GenerateRequest> requests = some_requests(model, 17);
  const int threads = base::threads();
  for (const int64_t beams : {1, 4}) {
    const GenerateOptions options{
        .num_beams = beams, .num_return_sequences = beams, .max_new_tokens = 12, .no_repeat_ngram_size = 3};
    const auto together = generate(model, requests, options);
    for (size_t i = 0; i < requests.size(); ++i)
      CHECK(same(generate(model, {&requests[i], 1}, options)[0], together[i]));
    const std::vector<GenerateRequest> reversed(requests.rbegin(), requests.rend());
    GenerateOptions small_batches = options;
    small_batches.batch_tokens = 40;
    base::set_threads(3);
    const auto backwards = generate(model, reversed, small_batches);
    base::set_threads(threads);
    for (size_t i = 0; i < requests.size(); ++i) CHECK(same(backwards[requests.size() - 1 - i], together[i]));
  }
}

TEST_CASE("searching longer never gives less, and sometimes more") {
  const Bart model = ending_bart(6);
  const std::vector<GenerateRequest> requests = some_requests(model, 40);
  GenerateOptions options{.num_beams = 3, .max_new_tokens = 10, .length_penalty = 2};
  std::vector<double> before(requests.size(), -1e9);
  for (const EarlyStopping stopping : {EarlyStopping::yes, EarlyStopping::no, EarlyStopping::never}) {
    options.early_stopping = stopping;
    int better = 0;
    const auto results = generate(model, requests, options);
    for (size_t i = 0; i < requests.size(); ++i) {
      CHECK(results[i][0].score >= before[i]);
      better += results[i][0].score > before[i];
      before[i] = results[i][0].score;
    }
    CHECK(better > 0);
  }
}

TEST_CASE("options hold for every result") {
  const Bart model = tests::small_bart(DType::f32);
  const std::vector<GenerateRequest> requests = some_requests(model, 20);
  GenerateOptions options{.num_beams = 4, .num_return_sequences = 4, .max_new_tokens = 12};
  const auto for_all = [&](auto&& holds) {
    for (const auto& results : generate(model, requests, options))
      for (const Generated& result : results)
        if (!holds(result)) return false;
    return true;
  };
  const auto no_pair_twice = [](const Generated& r) { return !repeats_pair(generated(r)); };

  SUBCASE("no pair of tokens is generated twice") {
    CHECK(!for_all(no_pair_twice));
    options.no_repeat_ngram_size = 2;
    CHECK(for_all(no_pair_twice));
    const auto nowhere = [](const Generated& r) { return !repeats_pair(r.ids); };
    CHECK(!for_all(nowhere));
    options.ngrams_count_prefix = true;
    std::vector<GenerateRequest> plain;
    for (const GenerateRequest& request : requests)
      if (!repeats_pair(request.prefix)) plain.push_back(request);
    for (const auto& results : generate(model, plain, options))
      for (const Generated& result : results) CHECK(nowhere(result));
  }
  SUBCASE("results end with the end token or have their full length") {
    const auto ends = [&](int32_t token) {
      return for_all([&](const Generated& r) {
        const auto tokens = generated(r);
        return std::find(tokens.begin(), tokens.end() - 1, token) == tokens.end() - 1 &&
               (tokens.size() == 12 || tokens.back() == token);
      });
    };
    CHECK(ends(kEos));
    options.eos_token_id = 9;
    CHECK(ends(9));
    options.forced_eos_token_id = 9;
    CHECK(for_all([](const Generated& r) { return r.ids.back() == 9; }));
  }
  SUBCASE("any of several end tokens ends a result, greedy, in beams and in samples") {
    const auto before = generate(model, requests, options);
    const Ids more = {generated(before[0][0])[2], generated(before[1][0])[2]};
    options.more_eos_token_ids = more;
    const auto is_end = [&](int32_t token) { return token == kEos || token == more[0] || token == more[1]; };
    const auto ends = [&](const Generated& r) {
      const auto tokens = generated(r);
      return std::none_of(tokens.begin(), tokens.end() - 1, is_end) && (tokens.size() == 12 || is_end(tokens.back()));
    };
    CHECK(for_all(ends));
    CHECK(!for_all([](const Generated& r) { return generated(r).size() == 12 || r.ids.back() == kEos; }));
    options.min_length = 8;
    CHECK(for_all([](const Generated& r) { return r.ids.size() >= 8; }));
    options.num_beams = options.num_return_sequences = 1;
    CHECK(for_all(ends));
    options.do_sample = true;
    CHECK(for_all(ends));
  }
  SUBCASE("lengths count the prefix, except that of new tokens") {
    options.max_new_tokens.reset();
    options.max_length = 11;
    options.min_length = 9;
    CHECK(for_all([](const Generated& r) { return r.ids.size() >= 9 && r.ids.size() <= 11; }));
  }
  SUBCASE("bad words never come, whatever the prefix ends with") {
    std::vector<Ids> words = {{kEos}};
    const auto before = generate(model, requests, options);
    for (size_t i = 0; i < requests.size(); ++i) {
      const size_t at = size_t(before[i][0].prefix) + 2, size = 1 + i % 3;
      words.emplace_back(before[i][0].ids.begin() + ptrdiff_t(at), before[i][0].ids.begin() + ptrdiff_t(at + size));
    }
    const auto has = [](const Generated& r, const Ids& word) {
      const auto from = r.ids.begin() + std::max<ptrdiff_t>(0, r.prefix - ptrdiff_t(word.size()) + 1);
      return std::search(from, r.ids.end(), word.begin(), word.end()) != r.ids.end();
    };
    options.bad_words_ids = words;
    CHECK(for_all([&](const Generated& r) {
      return std::none_of(words.begin(), words.end(), [&](const Ids& word) { return word[0] != kEos && has(r, word); });
    }));
    const Bart ending = ending_bart(3);  // the end token is exempt: a result could never end
    CHECK(generate(ending, requests, options)[0][0].ids.back() == kEos);
  }
  SUBCASE("a forced first token follows a prefix of one token and costs nothing") {
    options = {.max_new_tokens = 1, .forced_bos_token_id = 0};
    CHECK(for_all([](const Generated& r) { return r.prefix != 1 || (r.ids[1] == 0 && r.score == 0); }));
    CHECK(!for_all([](const Generated& r) { return r.ids.back() == 0; }));
  }
}

TEST_CASE("the reference's search counts the prefix and no end token") {
  const Bart model = ending_bart(3);
  const std::vector<GenerateRequest> requests = some_requests(model, 12);
  const GenerateOptions options{
      .num_beams = 3, .num_return_sequences = 3, .max_length = 12, .length_penalty = 2, .reference_search = true};
  const auto results = generate(model, requests, options);
  int ended = 0, full = 0;
  for (size_t i = 0; i < requests.size(); ++i) {
    CHECK(results[i].size() == 3);
    for (const Generated& r : results[i]) {
      double sum = 0;
      for (size_t n = size_t(r.prefix); n < r.ids.size(); ++n)
        sum += log_probabilities(model, requests[i].source,
                                 {r.ids.begin(), r.ids.begin() + ptrdiff_t(n)})[size_t(r.ids[n])];
      const bool end = r.ids.back() == kEos && r.ids.size() > size_t(r.prefix);
      CHECK(r.score == doctest::Approx(sum / std::pow(double(r.ids.size() - end), 2)).epsilon(1e-4));
      ended += end;
      full += r.ids.size() == 12;
    }
  }
  CHECK(ended > 0);
  CHECK(full > 0);
}

TEST_CASE("tokens keep the columns they had beside padding, and masked ones are not seen") {
  const Bart model = tests::small_bart(DType::f32);
  const GenerateOptions options{.num_beams = 2, .max_new_tokens = 6};
  // What a mask hides may be anything.
  const GenerateRequest masked{{5, 9, 4}, {2, 6, 8, 7}, {1, 3, 4}, {0, 3}},
      hidden{{5, 9, 4}, {2, 9, 9, 7}, {1, 3, 4}, {0, 3}};
  const auto a = generate(model, {&masked, 1}, options), b = generate(model, {&hidden, 1}, options);
  CHECK(std::equal(a[0][0].ids.begin() + 4, a[0][0].ids.end(), b[0][0].ids.begin() + 4, b[0][0].ids.end()));
  CHECK(a[0][0].score == b[0][0].score);
  CHECK(a[0][0].prefix == 4);
  CHECK(Ids(a[0][0].ids.begin(), a[0][0].ids.begin() + 4) == masked.prefix);
  // One step by the whole forward pass, whose positions are those columns.
  const Packed source = Packed::of(std::vector<Ids>{{5, 9, 4}}, std::vector<Ids>{{1, 3, 4}});
  const Packed target = Packed::of(std::vector<Ids>{{2, 7}}, std::vector<Ids>{{0, 3}});
  const autograd::NoGrad no_grad;
  const Tensor hidden_states = model.forward(source, target, nn::Mode::evaluation).value();
  const std::vector<float> logits = model.logits(hidden_states.narrow(0, 1, 1)).to_vector<float>();
  const auto one = generate(model, {&masked, 1}, {.max_new_tokens = 1});
  CHECK(one[0][0].ids.back() == std::max_element(logits.begin(), logits.end()) - logits.begin());
  // Columns that leave no gap are no columns at all.
  const GenerateRequest plain{{5, 9, 4}, {2, 6}}, explicit_columns{{5, 9, 4}, {2, 6}, {0, 1, 2}, {0, 1}};
  CHECK(same(generate(model, {&plain, 1}, options)[0], generate(model, {&explicit_columns, 1}, options)[0]));
}

TEST_CASE("with a trie nothing else comes out, by any search") {
  const Folder folder;
  const Bart model = ending_bart(1);
  const std::vector<GenerateRequest> requests = some_requests(model, 12);
  std::vector<Ids> lists;
  for (uint32_t i = 0; i < 60; ++i) lists.push_back(tests::random_ids(1 + i % 6, model, 300 + i % 40));
  kilm::generation::write_trie(folder / "t.kdt", lists, "");
  const kilm::generation::Trie trie(folder / "t.kdt");
  GenerateOptions options{.max_new_tokens = 6, .trie = &trie};
  const std::set<Ids> legal(lists.begin(), lists.end());
  const auto check_lists = [&](size_t least) {
    size_t count = 0;
    for (const auto& results : generate(model, requests, options))
      for (const Generated& r : results) {
        auto tokens = generated(r);
        REQUIRE(tokens.back() == kEos);
        tokens = tokens.first(tokens.size() - 1);
        if (options.forced_bos_token_id && r.prefix == 1) tokens = tokens.subspan(1);
        CHECK(legal.contains(Ids(tokens.begin(), tokens.end())));
        ++count;
      }
    CHECK(count >= least);
  };
  SUBCASE("greedy, which may meet a dead end") { check_lists(1); }
  SUBCASE("by beams") {
    options.num_beams = options.num_return_sequences = 5;
    check_lists(55);
    options.forced_bos_token_id = 0;
    options.forced_eos_token_id = kEos;
    check_lists(50);
    options.reference_search = true;
    check_lists(50);
  }
  SUBCASE("with more beams than the trie has lists: all of them that fit") {
    options.num_beams = options.num_return_sequences = 200;
    options.early_stopping = EarlyStopping::never;
    size_t fit = 0;
    for (const Ids& list : legal) fit += list.size() < 6;
    for (const auto& results : generate(model, requests, options)) CHECK(results.size() == fit);
    check_lists(fit * requests.size());
  }
  SUBCASE("by draws") {
    options.do_sample = true;
    options.num_return_sequences = 20;
    options.temperature = 3;
    check_lists(100);
  }
  SUBCASE("other rules hold too") {
    options.num_beams = options.num_return_sequences = 5;
    options.no_repeat_ngram_size = 1;
    options.ngrams_count_prefix = true;
    options.bad_words_ids = {{5}, {6}, {7, 8}};
    check_lists(1);
  }
  SUBCASE("behind the token that ends a list anything may follow") {
    options.num_beams = options.num_return_sequences = 4;
    options.max_new_tokens = 12;
    options.trie_end_token = 9;
    size_t longer = 0;
    for (const auto& results : generate(model, requests, options))
      for (const Generated& r : results) {
        const auto tokens = generated(r);
        // A list may have the token 9 in it, too.
        bool begins = false;
        for (size_t n = 1; n < tokens.size(); ++n)
          begins = begins || (tokens[n] == 9 && legal.contains(Ids(tokens.begin(), tokens.begin() + ptrdiff_t(n))));
        CHECK(begins);
        longer += tokens.size() > 8;
      }
    CHECK(longer > 0);
  }
}

TEST_CASE("a trie whose tokens the model does not have is refused") {
  const Folder folder;
  kilm::generation::write_trie(folder / "t.kdt", {{23}}, "");
  const kilm::generation::Trie trie(folder / "t.kdt");
  const GenerateRequest request{{4, 5}, {}};
  CHECK_THROWS_WITH_AS(generate(tests::small_bart(DType::f32), {&request, 1}, {.trie = &trie}),
                       (folder / "t.kdt: token 23 should be below 23").c_str(), base::DamagedInput);
}

TEST_CASE("generate: errors say what is and what should be") {
  const Bart model = tests::small_bart(DType::f32);
  const GenerateRequest request{{4, 5}, {2, 6, 7}};
  const auto message = [&](const GenerateRequest& r, const GenerateOptions& options) {
    try {
      generate(model, {&r, 1}, options);
    } catch (const base::Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(message(request, {.num_beams = 2, .num_return_sequences = 3}) ==
        "num return sequences: 3 should be between 1 and num beams, 2");
  CHECK(message(request, {.num_beams = 2, .do_sample = true}) == "num beams: 2 should be 1 with do sample");
  CHECK(message(request, {.do_sample = true, .temperature = 0}) == "temperature: 0 should be above 0");
  CHECK(message(request, {.do_sample = true, .top_k = -1}) == "top k: -1 should be at least 0");
  CHECK(message(request, {.do_sample = true, .top_p = 1.5}) == "top p: 1.5 should be in [0, 1]");
  CHECK(message(request, {.bad_words_ids = {{}}}) == "bad words ids: a list is empty, it should have a token");
  CHECK(message(request, {.bad_words_ids = {{3, 23}}}) == "bad words ids: 23 should be 0 to 22");
  CHECK(message(request, {.eos_token_id = 23}) == "eos token id: 23 should be 0 to 22");
  CHECK(message(request, {.more_eos_token_ids = {23}}) == "eos token id: 23 should be 0 to 22");
  CHECK(message(request, {.num_beams = 100000}) == "num beams: 100000 should be at most 4096");
  CHECK(message(request, {.num_return_sequences = 100000, .do_sample = true}) ==
        "num return sequences: 100000 should be at most 4096");
  CHECK(message(request, {.num_beams = 0}) == "num beams: 0 should be at least 1");
  CHECK(message(request, {.max_length = 3}) ==
        "generate: request 0 has a prefix of 3 tokens; it should be shorter than 3, the longest result");
  CHECK(message({{}, {2}}, {}) == "generate: request 0 has a source of 0 tokens; it should be 1 to 48");
  CHECK(message({Ids(49, 4), {2}}, {}) == "generate: request 0 has a source of 49 tokens; it should be 1 to 48");
  CHECK(generate(model, {}, {}).empty());
}

// tests/oracle/make_generation_golden.py made the requests and what Transformers gives to them.
TEST_CASE("results and scores are those of Transformers") {
  const std::string path = KILM_SOURCE_DIR "/tests/fixtures/bart-other-golden";
  const kilm::bart::BartFolder folder = kilm::bart::load_bart(path);
  std::ifstream file(path + "/generation.jsonl");
  int compared = 0;
  for (std::string line; std::getline(file, line);) {
    const base::Json golden = base::parse_json(line, "generation.jsonl");
    CAPTURE(golden.at("options").dump());
    base::Json settings = folder.generation_config;
    for (const auto& [key, value] : golden.at("options").members()) settings.set(key, value);
    const auto requests = kilm::exchange::parse_requests(golden.at("batch"), folder.model.config, false, "batch");
    const auto results =
        generate(folder.model, requests, kilm::generation::parse_generation_config(settings, "options"));
    REQUIRE(results.size() == golden.at("results").items().size());
    for (size_t row = 0; row < results.size(); ++row) {
      const auto& expected = golden.at("results").items()[row].items();
      const Ids& columns = requests[row].prefix_columns;
      const size_t padding = columns.empty() ? 0 : size_t(columns[0]);  // in front of the prefix
      REQUIRE(results[row].size() == expected.size());
      for (size_t i = 0; i < expected.size(); ++i) {
        Ids ids;
        for (const base::Json& id : expected[i].at("ids").items()) ids.push_back(int32_t(id.as_int()));
        CHECK(Ids(results[row][i].ids.begin() + int64_t(padding), results[row][i].ids.end()) == ids);
        const double score = expected[i].at("score").as_number();
        CHECK(std::abs(results[row][i].score - score) <= 1e-5 * std::max(1.0, std::abs(score)));
        ++compared;
      }
    }
  }
  CHECK(compared == 15 + 54);
}

TEST_CASE("generation waits for the device once per decoded token, greedy and with beams, whatever the rules") {
  Bart model = ending_bart(-100);
  const std::vector<GenerateRequest> requests = some_requests(model, 3);
  Folder folder;
  kilm::generation::write_trie(folder / "trie.kdt", {{4, 5, 6, 7, 8}, {4, 6, 5, 7, 9}, {8, 5, 6, 7, 4}}, "tokens");
  const kilm::generation::Trie trie(folder / "trie.kdt");
  const GenerateOptions options[] = {{.max_new_tokens = 6},
                                     {.num_beams = 3, .max_new_tokens = 6},
                                     {.num_beams = 3, .max_new_tokens = 6, .min_length = 9, .no_repeat_ngram_size = 2},
                                     {.num_beams = 2, .max_new_tokens = 6, .forced_eos_token_id = kEos, .trie = &trie},
                                     {.max_new_tokens = 6, .do_sample = true, .top_k = 5}};
  for (const GenerateOptions& o : options) {
    const auto expected = generate(model, requests, o);
    const tests::SecondDevice second;
    nn::move(model, second.device);
    {
      const tensor::WorkCount count;
      const auto found = generate(model, requests, o);
      CHECK(count.total().waits == 6);
      for (size_t i = 0; i < requests.size(); ++i) CHECK(same(found[i], expected[i]));
    }
    nn::move(model, {});
  }
}
