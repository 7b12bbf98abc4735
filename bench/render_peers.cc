#include "bench/render_peers.hh"

#include <cstdlib>
#include <fmt/format.h>
#include <fstream>

namespace sekisho::bench {

const std::array<Peer, 3> peers = {{
    {"", "the dangerzone approximation",
     "pdftoppm -r 150 in.pdf p && img2pdf -o out.pdf p*.ppm"},
    {"-pdftoppm", "pdftoppm -jpeg, img2pdf",
     "pdftoppm -r 150 -jpeg -jpegopt quality=85 in.pdf p && img2pdf -o out.pdf p*.jpg"},
    {"-ghostscript", "gs pdfimage24, JPEG",
     "gs -q -dSAFER -dNOPAUSE -dBATCH -dTextAlphaBits=4 -dGraphicsAlphaBits=4 -sDEVICE=pdfimage24 "
     "-sCompression=JPEG -dJPEGQ=85 -r150 -sOutputFile=out.pdf in.pdf"},
}};

PeerFolder::PeerFolder(const std::string &document, const std::string &document_name) {
  const std::filesystem::path memory = "/dev/shm";
  std::string name = ((std::filesystem::is_directory(memory) ? memory : "/tmp") / "bench-render.XXXXXX").string();
  if (!::mkdtemp(name.data())) std::abort();
  path_ = name;
  std::ofstream(path_ / document_name, std::ios::binary) << document;
}

PeerFolder::~PeerFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

bool PeerFolder::run(const Peer &peer) const {
  const std::string command = fmt::format("cd '{}' && rm -f out.pdf p*.ppm p*.jpg && ({}) >said 2>&1",
                                          path_.string(), peer.command);
  return std::system(command.c_str()) == 0 && output_size() > 0;
}

std::size_t PeerFolder::output_size() const {
  std::error_code missing;
  const auto size = std::filesystem::file_size(path_ / "out.pdf", missing);
  return missing ? 0 : size;
}

} // namespace sekisho::bench
