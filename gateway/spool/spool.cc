// Segments are freed strictly in the order they were filled.  The record that a mail is done always stands in
// the same or a later segment than the mail, so a mail can never be found after its done-record was
// overwritten.  A mail that waits long would hold back all segments behind it: when half of them are in use
// it is written again at the end (move_oldest); one that is harmed on disk without its octets, which nobody can read any more.

#include "gateway/spool/spool.hh"

#include "gateway/spool/recipients.hh"

#include "base/log.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::spool {
namespace {

constexpr std::size_t max_order = 1024;
constexpr std::size_t made_ahead = 3; // segments: one kept free, one that is filled while the one before empties itself
constexpr std::uint64_t most_moved = 16u << 20; // octets of waiting mails that one commit writes again, about

/// Who has the mail stands last, where anybody has it: heads without it are of earlier versions too.
void put_reached(ByteWriter &writer, const std::vector<std::string> &reached) {
  if (!reached.empty()) put_recipients(writer, reached);
}

std::vector<std::string> take_reached(ByteReader &reader) {
  return reader.failed() || reader.at_end() ? std::vector<std::string>() : take_recipients(reader);
}

Buffer encode_left(const std::vector<std::string> &recipients, const std::vector<std::string> &reached) {
  ByteWriter writer;
  put_recipients(writer, recipients);
  put_reached(writer, reached);
  return writer.take();
}

Buffer encode_mail(const Envelope &envelope, const std::string &order, const std::vector<std::string> &reached) {
  ByteWriter writer;
  writer.put_bytes(encode(envelope));
  writer.put_counted(order);
  put_reached(writer, reached);
  return writer.take();
}

} // namespace

// -- recovery -----------------------------------------------------------------------------------------------

Result<Spool> Spool::open(Disk &disk, Keys keys, SpoolSettings settings) {
  if (keys.all.empty()) return fail("no key for the spool");
  Spool spool(disk, std::move(keys), settings);
  TRY(spool.recover());
  return spool;
}

/// Every segment is looked at before anything is written: with a wrong key nothing may change.
Result<void> Spool::recover() {
  auto names = disk_->list();
  if (!names) return fail("cannot read the spool folder");
  std::vector<std::unique_ptr<Segment>> found;
  for (const std::string &name : *names) {
    if (!name.starts_with("mail-")) continue;
    next_name_ = std::max<std::size_t>(next_name_, std::strtoull(name.c_str() + 5, nullptr, 10) + 1);
    auto segment = look_at(name);
    if (!segment) return fail(segment.error());
    if (*segment) found.push_back(std::move(*segment));
  }
  std::sort(found.begin(), found.end(),
            [](const auto &a, const auto &b) { return a->use.sequence < b->use.sequence; });
  for (auto &segment : found) {
    const bool closed = std::ranges::any_of(found, [&](const auto &other) { // those before it are empty here already
      return other && segment->use.sequence != 0 && other->use.after == segment->use.sequence;
    });
    TRY(recover_segment(*segment, closed));
    next_sequence_ = std::max(next_sequence_, segment->use.sequence + 1);
    in_use_.push_back(std::move(segment));
  }
  if (!free_oldest()) return fail("cannot free spool segments");
  while (free_.size() < std::min(made_ahead, settings_.max_segments)) {
    auto made = make_segment(settings_.segment_size);
    if (!made && made.error() == DiskError::full) break;
    if (!made) return fail("cannot make a spool segment");
    free_.push_back(std::move(*made));
  }
  return {};
}

/// Null: its header is harmed.  It stays as it is, for a person, and is not used again.
Result<std::unique_ptr<Spool::Segment>> Spool::look_at(const std::string &name) {
  auto segment = std::make_unique<Segment>();
  segment->name = name;
  auto file = disk_->open(name);
  if (!file) return fail("cannot open spool segment " + name);
  segment->file = *file;
  auto size = disk_->size(segment->file);
  auto head = disk_->read(segment->file, 0, records_start);
  if (!size || !head) return fail("cannot read spool segment " + name);
  segment->size = *size;
  if (segment->size > max_segment) return fail("spool segment " + name + " is larger than any segment we write");
  auto use = read_use(*head);
  if (!use) {
    if (is_unsealed(*head)) return fail("spool segment " + name + " " + use.error().what);
    log_error("spool segment " + name + ": " + use.error().what + "; it is left as it is");
    damage_ += segment->size;
    return std::unique_ptr<Segment>();
  }
  if (!*use) return segment;
  segment->use = **use;
  segment->cipher = cipher_of(segment->use, keys_);
  if (!segment->cipher)
    return fail(fmt::format("spool segment {} is encrypted with key {}, and the key given is {}", name,
                            to_string(segment->use.key), to_string(keys_.present().id)));
  return segment;
}

