// Small Office documents for bench-render, and LibreOffice started anew for each as their peer.
#pragma once

#include "bench/render_peers.hh"

#include <string>
#include <vector>

namespace sekisho::bench {

struct OfficeSample {
  const char
      *ending; // docx: a letter of one page; xlsx: 40 rows; pptx: five slides
  std::string octets;
};
std::vector<OfficeSample> office_samples();

/// Its profile is kept from run to run, which is faster than a new one each time.
extern const Peer cold_office;

} // namespace sekisho::bench
