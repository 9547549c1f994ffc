#pragma once

#include <memory>
#include <string>

#include "core/stop_signal.h"
#include "core/unique_fd.h"
#include "hsmp/hsmp_message.h"

namespace wattledger {

// Takes a message to the processor's firmware and brings its answer back.
class HsmpPort {
 public:
  virtual ~HsmpPort() = default;
  // 0, or the errno of the first failure. Opens what is not open.
  virtual int Ask(HsmpMessage& message, const StopSignal& stop) = 0;
  virtual void Close() noexcept = 0;
};

// The device of amd_hsmp, which answers questions to whoever may read it. `ioctl` is ioctl(2), or what stands for it.
class HsmpDevice : public HsmpPort {
 public:
  using Ioctl = int (*)(int fd, unsigned long command, void* argument);

  explicit HsmpDevice(std::string path, Ioctl ioctl = nullptr);
  int Ask(HsmpMessage& message, const StopSignal&) override;
  void Close() noexcept override { fd_.Reset(); }

 private:
  const std::string path_;
  const Ioctl ioctl_;
  UniqueFd fd_;
};

// A UNIX socket whose other side passes messages on, for a container that sees no device: HsmpMessage there, and back a
// 32-bit errno and the HsmpMessage.
class HsmpSocket : public HsmpPort {
 public:
  explicit HsmpSocket(std::string path) : path_(std::move(path)) {}
  int Ask(HsmpMessage& message, const StopSignal& stop) override;
  void Close() noexcept override { fd_.Reset(); }

 private:
  int Connect();
  int Exchange(HsmpMessage& message, const StopSignal& stop);

  const std::string path_;
  UniqueFd fd_;
};

// Of "unix:PATH" a socket, else a device.
std::unique_ptr<HsmpPort> HsmpPortOf(const std::string& name);

}  // namespace wattledger
