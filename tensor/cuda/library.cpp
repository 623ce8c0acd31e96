#include "tensor/cuda/library.h"

#include <dlfcn.h>
#include <link.h>

#include <cstdlib>
#include <string_view>

#include "tensor/format.h"

namespace tensor::cuda {

namespace {

std::string cuda_folder() {
  const char* home = std::getenv("CUDA_HOME");
  return std::string(home && *home ? home : "/usr/local/cuda") + "/lib64/";
}

}  // namespace

Library::Library(const char* what, std::initializer_list<const char*> files) {
  std::string tried;
  for (const std::string& folder : {std::string(), cuda_folder()})
    for (const char* file : files) {
      file_ = folder + file;
      handle_ = dlopen(file_.c_str(), RTLD_NOW | RTLD_LOCAL);
      if (handle_) return;
      tried += std::string("\n  ") + dlerror();
    }
  throw base::UsageError(base::format(
      "cuda: {} was not found; install it, or name its folder in LD_LIBRARY_PATH, or the toolkit's in CUDA_HOME. The "
      "loader was asked for it, and for files in {}:{}",
      what, cuda_folder(), tried));
}

std::string Library::path() const {
  const link_map* map = nullptr;
  return dlinfo(handle_, RTLD_DI_LINKMAP, &map) == 0 ? map->l_name : file_;
}

void* Library::address(const char* name) const {
  void* const address = dlsym(handle_, name);
  base::check<base::UsageError>(address != nullptr, "cuda: {} has no function {}; a newer one is needed", file_, name);
  return address;
}

}  // namespace tensor::cuda
