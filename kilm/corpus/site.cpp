#include "kilm/corpus/site.h"

namespace kilm {

Site site_of(const SiteInfo& info) {
  Site site;
  site.language = lower_case(info.language.substr(0, info.language.find('-')));
  for (const auto& [key, name] : info.namespaces)
    if (!name.empty()) site.namespaces.add(int(key), name);
  return site;
}

}  // namespace kilm
