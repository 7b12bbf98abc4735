// The hold: originals of mails of which something was taken, or which nobody may have yet.  Kept until a
// person releases or deletes them.  Bodies in segments (as in the spool, but never used again), what people
// ask for in SQLite; the segments are the truth and the index is made good from them.
//
// Not thread-safe; one thread owns it.  Blocks on the disk.
#pragma once

#include "base/reason.hh"
#include "gateway/spool/disk.hh"
#include "gateway/spool/envelope.hh"
#include "gateway/spool/segment.hh"

#include <memory>

struct sqlite3;

namespace sekisho::spool {

struct Held {
  Envelope envelope;
  std::string subject; // as the sanitizer read it, UTF-8
  Reason reason = Reason::none;
  bool delivered = false; // a harmless form went on
  UnixSeconds time = 0;   // of holding
  std::uint64_t size = 0; // octets of the original
};

struct HoldSettings {
  std::uint64_t segment_size = 64u << 20;
  std::uint64_t most_octets = 16ull << 30; // together; above, nothing more is taken
};

class Hold {
public:
  /// `index_path`: the SQLite file, made anew from the segments where it lags behind them.
  static Result<Hold> open(Disk &disk, const std::string &index_path, HoldSettings settings);
  Hold(Hold &&) = default;

  /// Collected for the next commit().  A receipt that is there already is not taken twice.
  void put(Held held, std::shared_ptr<const Buffer> original);
  /// One write and one flush, then the index.  spool_full: no room, nothing of this commit was taken;
  /// spool_failed: as in Spool, for good.
  Reason commit();

  std::uint64_t count() const { return count_; }
  /// Newest first.
  Result<std::vector<Held>> list(std::size_t limit) const;
  Result<Held> find(const std::string &receipt) const;
  Result<Buffer> read(const std::string &receipt);

private:
  using Database = std::unique_ptr<sqlite3, int (*)(sqlite3 *)>;
  struct Place {
    std::uint64_t segment = 0; // sequence of its use
    std::uint64_t offset = 0;  // of the record
    std::uint64_t length = 0;  // of its payload
  };
  struct Pending {
    Held held;
    Buffer head;
    std::shared_ptr<const Buffer> original;
  };

  Hold(Disk &disk, HoldSettings settings, Database index)
      : disk_(&disk), settings_(settings), index_(std::move(index)) {}
  static Result<Hold> try_open(Disk &disk, const std::string &index_path, HoldSettings settings);
  Result<void> prepare();
  Result<void> catch_up();
  Result<void, DiskError> write_all(std::vector<Place> &places);
  Result<void, DiskError> begin_segment(std::uint64_t needed);
  Result<void> index_all();
  Result<void> index_one(const Held &held, const Place &place);
  Result<void> run(const char *sql) const;
  bool has(const std::string &receipt) const;

  Disk *disk_;
  HoldSettings settings_;
  Database index_;
  std::vector<Pending> pending_;
  std::vector<std::pair<Held, Place>> unindexed_; // on disk; in the index with the next commit that it takes
  struct Segment {
    Disk::Handle file = -1;
    Use use;
    std::uint64_t end = 0, size = 0;
  };
  void take_back(const Segment &before, std::uint64_t octets);

  Segment active_; // the one written to
  std::uint64_t first_sequence_ = 1; // that this process may use
  std::uint64_t next_sequence_ = 1, octets_ = 0, count_ = 0;
  bool failed_ = false;
};

} // namespace sekisho::spool
