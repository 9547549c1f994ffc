// The folder as one translation unit: what its files include takes the compiler longer than what they say.
#include "binding/arguments.cc"
#include "binding/cgroup_frames.cc"
#include "binding/ipmi_options.cc"
#include "binding/nvml_options.cc"
#include "binding/poller_object.cc"
#include "binding/rapl_options.cc"
#include "binding/readers.cc"
#include "binding/sd_notify.cc"