Result<void> Spool::recover_segment(Segment &segment, bool closed) {
  if (!segment.cipher) return {};
  auto octets = disk_->read(segment.file, 0, segment.size);
  if (!octets) return fail("cannot read spool segment " + segment.name);
  const Scan scanned = scan(*octets, segment.use, closed, [&](const Record &record) {
    recover_record(segment, record);
  });
  segment.end = scanned.end;
  if (scanned.torn > 0)
    log_info(fmt::format("spool: {} octets of an interrupted write in {}", scanned.torn, segment.name));
  if (scanned.damaged == 0) return {};
  damage_ += scanned.damaged;
  log_error(fmt::format("spool: {} damaged octets in {}", scanned.damaged, segment.name));
  return {};
}

/// A mail whose octets are harmed waits all the same where its envelope can be read: so it is told of by name.
void Spool::recover_record(Segment &segment, const Record &record) {
  const MailId id = record.header.id;
  next_id_ = std::max(next_id_, id + 1);
  auto head = open_head(*segment.cipher, record);
  if (!head) {
    log_error(fmt::format("spool: a record in {} cannot be read", segment.name));
    return;
  }
  switch (record.header.kind) {
  case RecordKind::lost:
  case RecordKind::mail: {
    ByteReader reader(*head);
    auto envelope = decode_envelope(reader);
    const std::string order = reader.take_string(max_order);
    std::vector<std::string> reached = take_reached(reader);
    if (!envelope || reader.failed()) {
      log_error(fmt::format("spool: a damaged envelope in {}", segment.name));
      return;
    }
    if (!record.whole) log_error("spool: mail " + envelope->receipt + " is damaged on disk");
    waiting_[id] = std::move(*envelope);
    if (!order.empty()) orders_[id] = order;
    set_reached(id, std::move(reached));
    set_place(id, {&segment, record.offset, record.size});
    return;
  }
  case RecordKind::left:
    if (auto mail = waiting_.find(id); mail != waiting_.end()) {
      ByteReader reader(*head);
      std::vector<std::string> recipients = take_recipients(reader), reached = take_reached(reader);
      if (reader.failed()) return log_error(fmt::format("spool: a damaged list of recipients in {}", segment.name));
      keep_recipients(mail->second, std::move(recipients));
      set_reached(id, std::move(reached));
    }
    return;
  case RecordKind::done: return forget(id);
  }
}

// -- collecting ---------------------------------------------------------------------------------------------

MailId Spool::put(Envelope envelope, std::shared_ptr<const Buffer> mail, std::string order) {
  const MailId id = next_id_++;
  Buffer head = encode_mail(envelope, order, {});
  pending_.push_back({RecordKind::mail, id, std::move(head), std::move(mail), std::move(envelope), std::move(order), {}});
  return id;
}

void Spool::done(MailId id) { pending_.push_back({RecordKind::done, id, {}, {}, {}, {}, {}}); }

void Spool::left(MailId id, std::vector<std::string> recipients, std::vector<std::string> reached) {
  Envelope envelope;
  Buffer head = encode_left(recipients, reached);
  envelope.recipients = std::move(recipients);
  pending_.push_back({RecordKind::left, id, std::move(head), {}, std::move(envelope), {}, std::move(reached)});
}

// -- commit -------------------------------------------------------------------------------------------------

Spool::Committed Spool::commit() {
  Committed committed;
  if (!failed_ && !commit_all(committed)) failed_ = true;
  if (failed_) committed = {Reason::spool_failed, {}};
  pending_.clear();
  return committed;
}

