// What one pass of the NVML reader costs beside a bare loop over the same function of the same library, in
// the same run. Argument: the library. Prints lines of "NAME READER_NS BARE_NS".
#include <dlfcn.h>

#include "bench/readers.h"
#include "nvml/nvml_reader.h"

namespace wattledger {
namespace {

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

void CompareAll(const char* library) {
  const Bare bare(library);
  const auto energy = bare.Find<int(NvmlDevice, unsigned long long*)>("nvmlDeviceGetTotalEnergyConsumption");
  NvmlReader counted({library, {NvmlSource::kEnergy}});
  Compare("energy", counted, [&] {
    unsigned long long energy_mj = 0;
    for (NvmlDevice device : bare.devices()) energy(device, &energy_mj);
  });
  const auto fields = bare.Find<int(NvmlDevice, int, NvmlFieldValue*)>("nvmlDeviceGetFieldValues");
  NvmlFieldValue field{};
  field.field_id = kNvmlFieldPowerInstant;
  NvmlReader instant({library, {NvmlSource::kInstant}});
  Compare("instant", instant, [&] {
    for (NvmlDevice device : bare.devices()) fields(device, 1, &field);
  });
  NvmlOptions options{library, {NvmlSource::kEnergy}};
  options.witnesses = {{NvmlSource::kAverage}};
  NvmlReader watched(options);
  Compare("watched", watched, [&] {
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
