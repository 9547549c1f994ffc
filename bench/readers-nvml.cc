// What one pass of the NVML reader costs beside a bare loop over the same function of the same library, in
// the same run. Argument: the library. Prints lines of "NAME READER_NS BARE_NS".
#include <dlfcn.h>

#include <algorithm>
#include <cstdio>
#include <functional>

#include "core/clock.h"
#include "nvml/nvml_reader.h"

namespace wattledger {
namespace {

constexpr int kRounds = 201;
constexpr int kPassesPerRound = 50;

double MeanNs(const std::function<void()>& pass) {
  const int64_t start = MonotonicNs();
  for (int i = 0; i < kPassesPerRound; ++i) pass();
  return static_cast<double>(MonotonicNs() - start) / kPassesPerRound;
}

double Median(std::vector<double>& values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

// The library as a C program would use it, without checks.
class Bare {
 public:
  explicit Bare(const char* path) : library_(dlopen(path, RTLD_NOW | RTLD_LOCAL)) {
    Find<int()>("nvmlInit_v2")();
    unsigned count = 0;
    Find<int(unsigned*)>("nvmlDeviceGetCount_v2")(&count);
    devices_.resize(count);
    for (unsigned i = 0; i < count; ++i) {
      Find<int(unsigned, NvmlDevice*)>("nvmlDeviceGetHandleByIndex_v2")(i, &devices_[i]);
    }
  }

  template <typename Signature>
  Signature* Find(const char* name) const {
    return reinterpret_cast<Signature*>(dlsym(library_, name));
  }
  const std::vector<NvmlDevice>& devices() const { return devices_; }

 private:
  void* library_;
  std::vector<NvmlDevice> devices_;
};

// Rounds of both take turns, so that a busy machine slows both.
void Compare(const char* name, const NvmlOptions& options, size_t width, const std::function<void()>& bare) {
  NvmlReader reader(options);
  StopSignal stop;
  if (!reader.Open(stop).ok()) return;
  std::vector<Reading> readings(width);
  std::vector<double> reader_ns, bare_ns;
  for (int round = 0; round < kRounds; ++round) {
    reader_ns.push_back(MeanNs([&] { reader.Read(readings, stop); }));
    bare_ns.push_back(MeanNs(bare));
  }
  for (const auto& reading : readings) {
    if (reading.code != Code::kOk) return;
  }
  std::printf("%s %.0f %.0f\n", name, Median(reader_ns), Median(bare_ns));
}

void CompareAll(const char* library) {
  const Bare bare(library);
  const size_t width = bare.devices().size();
  const auto energy = bare.Find<int(NvmlDevice, unsigned long long*)>("nvmlDeviceGetTotalEnergyConsumption");
  Compare("energy", {library, {NvmlSource::kEnergy}}, width, [&] {
    unsigned long long energy_mj = 0;
    for (NvmlDevice device : bare.devices()) energy(device, &energy_mj);
  });
  const auto fields = bare.Find<int(NvmlDevice, int, NvmlFieldValue*)>("nvmlDeviceGetFieldValues");
  NvmlFieldValue field{};
  field.field_id = kNvmlFieldPowerInstant;
  Compare("instant", {library, {NvmlSource::kInstant}}, width, [&] {
    for (NvmlDevice device : bare.devices()) fields(device, 1, &field);
  });
  NvmlOptions watched{library, {NvmlSource::kEnergy}};
  watched.witnesses = {{NvmlSource::kAverage}};
  Compare("watched", watched, 2 * width, [&] {
    unsigned long long energy_mj = 0;
    for (NvmlDevice device : bare.devices()) {
      energy(device, &energy_mj);
      fields(device, 1, &field);
    }
  });
}

}  // namespace
}  // namespace wattledger

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  wattledger::CompareAll(argv[1]);
  return 0;
}