Result<void, DiskError> Spool::commit_all(Committed &committed) {
  Run run;
  std::vector<std::pair<const Pending *, Place>> written;
  for (const Pending &pending : pending_) {
    const bool is_mail = pending.kind == RecordKind::mail;
    auto room = make_room(run, pending.size(), !is_mail);
    if (!room && room.error() == DiskError::full && is_mail) {
      committed.no_room.push_back(pending.id);
      continue;
    }
    TRY(room);
    written.emplace_back(&pending, append(run, pending));
  }
  TRY(write_out(run));
  for (auto &[pending, place] : written) take_in(*pending, place);
  TRY(free_oldest());
  if (in_use_.size() > settings_.max_segments / 2) TRY(move_oldest());
  return {};
}

/// After this the active segment has room; what was collected for a full one is on disk.
Result<void, DiskError> Spool::make_room(Run &run, std::uint64_t needed, bool may_use_spare) {
  if (active_ && active_->end + needed <= active_->size) return {};
  if (!write_out(run)) return fail(DiskError::failed); // others' records: `full` is said of this one only
  return begin_segment(needed, may_use_spare);
}

/// One segment is kept free for done-records: a full spool must still be able to empty itself.
Result<void, DiskError> Spool::begin_segment(std::uint64_t needed, bool may_use_spare) {
  const std::uint64_t size = std::max(settings_.segment_size, records_start + needed);
  const std::size_t spare = may_use_spare ? 0 : 1;
  std::unique_ptr<Segment> segment;
  if (free_.size() > spare && free_.front()->size >= size) {
    segment = std::move(free_.front());
    free_.pop_front();
  } else {
    if (!may_use_spare && in_use_.size() + spare >= settings_.max_segments)
      return fail(DiskError::full);
    auto made = make_segment(size);
    if (!made) return fail(made.error());
    segment = std::move(*made);
  }
  segment->use = new_use(next_sequence_++, keys_.present());
  if (active_) segment->use.after = active_->use.sequence;
  segment->cipher = cipher_of(segment->use, keys_);
  segment->end = records_start;
  segment->next_number = 1;
  const Buffer header = encode_use(segment->use);
  const Bytes piece = header;
  active_ = segment.get();
  in_use_.push_back(std::move(segment));
  // whatever goes wrong here is no mere lack of room: records behind a header that is not on disk are lost
  if (!disk_->write(active_->file, 0, {&piece, 1}) || !disk_->flush(active_->file))
    return fail(DiskError::failed);
  return {};
}

Result<std::unique_ptr<Spool::Segment>, DiskError> Spool::make_segment(std::uint64_t size) {
  if (!leaves_reserve(disk_->room(), size)) return fail(DiskError::full);
  auto segment = std::make_unique<Segment>();
  segment->name = fmt::format("mail-{:06}", next_name_++);
  segment->size = size;
  auto file = disk_->open(segment->name);
  if (!file) return fail(file.error());
  segment->file = *file;
  if (auto allocated = disk_->allocate(segment->file, size); !allocated) {
    (void)disk_->remove(segment->name, segment->file);
    return fail(allocated.error());
  }
  return segment;
}

Spool::Place Spool::append(Run &run, const Pending &pending) {
  if (run.is_empty) run = {active_->end, active_->next_number, false};
  RecordHeader header;
  header.id = pending.id;
  header.number = active_->next_number++;
  header.batch = static_cast<std::uint32_t>(run.batch);
  header.kind = pending.kind;
  seal(active_->use, *active_->cipher, header, pending.head, pending.octets(), room_.take(pending.size(), active_->end));
  const Place place{active_, active_->end, pending.size()};
  active_->end += place.size;
  return place;
}

Result<void, DiskError> Spool::write_out(Run &run) {
  if (run.is_empty) return {};
  TRY(disk_->write(active_->file, run.start, room_.pieces()));
  TRY(disk_->flush(active_->file));
  room_.clear();
  run = {};
  return {};
}

/// What is on disk becomes true in memory.
void Spool::take_in(const Pending &pending, const Place &place) {
  switch (pending.kind) {
  case RecordKind::lost:
  case RecordKind::mail:
    waiting_[pending.id] = pending.envelope;
    if (!pending.order.empty()) orders_[pending.id] = pending.order;
    set_reached(pending.id, pending.reached);
    return set_place(pending.id, place);
  case RecordKind::left:
    if (auto mail = waiting_.find(pending.id); mail != waiting_.end()) {
      keep_recipients(mail->second, pending.envelope.recipients);
      set_reached(pending.id, pending.reached);
    }
    return;
  case RecordKind::done: return forget(pending.id);
  }
}

