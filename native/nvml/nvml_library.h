#pragma once

#include <memory>
#include <string>

#include "core/result.h"
#include "nvml/nvml_types.h"

namespace wattledger {

// A loaded shared object; unloaded by the destructor.
class SharedObject {
 public:
  explicit SharedObject(void* handle) : handle_(handle) {}
  ~SharedObject();
  SharedObject(const SharedObject&) = delete;
  SharedObject& operator=(const SharedObject&) = delete;

  // Null when there is no such symbol.
  void* Find(const char* symbol) const;

 private:
  void* const handle_;
};

// One function of the library. A driver that does not have it answers as the library itself would.
template <typename... Arguments>
class NvmlFunction {
 public:
  NvmlFunction(const SharedObject& object, const char* name)
      : function_(reinterpret_cast<int (*)(Arguments...)>(object.Find(name))) {}

  int operator()(Arguments... arguments) const {
    return function_ != nullptr ? function_(arguments...) : kNvmlFunctionNotFound;
  }

 private:
  int (*const function_)(Arguments...);
};

// libnvidia-ml, loaded at run time. The suffixes of the names matter: another version has another structure.
struct NvmlLibrary : private SharedObject {
  using SharedObject::SharedObject;
  // `path` is what dlopen(3) takes: a soname or a path. kAbsent with detail LIBRARY_NOT_FOUND when it cannot
  // be loaded.
  static Result<std::unique_ptr<NvmlLibrary>> Load(const std::string& path);

  const NvmlFunction<> init{*this, "nvmlInit_v2"};
  const NvmlFunction<> shutdown{*this, "nvmlShutdown"};
  const NvmlFunction<char*, unsigned> driver_version{*this, "nvmlSystemGetDriverVersion"};
  const NvmlFunction<unsigned*> device_count{*this, "nvmlDeviceGetCount_v2"};
  const NvmlFunction<unsigned, NvmlDevice*> device_by_index{*this, "nvmlDeviceGetHandleByIndex_v2"};
  const NvmlFunction<NvmlDevice, char*, unsigned> uuid{*this, "nvmlDeviceGetUUID"};
  const NvmlFunction<NvmlDevice, char*, unsigned> name{*this, "nvmlDeviceGetName"};
  const NvmlFunction<NvmlDevice, char*, unsigned> serial{*this, "nvmlDeviceGetSerial"};
  const NvmlFunction<NvmlDevice, NvmlPciInfo*> pci_info{*this, "nvmlDeviceGetPciInfo_v3"};
  const NvmlFunction<NvmlDevice, unsigned*> architecture{*this, "nvmlDeviceGetArchitecture"};
  const NvmlFunction<NvmlDevice, NvmlC2cModeInfo*> c2c_mode{*this, "nvmlDeviceGetC2cModeInfoV"};
  const NvmlFunction<NvmlDevice, unsigned*, unsigned*> mig_mode{*this, "nvmlDeviceGetMigMode"};
  const NvmlFunction<NvmlDevice, unsigned*> power_limit_mw{*this, "nvmlDeviceGetEnforcedPowerLimit"};
  const NvmlFunction<NvmlDevice, unsigned*, unsigned*> power_limits_mw{
      *this, "nvmlDeviceGetPowerManagementLimitConstraints"};
  const NvmlFunction<NvmlDevice, unsigned long long*> energy_mj{*this, "nvmlDeviceGetTotalEnergyConsumption"};
  const NvmlFunction<NvmlDevice, unsigned*> power_mw{*this, "nvmlDeviceGetPowerUsage"};
  const NvmlFunction<NvmlDevice, NvmlUtilization*> utilization{*this, "nvmlDeviceGetUtilizationRates"};
  const NvmlFunction<NvmlDevice, int, NvmlFieldValue*> field_values{*this, "nvmlDeviceGetFieldValues"};

  // Who uses a GPU. The process list has room for the number that it is given, and gives how many there are.
  using ProcessList = NvmlFunction<NvmlDevice, unsigned*, void*>;
  // Drivers 535.43 to 535.86 wrote eight bytes more for each process in the lists of suffix _v3. Those before and after
  // them are told apart by what they lack.
  const bool lists_wide_processes = Find("nvmlDeviceGetConfComputeMemSizeInfo") != nullptr &&
                                    Find("nvmlDeviceGetRunningProcessDetailList") == nullptr;
  const ProcessList compute_processes_v3{*this, "nvmlDeviceGetComputeRunningProcesses_v3"};
  const ProcessList compute_processes_v2{*this, "nvmlDeviceGetComputeRunningProcesses_v2"};
  const ProcessList graphics_processes_v3{*this, "nvmlDeviceGetGraphicsRunningProcesses_v3"};
  const ProcessList graphics_processes_v2{*this, "nvmlDeviceGetGraphicsRunningProcesses_v2"};
  const ProcessList mps_processes_v3{*this, "nvmlDeviceGetMPSComputeRunningProcesses_v3"};
  const ProcessList mps_processes_v2{*this, "nvmlDeviceGetMPSComputeRunningProcesses_v2"};
  const NvmlFunction<NvmlDevice, NvmlUtilizationSample*, unsigned*, unsigned long long> process_utilization{
      *this, "nvmlDeviceGetProcessUtilization"};
  const NvmlFunction<NvmlDevice, NvmlUtilizationInfos*> process_utilization_infos{
      *this, "nvmlDeviceGetProcessesUtilizationInfo"};
  const NvmlFunction<NvmlDevice, unsigned*> minor_number{*this, "nvmlDeviceGetMinorNumber"};
  const NvmlFunction<NvmlDevice, unsigned*> mig_count{*this, "nvmlDeviceGetMaxMigDeviceCount"};
  const NvmlFunction<NvmlDevice, unsigned, NvmlDevice*> mig_by_index{*this, "nvmlDeviceGetMigDeviceHandleByIndex"};
  const NvmlFunction<NvmlDevice, unsigned*> gpu_instance{*this, "nvmlDeviceGetGpuInstanceId"};
  const NvmlFunction<NvmlDevice, unsigned*> compute_instance{*this, "nvmlDeviceGetComputeInstanceId"};
  const NvmlFunction<NvmlDevice, NvmlDeviceAttributes*> attributes{*this, "nvmlDeviceGetAttributes_v2"};
  const NvmlFunction<NvmlDevice, unsigned, NvmlInstanceProfile*> instance_profile{
      *this, "nvmlDeviceGetGpuInstanceProfileInfo"};
};

}  // namespace wattledger
