#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <stdexcept>
#include <string>

namespace wattledger {

// A machine with NVIDIA GPUs: the test library of test/fixtures/nvml, built once, copied for each machine
// beside a control file of its own. Its README has the grammar of that file.
class NvmlMachine {
 public:
  NvmlMachine() {
    std::string pattern = (std::filesystem::temp_directory_path() / "nvml-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    std::filesystem::copy_file(Build(), library());
  }
  ~NvmlMachine() { std::filesystem::remove_all(directory_); }
  NvmlMachine(const NvmlMachine&) = delete;
  NvmlMachine& operator=(const NvmlMachine&) = delete;

  std::string library() const { return (directory_ / "libnvidia-ml.so.1").string(); }

  // Replaces the whole control file at once.
  void Control(std::initializer_list<const char*> lines) const {
    const std::string next = library() + ".next";
    {
      std::ofstream control(next);
      for (const char* line : lines) control << line << "\n";
    }
    std::filesystem::rename(next, library() + ".control");
  }

  // The calls of nvmlInit_v2 and nvmlShutdown so far, and the hangs, one a line.
  std::string Log() const {
    std::ifstream log(library() + ".log");
    return {std::istreambuf_iterator<char>(log), std::istreambuf_iterator<char>()};
  }

 private:
  struct Built {
    std::filesystem::path directory, library;
    Built() {
      std::string pattern = (std::filesystem::temp_directory_path() / "nvml-build-XXXXXX").string();
      directory = mkdtemp(pattern.data());
      library = directory / "library.so";
      const auto here = std::filesystem::path(__FILE__).parent_path();
      const std::string command = "g++ -std=c++20 -O1 -shared -fPIC -fno-gnu-unique -o '" + library.string() +
                                  "' '" + (here / "../../test/fixtures/nvml/nvml.cc").string() + "'";
      if (std::system(command.c_str()) != 0) throw std::runtime_error(command);
    }
    ~Built() { std::filesystem::remove_all(directory); }
  };
  static std::filesystem::path Build() {
    static const Built built;
    return built.library;
  }

  std::filesystem::path directory_;
};

}  // namespace wattledger
