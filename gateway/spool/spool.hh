// Mail at rest: every accepted mail, as it came, until it is done.  A log in preallocated segments that are
// used again and again; all that a turn of the loop collected is one write and one flush.  Everything in it is
// sealed (cipher.hh).
//
// What is kept is only ever the original: what may be delivered is made from it by the sanitizer, which
// gives the same again after a crash.
//
// Not thread-safe; one thread owns it.  Blocks on the disk in commit(), read() and open().
#pragma once

#include "base/reason.hh"
#include "gateway/spool/disk.hh"
#include "gateway/spool/envelope.hh"
#include "gateway/spool/segment.hh"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sekisho::spool {

using MailId = std::uint64_t;

struct SpoolSettings {
  std::uint64_t segment_size = 64u << 20;
  std::size_t max_segments = 64; // together: how much mail can wait
};

class Spool {
public:
  /// Recovers what an earlier process left: every mail that was acknowledged and is not done.
  /// Errors: the disk, a segment that is larger than any we write, or whose key is not among `keys`; nothing was changed
  /// then.
  static Result<Spool> open(Disk &disk, Keys keys, SpoolSettings settings);

  // -- collected for the next commit() ------------------------------------------------------------------
  /// `mail` is shared, not copied: the caller goes on reading it.  `order` is kept with it (relay/release.hh).
  MailId put(Envelope envelope, std::shared_ptr<const Buffer> mail, std::string order = {});
  /// Delivered, or kept in the hold: forget it.
  void done(MailId id);
  /// Only these recipients are left to serve; all those have it that `reached` names.
  void left(MailId id, std::vector<std::string> recipients, std::vector<std::string> reached = {});

  struct Committed {
    Reason failed = Reason::none;  // spool_failed: nothing of this commit counts, and nothing ever will
    std::vector<MailId> no_room;   // mails that found the spool full
  };
  /// One write and one flush a segment touched (nearly always one).  After spool_failed the spool stays shut:
  /// the state of the disk is not known any more.
  Committed commit();

  // -- asking ------------------------------------------------------------------------------------------------
  const std::map<MailId, Envelope> &waiting() const { return waiting_; }
  /// Of those waiting mails that have one.
  const std::map<MailId, std::string> &orders() const { return orders_; }
  /// Who has them already, of those waiting mails that somebody has.
  const std::map<MailId, std::vector<std::string>> &reached() const { return reached_; }
  /// The original of a waiting mail.  Errors: harmed: nobody can read it any more.
  Result<Buffer, DiskError> read(MailId id);
  bool failed() const { return failed_; }
  /// Octets of acknowledged records that open() found harmed.
  std::uint64_t recovered_damage() const { return damage_; }

private:
  struct Segment {
    std::string name;
    Disk::Handle file = -1;
    std::uint64_t size = 0;
    Use use;
    std::unique_ptr<Cipher> cipher; // null: never used
    std::uint64_t end = 0; // where the next record goes
    std::uint64_t next_number = 1; // of seals; never goes back
    std::uint64_t live = 0, live_octets = 0;
  };
  struct Place {
    Segment *segment = nullptr;
    std::uint64_t offset = 0, size = 0; // of the record
  };
  struct Pending {
    RecordKind kind;
    MailId id;
    Buffer head; // envelope and order, or list of recipients
    std::shared_ptr<const Buffer> mail; // null: none
    Envelope envelope;
    std::string order;
    std::vector<std::string> reached;
    Bytes octets() const { return mail ? Bytes(*mail) : Bytes(); }
    std::uint64_t size() const { return record_size(head.size(), octets().size()); }
  };
  /// Records for one segment, sealed and laid out, for one write.
  struct Run {
    std::uint64_t start = 0, batch = 0; // offset and number of the first
    bool is_empty = true;
  };

  Spool(Disk &disk, Keys keys, SpoolSettings settings)
      : disk_(&disk), keys_(std::move(keys)), settings_(settings) {}
  Result<std::unique_ptr<Segment>> look_at(const std::string &name);
  Result<void> recover();
  Result<void> recover_segment(Segment &segment, bool closed);
  void recover_record(Segment &segment, const Record &record);
  Result<std::unique_ptr<Segment>, DiskError> make_segment(std::uint64_t size);
  Result<void, DiskError> begin_segment(std::uint64_t needed, bool may_use_spare);
  Result<void, DiskError> make_room(Run &run, std::uint64_t needed, bool may_use_spare);
  Place append(Run &run, const Pending &pending);
  Result<void, DiskError> write_out(Run &run);
  Result<void, DiskError> commit_all(Committed &committed);
  bool is_worth_moving(const Segment &oldest) const;
  Result<void, DiskError> move_oldest();
  void take_in(const Pending &pending, const Place &place);
  void set_reached(MailId id, std::vector<std::string> reached);
  void set_place(MailId id, const Place &place);
  void forget(MailId id);
  Result<void, DiskError> free_oldest();

  Disk *disk_;
  Keys keys_;
  SpoolSettings settings_;
  std::deque<std::unique_ptr<Segment>> in_use_; // oldest first
  Segment *active_ = nullptr;                   // the last of them, once this process wrote
  std::deque<std::unique_ptr<Segment>> free_;   // longest free first
  std::map<MailId, Envelope> waiting_;
  std::map<MailId, std::string> orders_;
  std::map<MailId, std::vector<std::string>> reached_;
  std::map<MailId, Place> places_;
  std::vector<Pending> pending_;
  RecordRoom room_; // of what is collected for one write
  MailId next_id_ = 1;
  std::uint64_t next_sequence_ = 1;
  std::size_t next_name_ = 1;
  std::uint64_t waiting_octets_ = 0, damage_ = 0;
  bool failed_ = false;
};

} // namespace sekisho::spool
