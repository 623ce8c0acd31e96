// AdamW (Loshchilov & Hutter 2019) over flat parameters, with clipping by the global norm and a schedule.
#pragma once

#include <vector>

#include "optim/flat_parameters.h"
#include "optim/schedule.h"

namespace optim {

struct AdamWConfig {
  double learning_rate = 5e-5;
  double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
  double weight_decay = 0.01;  // on slices marked for decay
  double max_grad_norm = 1.0;  // 0: no clipping
  Schedule schedule;
};

class AdamW {
 public:
  // Throws UsageError for a schedule that needs a length and has none.
  AdamW(FlatParameters& parameters, AdamWConfig config);

  struct Report {
    double grad_norm = 0;  // before clipping
    double learning_rate = 0;
    bool finite = true;          // false: the gradient or a loss was not finite and nothing was changed
    std::vector<double> losses;  // as given
  };
  // Makes one update from the accumulated gradient, which is then cleared. `steps` counts it only if it changed
  // something. losses[n] f64, if defined, are what the gradient comes from. They wait on the device to be read with the
  // report. One that is not finite stops the update as the gradient would. Throws Error naming a parameter that updates
  // do not reach, as FlatParameters::verify does.
  Report update(const Tensor& losses = {});

  int64_t steps = 0;  // finished updates; part of a checkpoint, as are the flat m, v and master
  const AdamWConfig& config() const { return config_; }

 private:
  FlatParameters& parameters_;
  AdamWConfig config_;
};

}  // namespace optim
