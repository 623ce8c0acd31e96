// A run as TensorBoard reads it: a file of TFRecords, each an Event message of Protocol Buffers with one scalar or
// more.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "kilm/report/history.h"

namespace kilm::report {

uint32_t crc32c(std::string_view bytes);  // Castagnoli's polynomial, as in iSCSI

// Writes u64 length, masked CRC32C of these 8 bytes, payload, masked CRC32C of the payload; all little endian.
std::string tf_record(std::string_view payload);

// Returns the bytes of an events file: train/loss, train/lr, ... and eval/SPLIT/title_em, ... Values that are not
// finite are left out. The log has no clock: the last step ends at `end`, seconds since 1970, and the others before it
// by what the steps took.
std::string tensorboard_events(const History& history, double end);

}  // namespace kilm::report
