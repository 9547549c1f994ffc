#pragma once

#include <cstddef>
#include <cstdint>

// The few types and numbers of NVIDIA's management library that are used, written down from nvml.h (driver
// R550) so that no NVIDIA header is needed to build. The ABI is that of C on LP64; the layouts are asserted.
namespace wattledger {

using NvmlDevice = struct nvmlDevice_st*;

// nvmlReturn_t. Functions give it as an int: drivers add numbers.
enum NvmlReturn : int {
  kNvmlLeftAlone = -1,  // ours: it was not asked, see NvmlRest
  kNvmlSuccess = 0,
  kNvmlUninitialized = 1,
  kNvmlInvalidArgument = 2,
  kNvmlNotSupported = 3,
  kNvmlNoPermission = 4,
  kNvmlNotFound = 6,
  kNvmlInsufficientSize = 7,
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

// nvmlProcessInfo_t of the functions with suffix _v2 and _v3; see also NvmlLibrary::lists_wide_processes.
struct NvmlProcessInfo {
  unsigned pid;
  unsigned long long used_memory;
  unsigned gpu_instance;
  unsigned compute_instance;
};
static_assert(sizeof(NvmlProcessInfo) == 24);
static_assert(offsetof(NvmlProcessInfo, used_memory) == 8);
static_assert(offsetof(NvmlProcessInfo, gpu_instance) == 16);

// nvmlProcessUtilizationSample_t
struct NvmlUtilizationSample {
  unsigned pid;
  unsigned long long at_us;
  unsigned sm, memory, encoder, decoder;
};
static_assert(sizeof(NvmlUtilizationSample) == 32);
static_assert(offsetof(NvmlUtilizationSample, at_us) == 8);
static_assert(offsetof(NvmlUtilizationSample, sm) == 16);

// nvmlProcessUtilizationInfo_v1_t
struct NvmlUtilizationInfo {
  unsigned long long at_us;
  unsigned pid;
  unsigned sm, memory, encoder, decoder, jpeg, optical_flow;
};
static_assert(sizeof(NvmlUtilizationInfo) == 40);
static_assert(offsetof(NvmlUtilizationInfo, pid) == 8);

// nvmlProcessesUtilizationInfo_v1_t
struct NvmlUtilizationInfos {
  unsigned version;
  unsigned count;
  unsigned long long since_us;
  NvmlUtilizationInfo* infos;
};
static_assert(sizeof(NvmlUtilizationInfos) == 24);
constexpr unsigned kNvmlUtilizationInfosVersion = sizeof(NvmlUtilizationInfos) | 1u << 24;

// nvmlDeviceAttributes_t, of an instance of MIG
struct NvmlDeviceAttributes {
  unsigned multiprocessors, copy_engines, decoders, encoders, jpegs, optical_flows;
  unsigned gpu_instance_slices;
  unsigned compute_instance_slices;
  unsigned long long memory_mb;
};
static_assert(sizeof(NvmlDeviceAttributes) == 40);
static_assert(offsetof(NvmlDeviceAttributes, gpu_instance_slices) == 24);

// nvmlGpuInstanceProfileInfo_t
struct NvmlInstanceProfile {
  unsigned id, is_p2p_supported;
  unsigned slices;     // of one instance
  unsigned instances;  // that fit on the GPU
  unsigned multiprocessors, copy_engines, decoders, encoders, jpegs, optical_flows;
  unsigned long long memory_mb;
};
static_assert(sizeof(NvmlInstanceProfile) == 48);
// NVML_GPU_INSTANCE_PROFILE_1_SLICE
constexpr unsigned kNvmlProfileOneSlice = 0;

static_assert(sizeof(long) == 8 && sizeof(long long) == 8 && sizeof(int) == 4 && sizeof(short) == 2);

}  // namespace wattledger
