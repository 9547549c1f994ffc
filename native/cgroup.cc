// The folder as one translation unit: what its files include takes the compiler longer than what they say.
#include "cgroup/cgroup_reader.cc"
#include "cgroup/files.cc"
#include "cgroup/frame.cc"
#include "cgroup/group_tree.cc"
#include "cgroup/kept_file.cc"
#include "cgroup/pass.cc"
#include "cgroup/watches.cc"
