// Words up to the command are matched here, so that only the chosen command declares its options. The program starts in
// milliseconds however many commands there are. CLI11 then reads that command's options.
#include "tools/command_line.h"

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "tensor/base/device_failure.h"
#include "tensor/base/format.h"
#include "tensor/base/suggestion.h"
#include "tools/help.h"

namespace tools {

using base::format;
using base::suggestion;

namespace {

std::string environment_name(std::string_view option) {
  std::string name = "KILM_";
  for (const char c : option.substr(option.find_first_not_of('-')))
    name += c == '-' ? '_' : char(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::vector<std::string> long_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

// Reads TOML with these differences: names may be written with underscores, values of other commands' sections are
// skipped, and the environment wins over the file. CLI11 takes the last of several values, none for an empty list, and
// the text of a list that nothing closes. Here each of these is refused.
class ConfigFile : public CLI::ConfigTOML {
 public:
  ConfigFile(const CLI::App& app, std::string command) : app_(app), command_(std::move(command)) {}

  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    std::vector<CLI::ConfigItem> kept;
    if (input.peek() == 0xEF) input.ignore(3);  // a byte order mark
    for (CLI::ConfigItem& item : CLI::ConfigTOML::from_config(input)) {
      if (item.name == "++" || item.name == "--") continue;  // a section begins or ends
      if (!item.parents.empty() && CLI::detail::join(item.parents, " ") != command_) continue;
      item.parents.clear();
      std::replace(item.name.begin(), item.name.end(), '_', '-');
      const std::string file = app_.get_config_ptr()->as<std::string>();
      const CLI::Option* option = app_.get_option_no_throw("--" + item.name);
      if (option == nullptr)
        throw base::UsageError(
            format("{}: unknown option {}{}", file, item.name, suggestion("--" + item.name, long_names(app_))));
      check_values(file, item, *option);
      const char* environment = std::getenv(environment_name(item.name).c_str());
      if (environment == nullptr || *environment == 0) kept.push_back(std::move(item));
    }
    return kept;
  }

 private:
  static void check_values(const std::string& file, const CLI::ConfigItem& item, const CLI::Option& option) {
    const size_t most = option.get_items_expected_max() > 1 ? item.inputs.size() : 1;
    base::check<base::UsageError>(!item.inputs.empty() && item.inputs.size() <= most,
                                  "{}: {}: has {} values, should have one", file, item.name, item.inputs.size());
    base::check<base::UsageError>(!item.inputs[0].starts_with('['), "{}: {}: {} should be a value, or a closed list",
                                  file, item.name, item.inputs[0]);
  }

  const CLI::App& app_;
  std::string command_;
};

// Returns what is wrong with the text of a number; CLI11 takes 99999999999999999999 for the greatest number and nan for
// one.
template <class Number>
std::string objection(const std::string& text) {
  Number value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc() && stop == end && std::isfinite(double(value))) return "";
  return format("\"{}\" should be {} number", text, std::is_integral_v<Number> ? "a whole" : "a finite");
}

// Ends a word that is to be taken as it was typed; no word of a command line or of the environment holds it.
constexpr char kAsTyped = '\0';

// Marks a word that CLI11 would change. It cuts an argument in brackets at its commas, and takes the next word for the
// value of "--name=".
std::string as_typed(std::string word) {
  const bool list = word.starts_with('[') && word.ends_with(']');
  const bool empty_value = word.starts_with("--") && word.find('=') == word.size() - 1;
  return list || empty_value ? word + kAsTyped : word;
}

std::string erase_mark(std::string& text) {
  std::erase(text, kAsTyped);
  return "";  // no objection
}

// Reads values from their texts, of which the validators have let through only those of their kind. CLI11's own reading
// would make nothing of "{}".
void read(const std::string& text, std::string& value) { value = text; }
void read(const std::string& text, bool& value) { value = text == "on" || text == "true"; }
void read(const std::string& text, tensor::Device& value) { value = tensor::parse_device(text); }
template <class Number>
void read(const std::string& text, Number& value) {
  std::from_chars(text.data(), text.data() + text.size(), value);
}
template <class T>
void read(const std::string& text, std::optional<T>& value) {
  read(text, value.emplace());
}

// Reads the last of all that were given, or each.
template <class T>
void read(const std::vector<std::string>& texts, T& value) {
  read(texts.back(), value);
}
void read(const std::vector<std::string>& texts, std::vector<std::string>& values) { values = texts; }

// Refuses an empty text, which names nothing; it is what a shell makes of a variable that is not set.
std::string objection_to_empty(const std::string& text) { return text.empty() ? "is empty" : ""; }

std::string objection_to_device(const std::string& text) {
  try {
    tensor::parse_device(text);
    return "";
  } catch (const base::UsageError& error) {
    return error.what();
  }
}

// What becomes of a name that was chosen.
struct Choice {
  std::vector<std::string> names;
  std::function<void(size_t)> take;
};
void read(const std::string& text, Choice& choice) { choice.take(base::place_of(text, choice.names)); }

template <class T>
constexpr bool kIsDevice = std::is_same_v<T, tensor::Device> || std::is_same_v<T, std::optional<tensor::Device>>;

// Returns CLI11's word for a type, in its messages.
template <class T>
std::string type_word() {
  constexpr bool is_word = std::is_same_v<T, Choice> || kIsDevice<T>;
  return CLI::detail::type_name<std::conditional_t<is_word, std::string, T>>();
}

struct HelpRow {
  std::string name, help;
  const CLI::Option* option;
};

// Splits "{a,b}" into a and b; returns nothing without braces.
std::vector<std::string> choices_in(const std::string& type) {
  const size_t open = type.find('{'), close = type.find('}');
  if (open == std::string::npos || close == std::string::npos) return {};
  return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

HelpEntry entry_of(const HelpRow& row) {
  const size_t space = std::min(row.name.find(' '), row.name.size());
  HelpEntry entry{.names = CLI::detail::split(row.name.substr(0, space), ','),
                  .value = row.name.substr(std::min(space + 1, row.name.size())),
                  .help = row.help,
                  .choices = {}};
  if (row.option == nullptr) return entry;
  const std::string type = row.option->get_type_name();  // the choices as {a,b}, else CLI11's word for a type
  entry.choices = choices_in(type);
  if (!entry.choices.empty()) entry.help += ": " + type.substr(type.find('{'));
  if (row.option->get_required() && !row.option->get_positional()) entry.help += " (required)";
  return entry;
}

void append_entries(std::string& out, const std::vector<HelpEntry>& entries) {
  size_t width = 0;
  std::vector<std::string> names;
  for (const HelpEntry& entry : entries) {
    names.push_back(CLI::detail::join(entry.names, ",") + (entry.value.empty() ? "" : " ") + entry.value);
    width = std::max(width, names.back().size());
  }
  for (size_t i = 0; i < entries.size(); ++i) out += format("  {:{}}  {}\n", names[i], width, entries[i].help);
}

std::string default_text(const std::string& value) { return value.empty() ? "" : format(" (default {})", value); }
std::string default_text(int64_t value) { return format(" (default {})", value); }
std::string default_text(double value) { return format(" (default {})", value); }
std::string default_text(tensor::Device value) { return format(" (default {})", to_string(value)); }
template <class T>
std::string default_text(const T&) {
  return "";
}

std::string indented(std::string_view lines) {
  std::string out;
  while (!lines.empty()) {
    const size_t end = std::min(lines.find('\n'), lines.size());
    out += format("  {}\n", lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return out;
}

std::string help_head(const Command& command, const std::string& path) {
  std::string out = format("{}: {}\n", path, command.summary);
  if (!command.examples.empty()) out += format("\nExamples:\n{}", indented(command.examples));
  return out;
}

}  // namespace

struct Options::Impl {
  CLI::App app;
  std::vector<HelpRow> positionals, options;
  std::vector<std::function<void()>> fill;  // the variables, once the words are sorted
  std::string usage;
  std::vector<std::unique_ptr<Choice>> choices;
  bool config_file = false;

  template <class T>
  Option add(std::string_view declared, T& value, std::string help);
};

Options::Options() : impl_(std::make_unique<Impl>()) {}
Options::~Options() = default;

Option& Option::required() {
  option_->required();
  return *this;
}

Option& Option::choices(std::vector<std::string> values) {
  option_->check(CLI::IsMember(std::move(values)));
  return *this;
}

template <class T>
Option Options::Impl::add(std::string_view declared, T& value, std::string help) {
  const bool positional = declared[0] != '-';
  const bool in_brackets = declared[0] == '[';
  std::string names(declared.substr(0, declared.find(' ')));
  if (in_brackets) names = names.substr(1, names.size() - 2);
  help += default_text(value);

  CLI::Option* option;
  if constexpr (std::is_same_v<T, bool>) {
    option = app.add_flag(names, value);
  } else {
    option = app.add_option(names)->type_name(type_word<T>());
    option->transform(CLI::Validator(erase_mark, ""));
    if constexpr (std::is_same_v<T, std::vector<std::string>>)
      option->expected(1, -1)->allow_extra_args(positional || declared.ends_with("..."));
    else
      option->take_last();
    fill.push_back([option, &value] {
      if (option->count() > 0) read(option->results(), value);
    });
    if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::optional<std::string>> ||
                  std::is_same_v<T, std::vector<std::string>> || std::is_same_v<T, Choice> || kIsDevice<T>)
      option->check(CLI::Validator(objection_to_empty, ""));
    if constexpr (std::is_same_v<T, int64_t> || std::is_same_v<T, std::optional<int64_t>>)
      option->check(CLI::Validator(objection<int64_t>, ""));
    if constexpr (std::is_same_v<T, double> || std::is_same_v<T, std::optional<double>>)
      option->check(CLI::Validator(objection<double>, ""));
    if constexpr (kIsDevice<T>) option->check(CLI::Validator(objection_to_device, ""));
  }
  if (positional) {
    option->required(!in_brackets);
    positionals.push_back({names, std::move(help), option});
    const bool many = std::is_same_v<T, std::vector<std::string>>;
    usage += format(" {}{}{}{}", in_brackets ? "[" : "", names, many ? " ..." : "", in_brackets ? "]" : "");
  } else {
    option->envname(environment_name(option->get_single_name()));
    options.push_back({std::string(declared), std::move(help), option});
  }
  return Option(option);
}

Option Options::add(std::string_view names, std::string& value, std::string help) {
  return impl_->add(names, value, std::move(help));
}
Option Options::add(std::string_view names, int64_t& value, std::string help) {
  return impl_->add(names, value, std::move(help));
}
Option Options::add(std::string_view names, double& value, std::string help) {
  return impl_->add(names, value, std::move(help));
}
Option Options::add(std::string_view names, bool& flag, std::string help) {
  return impl_->add(names, flag, std::move(help));
}
Option Options::add(std::string_view names, std::vector<std::string>& value, std::string help) {
  return impl_->add(names, value, std::move(help));
}
Option Options::add(std::string_view names, std::optional<std::string>& value, std::string help) {
  return impl_->add(names, value, std::move(help));
}
Option Options::add(std::string_view names, std::optional<int64_t>& value, std::string help) {
  return impl_->add(names, value, std::move(help));
}
Option Options::add(std::string_view names, std::optional<double>& value, std::string help) {
  return impl_->add(names, value, std::move(help));
}

Option Options::add(std::string_view names, tensor::Device& value, std::string help) {
  return impl_->add(names, value, std::move(help));
}
Option Options::add(std::string_view names, std::optional<tensor::Device>& value, std::string help) {
  return impl_->add(names, value, std::move(help));
}

Option Options::add(std::string_view names, std::optional<bool>& value, std::string help) {
  Option option = impl_->add(names, value, std::move(help));
  const auto on_or_off = [](const std::string& text) {
    for (const char* word : {"on", "off", "true", "false"})
      if (text == word) return std::string();
    return text + " should be on or off";
  };
  option.option_->check(CLI::Validator(on_or_off, "{on,off}"));
  return option;
}

Option Options::add_choice(std::string_view names, std::vector<std::string> choices, std::function<void(size_t)> take,
                           std::string help) {
  Choice& choice = *impl_->choices.emplace_back(new Choice{std::move(choices), std::move(take)});
  Option option = impl_->add(names, choice, std::move(help));
  option.option_->check(CLI::IsMember(choice.names));
  return option;
}

void Options::config_file() { impl_->config_file = true; }

// What run_program does with one command's options.
struct Parser {
  const Command& command;
  const std::string& path;  // "kilm tokenizer train"
  Options options;

  std::function<int()> declare() {
    std::function<int()> body = command.declare(options);
    Options::Impl& impl = *options.impl_;
    impl.app.set_help_flag("-h,--help");
    if (impl.config_file) {
      impl.app.config_formatter(std::make_shared<ConfigFile>(impl.app, path.substr(path.find(' ') + 1)));
      impl.app.allow_config_extras(CLI::config_extras_mode::error);
      CLI::Option* option = impl.app.set_config("--config")->take_last();
      impl.options.push_back({"--config FILE", "read options that are not given from this file (TOML)", option});
    }
    impl.options.push_back({"-h,--help", "print this help", nullptr});
    return body;
  }

  int run(std::vector<std::string> words) {
    const std::function<int()> body = declare();
    Options::Impl& impl = *options.impl_;
    const char* file = std::getenv("KILM_CONFIG");  // CLI11 would read the environment only behind the file
    if (impl.config_file && file != nullptr && *file != 0) words.insert(words.begin(), {"--config", file});
    for (std::string& word : words) word = as_typed(std::move(word));
    std::reverse(words.begin(), words.end());  // CLI11 takes words from the back
    try {
      impl.app.parse(std::move(words));
    } catch (const CLI::CallForHelp&) {
      std::fputs(help().c_str(), stdout);
      return 0;
    } catch (const CLI::ParseError& error) {
      std::string text = message(error);
      erase_mark(text);
      throw base::UsageError(text);
    }
    for (const auto& fill : impl.fill) fill();
    return body();
  }

  CommandHelp described() const {
    const Options::Impl& impl = *options.impl_;
    CommandHelp help{.path = path,
                     .summary = command.summary,
                     .examples = command.examples,
                     .usage = impl.usage + " [options]",
                     .arguments = {},
                     .options = {},
                     .commands = {}};
    for (const HelpRow& row : impl.positionals) help.arguments.push_back(entry_of(row));
    for (const HelpRow& row : impl.options) help.options.push_back(entry_of(row));
    return help;
  }

  std::string help() const {
    const CommandHelp described = this->described();
    std::string out = help_head(command, path);
    out += format("\nUsage: {}{}\n", path, described.usage);
    append_entries(out, described.arguments);
    out += "\nOptions:\n";
    append_entries(out, described.options);
    return out + "\nAn option that is not given is read from the environment: --name from KILM_NAME.\n";
  }

  // Returns the message. A mistyped name explains more than what is missing because of it.
  std::string message(const CLI::ParseError& error) const {
    const CLI::App& app = options.impl_->app;
    const bool maybe_mistyped = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr ||
                                dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
    const std::vector<std::string> unknown = app.remaining();
    if (!maybe_mistyped || unknown.empty()) {
      std::string text = error.what();
      for (size_t i = 0; i < text.size() && text[i] == ' '; ++i) text.erase(i, 1);
      if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1]))) text[0] = char(std::tolower(text[0]));
      return text;
    }
    const std::string word = unknown[0].substr(0, unknown[0].find('='));
    if (word[0] != '-') return format("unexpected argument {}", word);
    return format("unknown option {}{}", word, suggestion(word, long_names(app)));
  }
};

