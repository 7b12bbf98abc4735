// Other ways from a PDF to a new PDF of pixels, as commands.  All at 150 dpi, files in memory.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>

namespace sekisho::bench {

constexpr unsigned peer_dpi = 150;

struct Peer {
  const char *suffix;  // of the figure's name
  const char *what;    // in the table
  const char *command; // in a folder with in.pdf; makes out.pdf
};

/// The first one is Dangerzone's way of working, without its container: one program turns the pages
/// into raw RGB pixels, another makes a new PDF of those, lossless.
extern const std::array<Peer, 3> peers;

/// A folder of its own with the document in it.
class PeerFolder {
public:
  explicit PeerFolder(const std::string &document, const std::string &name = "in.pdf");
  PeerFolder(const PeerFolder &) = delete;
  ~PeerFolder();
  /// False when the command is not there or failed.
  bool run(const Peer &peer) const;
  std::size_t output_size() const;

private:
  std::filesystem::path path_;
};

} // namespace sekisho::bench
