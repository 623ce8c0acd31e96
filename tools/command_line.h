// The command line of `kilm`: words choose a command, options fill typed variables, error types become exit codes.
// Hides CLI11, whose header costs seconds per file, behind command_line.cpp.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "tensor/base/choice.h"
#include "tensor/device.h"

namespace CLI {
class Option;
}

namespace tools {

class Option {
 public:
  Option& required();
  Option& choices(std::vector<std::string> values);

 private:
  friend class Options;
  explicit Option(CLI::Option* option) : option_(option) {}
  CLI::Option* option_;
};

// The options and positional arguments of one command. A value holds its default when it is declared. It comes from the
// command line, else from the environment (--batch-tokens is KILM_BATCH_TOKENS), else from the configuration file.
class Options {
 public:
  Options();
  ~Options();

  // Adds an option or an argument. `names` are those on the command line and the name of the value in the help:
  // "-o,--out DIR", "--steps N". A flag has no value: "--json". A name without dashes is a positional argument,
  // required unless in brackets: "DIR", "[FILE]". A vector is filled by repeating the option, or by all the remaining
  // positional arguments. An option "--data FILE..." takes all words up to the next option. The variable must outlive
  // the parsing. Texts are taken as they are typed; an empty one is refused.
  Option add(std::string_view names, std::string& value, std::string help);
  Option add(std::string_view names, int64_t& value, std::string help);
  Option add(std::string_view names, double& value, std::string help);
  Option add(std::string_view names, bool& flag, std::string help);
  Option add(std::string_view names, std::vector<std::string>& value, std::string help);
  Option add(std::string_view names, std::optional<std::string>& value, std::string help);
  Option add(std::string_view names, std::optional<int64_t>& value, std::string help);
  Option add(std::string_view names, std::optional<double>& value, std::string help);
  Option add(std::string_view names, std::optional<bool>& value, std::string help);  // on or off
  Option add(std::string_view names, tensor::Device& value, std::string help);       // cpu, cuda or cuda:N
  Option add(std::string_view names, std::optional<tensor::Device>& value, std::string help);

  // Adds an option whose value is one of an enumeration, given by name (tensor/base/choice.h): one of `values`, which
  // must outlive the parsing, too.
  template <class E>
  Option add(std::string_view names, E& value, std::type_identity_t<std::span<const E>> values, std::string help) {
    return add_choice(
        names, base::names_of(values), [values, &value](size_t i) { value = values[i]; },
        help + " (default " + name(value) + ")");
  }
  template <class E>
  Option add(std::string_view names, std::optional<E>& value, std::type_identity_t<std::span<const E>> values,
             std::string help) {
    return add_choice(
        names, base::names_of(values), [values, &value](size_t i) { value = values[i]; }, std::move(help));
  }

  // Adds --config FILE: lines `name = value` (TOML), names with - or _; a section [command] is for that command only.
  void config_file();

 private:
  friend struct Parser;
  struct Impl;

  // Calls `take` with the place of the name that was given.
  Option add_choice(std::string_view names, std::vector<std::string> choices, std::function<void(size_t)> take,
                    std::string help);

  std::unique_ptr<Impl> impl_;
};

struct Command {
  std::string name, summary;
  std::string examples;  // one a line, without indent
  // A command either declares its options and returns what to run once they are filled, which returns the exit code ...
  std::function<std::function<int()>(Options&)> declare = {};
  // ... or it is a group.
  std::vector<Command> subcommands = {};
};

// Makes a command whose options are the members of Arguments.
template <class Arguments>
Command command(std::string name, std::string summary, std::string examples, void (*declare)(Options&, Arguments&),
                int (*run)(const Arguments&)) {
  return {std::move(name), std::move(summary), std::move(examples),
          [declare, run](Options& options) -> std::function<int()> {
            auto arguments = std::make_shared<Arguments>();
            declare(options, *arguments);
            return [arguments, run] { return run(*arguments); };
          }};
}

// Sends what a stream holds back. A result that did not reach its file must not look like success: throws OutOfMemory
// when the disk is full, else Error.
void flush(std::FILE* stream, const std::string& name);

// Runs the command that the words choose. Results are the commands' business and go to standard output; help that was
// asked for too; errors go to standard error. Exit codes: 0 done, 1 failed (Error), 2 wrong usage (UsageError), 3
// DamagedInput, 4 NonFinite, 5 no memory or disk space, 75 DeviceFailure. Others are what the command returned.
int run_program(int argc, const char* const* argv, const Command& program);

}  // namespace tools
