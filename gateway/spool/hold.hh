// The hold: originals of mails of which something was taken, or which nobody may have yet.  Kept until a
// person deletes them or their time is over.  Bodies in segments (as in the spool, sealed, but never used again), what
// people ask for in SQLite (hold_index.hh); the segments are the truth and the index is made good from them.
//
// Not thread-safe; one thread owns it.  Blocks on the disk.
#pragma once

#include "base/reason.hh"
#include "gateway/spool/disk.hh"
#include "gateway/spool/envelope.hh"
#include "gateway/spool/hold_index.hh"
#include "gateway/spool/segment.hh"

#include <memory>

namespace sekisho::spool {

constexpr std::size_t max_answers = 64 * 1024; // octets

struct Held {
  Envelope envelope;
  std::string subject; // as the sanitizer read it, UTF-8
  Reason reason = Reason::none;
  bool delivered = false;   // a harmless form went on
  std::vector<std::string> reached; // who has one; the envelope's recipients are those whom a release would serve
  UnixSeconds time = 0;     // of holding
  std::uint64_t size = 0;   // octets of the original
  std::string answers;      // what next hops said to the recipients, as the record has it in mail-held; empty: nothing
  std::string report;       // job::to_json of its treatment; empty where it was not asked for
  UnixSeconds released = 0; // the last time; 0: not, in vain, or somebody is left.  Lost with the index: the record has it
  bool only_known = false;  // put(): what is held no more stays so
};

struct HoldSettings {
  std::uint64_t segment_size = 64u << 20;
  std::uint64_t most_octets = 16ull << 30; // of relays without a limit of their own, together
};

class Hold {
public:
  /// `index_path`: the SQLite file, made anew from the segments where it lags behind them.
  /// Errors: the disk, a segment that is larger than any we write, or whose key is not among `keys`; nothing was changed
  /// then.
  static Result<Hold> open(Disk &disk, Keys keys, const std::string &index_path, HoldSettings settings);
  Hold(Hold &&) = default;

  /// Collected for the next commit().  Of a receipt that is there already, released and come back, what became of
  /// its recipients is added in the index: the original stands where it did.  Another mail's original is not taken under it.
  /// `most_octets` of this mail's relay together; 0: no limit of its own.
  void put(Held held, std::shared_ptr<const Buffer> original, std::uint64_t most_octets = 0);
  struct Committed {
    Reason failed = Reason::none;     // spool_failed: nothing of this commit was taken, and nothing ever will be
    std::vector<std::string> no_room; // receipts of mails for which there was none
    bool disk_full = false;           // for some of those: not only what the rules say is used up
    bool written = false;             // something was: it is not full
    std::vector<std::string> stale;   // of those that are there, and what became of them cannot be written now; or other mails are
  };
  /// One write and one flush, then the index.
  Committed commit();

  std::uint64_t count() const;
  std::uint64_t octets() const; // on disk
  const std::map<std::string, HoldIndex::Sum> &sums() const { return sums_; } // by relay
  bool failed() const { return failed_; }

  struct Page {
    std::vector<Held> held; // without report
    std::uint64_t next = 0; // where to go on; 0: that was all
  };
  /// Newest first, of one relay or of all.  `from`: 0, or `next` of the page before.
  Page page(const std::string &relay, std::uint64_t from, std::size_t limit);
  bool knows(const std::string &receipt) const { return index_.find(receipt).has_value(); }
  std::vector<std::string> receipts() const { return index_.receipts(); } // of all mails, also those that are being erased
  Result<Held> find(const std::string &receipt);
  Result<Buffer> read(const std::string &receipt);
  Result<void> set_released(const std::string &receipt, UnixSeconds time) { return index_.set_released(receipt, time); }
  /// Receipts of one relay, held from `first` to `last`, oldest first.
  std::vector<std::string> held_within(const std::string &relay, UnixSeconds first, UnixSeconds last, std::size_t limit);
  /// When this returns nobody can read them again, and their room is given back.  Those that are not there are
  /// passed over.
  Result<void> erase(std::span<const std::string> receipts);

private:
  struct Pending {
    Held held;
    Buffer head;
    std::shared_ptr<const Buffer> original;
    std::uint64_t most_octets = 0;
    std::uint64_t size() const { return record_size(head.size(), original->size()); }
  };
  struct Segment {
    Disk::Handle file = -1;
    Use use;
    std::unique_ptr<Cipher> cipher, index_cipher;
    std::uint64_t end = 0, size = 0; // of the one written to
    std::uint64_t next_number = 1;   // of its seals; never goes back
  };

  Hold(Disk &disk, Keys keys, HoldSettings settings, HoldIndex index)
      : disk_(&disk), keys_(std::move(keys)), settings_(settings), index_(std::move(index)) {}
  Result<void> look_at_segments();
  Result<void> look_at(const std::string &name);
  Result<void> catch_up();
  Result<void> go_on_erasing();
  void index_record(std::uint64_t sequence, const Record &record, std::vector<HoldRow> &rows);
  bool bring_up_to_date(const Held &held);
  bool is_anothers(const std::string &receipt, const Buffer &original);
  bool has_room(const Pending &pending, const std::map<std::string, HoldIndex::Sum> &sums) const;
  Result<void, DiskError> write_all(std::vector<HoldPlace> &places);
  Result<void, DiskError> flush();
  Result<void, DiskError> begin_segment(std::uint64_t needed);
  void take_back(std::uint64_t sequence, std::uint64_t end);
  void index_all();
  HoldRow row_of(const Held &held, const HoldPlace &place);
  std::optional<Held> read_row(const HoldRow &row);
  Segment *segment(std::uint64_t sequence); // null: not there
  /// Its head, and its body too where one is asked for.
  Result<Held> read_record_of(const HoldRow &row, Buffer *body);
  Result<Held> read_record_of(const std::string &receipt, Buffer *body);
  Result<void> erase(const std::vector<HoldRow> &rows);

  Disk *disk_;
  Keys keys_;
  HoldSettings settings_;
  HoldIndex index_;
  std::vector<Pending> pending_;
  RecordRoom room_;
  std::vector<HoldRow> unindexed_; // on disk; in the index with the next commit that it takes
  std::map<std::string, HoldIndex::Sum> sums_;
  std::map<std::uint64_t, Segment> segments_; // by sequence
  Segment *active_ = nullptr;                 // the one written to
  std::uint64_t first_sequence_ = 1; // that this process may use
  std::uint64_t next_sequence_ = 1;
  bool failed_ = false;
};

} // namespace sekisho::spool
