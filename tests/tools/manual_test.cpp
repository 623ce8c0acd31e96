#include "tools/manual.h"

#include <doctest/doctest.h>

TEST_CASE("a manual page prints what the help says, whatever it means in roff") {
  tools::CommandHelp program{.path = "kilm", .summary = "learns"};
  program.commands.push_back({.path = "kilm do-it",
                              .summary = "does it",
                              .examples = ".hidden\\n",
                              .usage = " FILE [options]",
                              .arguments = {{.names = {"FILE"}, .value = "", .help = "'quoted'"}},
                              .options = {{.names = {"-o", "--out"}, .value = "DIR", .help = "new"}}});
  const std::string page = tools::manual_page(program, "kilm 1.2");
  CHECK(page.starts_with(".TH kilm 1 \"\" \"kilm 1.2\" \"User Commands\"\n.SH NAME\nkilm \\- learns\n"));
  CHECK(page.find("\n.SS kilm do\\-it\ndoes it.\n.PP\n\\fBkilm do\\-it\\fR FILE [options]\n") != std::string::npos);
  CHECK(page.find("\n.TP\n\\fB\\-o\\fR, \\fB\\-\\-out\\fR \\fIDIR\\fR\nnew\n") != std::string::npos);
  CHECK(page.find("\n\\&'quoted'\n") != std::string::npos);
  CHECK(page.find("\n.EX\n\\&.hidden\\en\n.EE\n") != std::string::npos);
}