void Spool::set_reached(MailId id, std::vector<std::string> reached) {
  if (reached.empty()) reached_.erase(id);
  else reached_[id] = std::move(reached);
}

void Spool::set_place(MailId id, const Place &place) {
  auto [old, fresh] = places_.try_emplace(id, place);
  if (!fresh) { // moved
    old->second.segment->live -= 1;
    old->second.segment->live_octets -= old->second.size;
    waiting_octets_ -= old->second.size;
    old->second = place;
  }
  place.segment->live += 1;
  place.segment->live_octets += place.size;
  waiting_octets_ += place.size;
}

void Spool::forget(MailId id) {
  waiting_.erase(id);
  orders_.erase(id);
  reached_.erase(id);
  auto place = places_.find(id);
  if (place == places_.end()) return;
  place->second.segment->live -= 1;
  place->second.segment->live_octets -= place->second.size;
  waiting_octets_ -= place->second.size;
  places_.erase(place);
}

Result<void, DiskError> Spool::free_oldest() {
  while (!in_use_.empty() && in_use_.front().get() != active_ && in_use_.front()->live == 0) {
    std::unique_ptr<Segment> segment = std::move(in_use_.front());
    in_use_.pop_front();
    const bool is_usual = segment->size == settings_.segment_size; // else one mail's own, or of other settings
    const bool is_of_present_key = !segment->cipher || segment->use.key == keys_.present().id;
    if (is_usual && is_of_present_key) free_.push_back(std::move(segment));
    else TRY(disk_->remove(segment->name, segment->file));
  }
  return {};
}

/// Few octets set much free, or many some: where it becomes tight, and behind those that wait there is room.
bool Spool::is_worth_moving(const Segment &oldest) const {
  if (&oldest == active_) return false;
  const bool is_tight = 4 * in_use_.size() > 3 * settings_.max_segments;
  return oldest.live_octets <= oldest.size / 2 ||
         (is_tight && waiting_octets_ <= settings_.max_segments * settings_.segment_size / 2);
}

/// Writes the mails that hold back the oldest segment again at the end, some at each commit.
Result<void, DiskError> Spool::move_oldest() {
  Segment &oldest = *in_use_.front();
  if (!is_worth_moving(oldest)) return {};
  std::vector<Pending> moving;
  std::uint64_t moved = 0; // octets
  for (const auto &[id, place] : places_) {
    if (place.segment != &oldest) continue;
    if (moved > most_moved) break;
    moved += place.size;
    Result<Buffer, DiskError> mail = read(id);
    if (!mail && mail.error() != DiskError::harmed) return {}; // the disk may answer later
    const RecordKind kind = mail ? RecordKind::mail : RecordKind::lost;
    const Envelope &envelope = waiting_.at(id);
    const auto order = orders_.find(id);
    const std::string words = order == orders_.end() ? std::string() : order->second;
    const auto has_it = reached_.find(id);
    const std::vector<std::string> reached = has_it == reached_.end() ? std::vector<std::string>() : has_it->second;
    if (!mail) log_error("spool: mail " + envelope.receipt + " is damaged on disk; its octets make room, it is still known");
    auto octets = mail ? std::make_shared<const Buffer>(std::move(*mail)) : nullptr;
    moving.push_back({kind, id, encode_mail(envelope, words, reached), std::move(octets), envelope, words, reached});
  }
  Run run;
  std::vector<Place> places;
  for (const Pending &pending : moving) {
    TRY(make_room(run, pending.size(), true));
    places.push_back(append(run, pending));
  }
  TRY(write_out(run));
  for (std::size_t i = 0; i < moving.size(); ++i) take_in(moving[i], places[i]);
  return free_oldest();
}

Result<Buffer, DiskError> Spool::read(MailId id) {
  auto found = places_.find(id);
  if (found == places_.end()) return fail(DiskError::failed);
  const Place &place = found->second;
  auto octets = disk_->read(place.segment->file, place.offset, place.size);
  if (!octets) return fail(octets.error());
  const std::optional<Record> record = read_record(*octets, 0, place.segment->use);
  if (!record || record->header.id != id || record->header.kind != RecordKind::mail) return fail(DiskError::harmed);
  Result<Buffer> body = open_body(*place.segment->cipher, *record);
  if (!body) return fail(DiskError::harmed);
  return std::move(*body);
}

} // namespace sekisho::spool