namespace {

std::string group_help(const Command& group, const std::string& path) {
  std::string out = help_head(group, path) + "\nCommands:\n";
  std::vector<HelpEntry> entries;
  for (const Command& command : group.subcommands)
    entries.push_back(entry_of({command.name, command.summary, nullptr}));
  append_entries(out, entries);
  return out + format("\n{} COMMAND --help explains a command.\n", path);
}

const Command& find_command(const Command& group, const std::string& word) {
  std::vector<std::string> names;
  for (const Command& command : group.subcommands) {
    if (command.name == word) return command;
    names.push_back(command.name);
  }
  throw base::UsageError(
      format("unknown {} {}{}", word[0] == '-' ? "option" : "command", word, suggestion(word, names)));
}

int dispatch(std::vector<std::string> words, const Command& program, std::string& path) {
  const Command* command = &program;
  size_t used = 0;
  for (; !command->subcommands.empty(); ++used) {
    const std::string word = used < words.size() ? words[used] : "";
    const bool wants_help = word == "-h" || word == "--help";
    if (word.empty() || wants_help) {
      std::fputs(group_help(*command, path).c_str(), wants_help ? stdout : stderr);
      return wants_help ? 0 : 2;
    }
    command = &find_command(*command, word);
    path += " " + word;
  }
  words.erase(words.begin(), words.begin() + ptrdiff_t(used));
  return Parser{*command, path, {}}.run(std::move(words));
}

// Opens each standard stream that is closed, so that it refuses every byte. Else the next file that is opened would
// take its number, and receive what is printed.
void open_standard_streams() {
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(number, F_GETFD) < 0) open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

}  // namespace

