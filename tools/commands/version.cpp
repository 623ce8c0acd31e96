// `kilm version` and `kilm --cite`.
#include <cstdio>

#include "tools/commands.h"

namespace tools {

namespace {

struct VersionArguments {
  bool build = false;
};

void declare_version(Options& options, VersionArguments& arguments) {
  options.add("--build", arguments.build, "print how the program was built, too");
}

int run_version(const VersionArguments& arguments) {
  std::printf("kilm %s\n", KILM_VERSION);
  if (arguments.build)
    std::printf("compiler g++ %s\nC++ %ld\nbuild type %s\n", __VERSION__, __cplusplus, KILM_BUILD_TYPE);
  return 0;
}

struct CiteArguments {};

int run_cite(const CiteArguments&) {
  std::fputs(R"(@inproceedings{xu-etal-2023-kilm,
  title     = {{KILM}: Knowledge Injection into Encoder-Decoder Language Models},
  author    = {Xu, Yan and Namazifar, Mahdi and Hazarika, Devamanyu and Padmakumar, Aishwarya and Liu, Yang and
               Hakkani-Tur, Dilek},
  booktitle = {Proceedings of the 61st Annual Meeting of the Association for Computational Linguistics
               (Volume 1: Long Papers)},
  year      = {2023},
  pages     = {5013--5035},
  doi       = {10.18653/v1/2023.acl-long.275},
  publisher = {Association for Computational Linguistics}
}

@inproceedings{lewis-etal-2020-bart,
  title     = {{BART}: Denoising Sequence-to-Sequence Pre-training for Natural Language Generation, Translation,
               and Comprehension},
  author    = {Lewis, Mike and Liu, Yinhan and Goyal, Naman and Ghazvininejad, Marjan and Mohamed, Abdelrahman and
               Levy, Omer and Stoyanov, Veselin and Zettlemoyer, Luke},
  booktitle = {Proceedings of the 58th Annual Meeting of the Association for Computational Linguistics},
  year      = {2020},
  pages     = {7871--7880},
  doi       = {10.18653/v1/2020.acl-main.703},
  publisher = {Association for Computational Linguistics}
}
)",
             stdout);
  return 0;
}

}  // namespace

Command version(std::string name) {
  return command<VersionArguments>(std::move(name), "prints the version", "kilm version --build", declare_version,
                                   run_version);
}

Command cite(std::string name) {
  return command<CiteArguments>(
      std::move(name), "prints the papers to cite, as BibTeX", "kilm --cite >> references.bib",
      [](Options&, CiteArguments&) {}, run_cite);
}

}  // namespace tools
