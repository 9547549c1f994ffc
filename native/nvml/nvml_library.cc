#include "nvml/nvml_library.h"

#include <dlfcn.h>

namespace wattledger {

SharedObject::~SharedObject() { dlclose(handle_); }

void* SharedObject::Find(const char* symbol) const { return dlsym(handle_, symbol); }

Result<std::unique_ptr<NvmlLibrary>> NvmlLibrary::Load(const std::string& path) {
  void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle != nullptr) return std::make_unique<NvmlLibrary>(handle);
  const char* const reason = dlerror();
  return Error{Code::kAbsent, kNvmlLibraryNotFound, reason != nullptr ? reason : path + ": cannot be loaded"};
}

}  // namespace wattledger
