{
  "targets": [
    {
      "target_name": "wattledger",
      "sources": [
        "native/addon.cc",
        "native/binding/arguments.cc",
        "native/binding/ipmi_options.cc",
        "native/binding/nvml_options.cc",
        "native/binding/poller_object.cc",
        "native/binding/rapl_options.cc",
        "native/binding/readers.cc",
        "native/binding/sd_notify.cc",
        "native/core/clock.cc",
        "native/core/parse.cc",
        "native/core/poller.cc",
        "native/core/result.cc",
        "native/core/stop_signal.cc",
        "native/core/sweep_ring.cc",
        "native/files/files_reader.cc",
        "native/files/texts_reader.cc",
        "native/ipmi/allow_list.cc",
        "native/ipmi/device_transport.cc",
        "native/ipmi/failure.cc",
        "native/ipmi/ipmi_reader.cc",
        "native/ipmi/record_reader.cc",
        "native/ipmi/repository.cc",
        "native/ipmi/responses.cc",
        "native/ipmi/scan_reader.cc",
        "native/ipmi/session.cc",
        "native/ipmi/source.cc",
        "native/ipmi/vendor_energy.cc",
        "native/ipmi/vm_codec.cc",
        "native/ipmi/vm_transport.cc",
        "native/ipmi/wait.cc",
        "native/nvml/field_value.cc",
        "native/nvml/nvml_code.cc",
        "native/nvml/nvml_library.cc",
        "native/nvml/nvml_probe.cc",
        "native/nvml/nvml_reader.cc",
        "native/nvml/nvml_session.cc",
        "native/nvml/nvml_source.cc",
        "native/rapl/group_read.cc",
        "native/rapl/msr_reader.cc",
        "native/rapl/perf_group.cc",
        "native/rapl/perf_reader.cc",
        "native/systemd/notify.cc"
      ],
      "include_dirs": ["native", "<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": [
        "NAPI_VERSION=9",
        "NODE_ADDON_API_DISABLE_DEPRECATED",
        "NAPI_CPP_EXCEPTIONS",
        "NODE_ADDON_API_CPP_EXCEPTIONS_ALL",
        # A worker that is terminated inside a call can be thrown nothing; without this the process aborts.
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"
      ],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": ["-std=c++20", "-fexceptions", "-Wall", "-Wextra", "-Wno-unused-parameter", "-O2", "-fvisibility=hidden"],
      "ldflags": ["-Wl,-z,nodelete", "-Wl,-z,now"],
      "libraries": ["-ldl"]
    }
  ]
}
