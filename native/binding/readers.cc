#include "binding/readers.h"

#include "binding/cgroup_frames.h"
#include "binding/ipmi_options.h"
#include "binding/nvml_options.h"
#include "binding/nvml_use_frames.h"
#include "binding/rapl_options.h"
#include "files/files_reader.h"
#include "files/pm_counters_reader.h"
#include "files/texts_reader.h"
#include "files/words_reader.h"
#include "hsmp/hsmp_reader.h"

namespace wattledger {
namespace {

using Factory = std::unique_ptr<Reader> (*)(const Arguments&);

std::unique_ptr<Reader> MakeFiles(const Arguments& options) {
  return std::make_unique<FilesReader>(options.Strings("paths"));
}

std::unique_ptr<Reader> MakeTexts(const Arguments& options) {
  return std::make_unique<TextsReader>(options.Strings("paths"));
}

std::unique_ptr<Reader> MakeWords(const Arguments& options) {
  std::vector<TableLayout> layouts;
  for (const Arguments& layout : options.Objects("layouts")) {
    std::vector<Word> words;
    for (const Arguments& word : layout.Objects("words"))
      words.push_back({word.Uint32("offset"), word.Uint32("width")});
    layouts.push_back({layout.Uint32("format"), layout.Uint32("content"), std::move(words)});
  }
  return std::make_unique<WordsReader>(options.String("path"), std::move(layouts), options.String("runtimeStatus"));
}

std::unique_ptr<Reader> MakePmCounters(const Arguments& options) {
  return std::make_unique<PmCountersReader>(options.String("directory"), options.Strings("names"),
                                            options.Int64("staleNs"));
}

std::unique_ptr<Reader> MakeHsmp(const Arguments& options) {
  return std::make_unique<HsmpReader>(HsmpPortOf(options.String("device")));
}

// One line per reader. Options are documented in src/native/addon.ts.
constexpr struct {
  const char* type;
  Factory make;
} kReaders[] = {
    {"cgroup", MakeCgroup},
    {"files", MakeFiles},
    {"texts", MakeTexts},
    {"words", MakeWords},
    {"pm-counters", MakePmCounters},
    {"hsmp", MakeHsmp},
    {"ipmi", MakeIpmi},
    {"ipmi-scan", MakeIpmiScan},
    {"nvml", MakeNvml},
    {"nvml-use", MakeNvmlUse},
    {"msr", MakeMsr},
    {"perf", MakePerf},
};

}  // namespace

std::unique_ptr<Reader> MakeReader(const std::string& type, const Arguments& options) {
  for (const auto& [name, make] : kReaders) {
    if (type == name) return make(options);
  }
  return nullptr;
}

}  // namespace wattledger