CommandHelp help_of(const Command& command, const std::string& path) {
  if (command.subcommands.empty()) {
    Parser parser{command, path, {}};
    parser.declare();
    return parser.described();
  }
  CommandHelp help{.path = path,
                   .summary = command.summary,
                   .examples = command.examples,
                   .usage = "",
                   .arguments = {},
                   .options = {entry_of({"-h,--help", "print this help", nullptr})},
                   .commands = {}};
  for (const Command& below : command.subcommands) help.commands.push_back(help_of(below, path + " " + below.name));
  return help;
}

void flush(std::FILE* stream, const std::string& name) {
  if (std::fflush(stream) == 0 && !std::ferror(stream)) return;
  const std::string message = format("{}: cannot be written: {}", name, std::strerror(errno));
  if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG) throw base::OutOfMemory(message);
  throw base::Error(message);
}

int run_program(int argc, const char* const* argv, const Command& program) {
  open_standard_streams();
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow (ulimit -f) is an error that is told, not the end
  std::string path = program.name;
  const auto failed = [&](int code, const char* message) {
    std::fflush(stdout);
    std::fprintf(stderr, "%s: %s\n", path.c_str(), message);
    return code;
  };
  try {
    const int code = dispatch({argv + 1, argv + argc}, program, path);
    flush(stdout, "standard output");
    return code;
  } catch (const base::UsageError& error) {
    failed(2, error.what());
    std::fprintf(stderr, "%s --help explains the command\n", path.c_str());
    return 2;
  } catch (const base::DamagedInput& error) {
    return failed(3, error.what());
  } catch (const base::NonFinite& error) {
    return failed(4, error.what());
  } catch (const base::OutOfDeviceMemory& error) {
    const std::string message = error.what();
    return failed(5, (message + "; try a smaller token budget, recompute = layer or graphs = off").c_str());
  } catch (const base::OutOfMemory& error) {
    return failed(5, error.what());
  } catch (const base::DeviceFailure& error) {
    return failed(75, error.what());
  } catch (const std::filesystem::filesystem_error& error) {  // its own text names functions of C++
    return failed(1, format("{}: {}", error.path1().string(), error.code().message()).c_str());
  } catch (const std::bad_alloc&) {
    return failed(5, "out of memory");
  } catch (const std::exception& error) {
    return failed(1, error.what());
  }
}

}  // namespace tools
