#include "binding/memory.h"

#include <dlfcn.h>
#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

namespace wattledger {
namespace {

// What cannot be written of the first program that it is called for, which is Node itself.
int ForgetPages(dl_phdr_info* program, size_t, void*) {
  const uintptr_t page_mask = ~(static_cast<uintptr_t>(getpagesize()) - 1);
  for (size_t i = 0; i < program->dlpi_phnum; ++i) {
    const auto& segment = program->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const uintptr_t start = program->dlpi_addr + segment.p_vaddr;
    const uintptr_t from = start & page_mask;
    // Where it cannot be done, the pages stay.
    madvise(reinterpret_cast<void*>(from), ((start + segment.p_filesz) & page_mask) - from, MADV_DONTNEED);
  }
  return 1;
}

}  // namespace

void ForgetProgram(const Napi::CallbackInfo&) { dl_iterate_phdr(ForgetPages, nullptr); }

void TrimMemory(const Napi::CallbackInfo&) { malloc_trim(0); }

// v8::Isolate::GetCurrent() and MemoryPressureNotification(kCritical), by the names that Node exports to addons:
// Node-API has nothing of the kind, and what is built against v8.h does not load into a Node of another V8.
Napi::Value CollectGarbage(const Napi::CallbackInfo& info) {
  const auto current = reinterpret_cast<void* (*)()>(dlsym(RTLD_DEFAULT, "_ZN2v87Isolate10GetCurrentEv"));
  const auto notify = reinterpret_cast<void (*)(void*, int)>(
      dlsym(RTLD_DEFAULT, "_ZN2v87Isolate26MemoryPressureNotificationENS_19MemoryPressureLevelE"));
  constexpr int kCritical = 2;
  const bool is_there = current != nullptr && notify != nullptr;
  if (is_there) notify(current(), kCritical);
  return Napi::Boolean::New(info.Env(), is_there);
}

}  // namespace wattledger
