#pragma once

#include <cstddef>
#include <cstdint>

// The few types and numbers of NVIDIA's management library that are used, written down from nvml.h (driver
// R550) so that no NVIDIA header is needed to build. The ABI is that of C on LP64; the layouts are asserted.
namespace wattledger {

using NvmlDevice = struct nvmlDevice_st*;

// nvmlReturn_t. Functions give it as an int: drivers add numbers.
enum NvmlReturn : int {
  kNvmlSuccess = 0,
  kNvmlUninitialized = 1,
  kNvmlInvalidArgument = 2,
  kNvmlNotSupported = 3,
  kNvmlNoPermission = 4,
  kNvmlNotFound = 6,
  kNvmlDriverNotLoaded = 9,
  kNvmlTimeout = 10,
  kNvmlLibraryNotFound = 12,
  kNvmlFunctionNotFound = 13,
  kNvmlGpuIsLost = 15,
  kNvmlResetRequired = 16,
  kNvmlOperatingSystem = 17,
  kNvmlLibRmVersionMismatch = 18,
  kNvmlNoData = 21,
  kNvmlArgumentVersionMismatch = 25,
  kNvmlGpuNotFound = 28,
  kNvmlUnknown = 999,
};

// nvmlValueType_t
enum NvmlValueType : int {
  kNvmlDouble = 0,
  kNvmlUnsignedInt = 1,
  kNvmlUnsignedLong = 2,
  kNvmlUnsignedLongLong = 3,
  kNvmlSignedLongLong = 4,
  kNvmlSignedInt = 5,
  kNvmlUnsignedShort = 6,
};

constexpr unsigned kNvmlFieldPowerAverage = 185;
constexpr unsigned kNvmlFieldPowerInstant = 186;
constexpr unsigned kNvmlScopeGpu = 0;
constexpr unsigned kNvmlScopeModule = 1;

// nvmlFieldValue_t. `value` is a union of the types of NvmlValueType.
struct NvmlFieldValue {
  unsigned field_id;
  unsigned scope_id;
  int64_t timestamp_us;
  int64_t latency_us;
  int value_type;
  int nvml_return;
  alignas(8) std::byte value[8];
};
static_assert(sizeof(NvmlFieldValue) == 40);
static_assert(offsetof(NvmlFieldValue, scope_id) == 4);
static_assert(offsetof(NvmlFieldValue, timestamp_us) == 8);
static_assert(offsetof(NvmlFieldValue, value_type) == 24);
static_assert(offsetof(NvmlFieldValue, nvml_return) == 28);
static_assert(offsetof(NvmlFieldValue, value) == 32);

// nvmlPciInfo_t
struct NvmlPciInfo {
  char bus_id_legacy[16];
  unsigned domain;
  unsigned bus;
  unsigned device;
  unsigned pci_device_id;
  unsigned pci_subsystem_id;
  char bus_id[32];
};
static_assert(sizeof(NvmlPciInfo) == 68);
static_assert(offsetof(NvmlPciInfo, domain) == 16);
static_assert(offsetof(NvmlPciInfo, bus_id) == 36);

// nvmlC2cModeInfo_v1_t
struct NvmlC2cModeInfo {
  unsigned is_enabled;
};
static_assert(sizeof(NvmlC2cModeInfo) == 4);

// nvmlUtilization_t: percent of the time
struct NvmlUtilization {
  unsigned gpu;
  unsigned memory;
};
static_assert(sizeof(NvmlUtilization) == 8);

static_assert(sizeof(long) == 8 && sizeof(long long) == 8 && sizeof(int) == 4 && sizeof(short) == 2);

}  // namespace wattledger
