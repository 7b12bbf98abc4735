#include "gateway/spool/hold.hh"

#include "gateway/spool/recipients.hh"

#include "base/log.hh"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace sekisho::spool {
namespace {

constexpr std::size_t max_subject = 64 * 1024, max_report = 256 * 1024;

std::string segment_name(std::uint64_t sequence) { return fmt::format("hold-{:08}", sequence); }

/// What the index has of it too; a record's head goes on with the report.
Buffer encode_details(const Held &held) {
  ByteWriter writer;
  writer.put_bytes(encode(held.envelope));
  writer.put_counted(held.subject);
  put_reason(writer, held.reason);
  writer.put_u8(held.delivered);
  writer.put_u64(static_cast<std::uint64_t>(held.time));
  writer.put_u64(held.size);
  return writer.take();
}

std::optional<Held> decode_details(ByteReader &reader) {
  Held held;
  auto envelope = decode_envelope(reader);
  if (!envelope) return std::nullopt;
  held.envelope = std::move(*envelope);
  held.subject = reader.take_string(max_subject);
  held.reason = take_reason(reader);
  held.delivered = reader.read_u8() != 0;
  held.time = static_cast<UnixSeconds>(reader.read_u64());
  held.size = reader.read_u64();
  if (reader.failed()) return std::nullopt;
  return held;
}

/// A release serves whoever did not get it, by any of its ways; where all are served, those who have it.
Held added_up(const Held &before, const Held &now) {
  Held held = before;
  for (const std::string &recipient : now.reached)
    if (!is_among(held.reached, recipient)) held.reached.push_back(recipient);
  std::vector<std::string> left;
  if (now.released == 0) left = now.envelope.recipients;
  for (const std::string &recipient : before.envelope.recipients)
    if (!is_among(held.reached, recipient) && !is_among(left, recipient)) left.push_back(recipient);
  const bool is_over = left.empty(), is_in_vain = now.released == 0;
  keep_recipients(held.envelope, is_over ? held.reached : std::move(left));
  held.delivered = !held.reached.empty();
  held.released = is_over ? now.released : 0;
  if (is_over || is_in_vain) {
    held.reason = now.reason;
    held.answers = now.answers;
  }
  if (held.subject.empty()) held.subject = now.subject;
  return held;
}

std::string not_ours(const std::string &receipt) {
  return "the entry of " + receipt + " in the hold's index is not what was written; without index.db it is made anew at the next start";
}

/// Behind what the first version had.
void put_rest(ByteWriter &writer, const Held &held) {
  put_recipients(writer, held.reached);
  writer.put_counted(held.answers);
}

void take_rest(ByteReader &reader, Held &held) {
  if (!reader.failed() && !reader.at_end()) held.reached = take_recipients(reader);
  if (!reader.failed() && !reader.at_end()) held.answers = reader.take_string(max_answers);
}

Buffer encode_head(const Held &held) {
  ByteWriter writer;
  writer.put_bytes(encode_details(held));
  writer.put_counted(held.report);
  put_rest(writer, held);
  return writer.take();
}

std::optional<Held> decode_head(Bytes head) {
  ByteReader reader(head);
  std::optional<Held> held = decode_details(reader);
  if (!held) return std::nullopt;
  held->report = reader.take_string(max_report);
  take_rest(reader, *held);
  return reader.failed() ? std::nullopt : held;
}

} // namespace

// -- opening ------------------------------------------------------------------------------------------------

Result<Hold> Hold::open(Disk &disk, Keys keys, const std::string &index_path, HoldSettings settings) {
  if (keys.all.empty()) return fail("no key for the hold");
  auto index = HoldIndex::open(index_path);
  if (!index) {
    log_error("the index of the hold is made anew: " + index.error().what);
    HoldIndex::remove(index_path);
    index = HoldIndex::open(index_path);
    if (!index) return fail(index.error());
  }
  Hold hold(disk, std::move(keys), settings, std::move(*index));
  TRY(hold.look_at_segments());
  TRY(hold.catch_up());
  TRY(hold.go_on_erasing());
  return hold;
}

Result<void> Hold::look_at_segments() {
  auto names = disk_->list();
  if (!names) return fail("cannot read the hold's folder");
  for (const std::string &name : *names)
    if (name.starts_with("hold-")) TRY(look_at(name));
  first_sequence_ = next_sequence_;
  return {};
}

Result<void> Hold::look_at(const std::string &name) {
  const std::uint64_t sequence = std::strtoull(name.c_str() + 5, nullptr, 10);
  next_sequence_ = std::max(next_sequence_, sequence + 1);
  auto file = disk_->open(name);
  if (!file) return fail("cannot open " + name);
  auto block = disk_->read(*file, 0, records_start);
  if (!block) return fail("cannot read " + name);
  auto use = read_use(*block);
  if (!use || !*use) {
    if (is_unsealed(*block)) return fail("hold segment " + name + " " + use.error().what);
    if (!use) log_error("hold segment " + name + ": " + use.error().what + "; it is left as it is");
    return {};
  }
  Segment segment{*file, **use, cipher_of(**use, keys_), nullptr, 0, 0, 1};
  if (!segment.cipher)
    return fail(fmt::format("hold segment {} is encrypted with key {}, and the key given is {}", name,
                            to_string(segment.use.key), to_string(keys_.present().id)));
  segments_[sequence] = std::move(segment);
  return {};
}

/// Reads the segments the index may lag behind: all at and after the last one it knows of.
Result<void> Hold::catch_up() {
  const std::uint64_t indexed = index_.last_segment();
  for (auto &[sequence, segment] : segments_) {
    if (sequence < indexed) continue;
    auto size = disk_->size(segment.file);
    if (size && *size > max_segment) return fail(segment_name(sequence) + " is larger than any segment we write");
    auto octets = size ? disk_->read(segment.file, 0, *size) : Result<Buffer, DiskError>(fail(DiskError::failed));
    if (!octets) return fail("cannot read " + segment_name(sequence));
    std::vector<HoldRow> rows;
    (void)scan(*octets, segment.use, /*closed=*/false, [&, number = sequence](const Record &record) {
      index_record(number, record, rows);
    });
    TRY(index_.insert(rows));
  }
  sums_ = index_.sums();
  return {};
}

void Hold::index_record(std::uint64_t sequence, const Record &record, std::vector<HoldRow> &rows) {
  auto head = open_head(*segments_.at(sequence).cipher, record);
  std::optional<Held> held = head ? decode_head(*head) : std::nullopt;
  if (!held) return log_error("a damaged record in " + segment_name(sequence));
  if (!record.whole) log_error("held mail " + held->envelope.receipt + " is damaged on disk");
  const HoldPlace place{sequence, record.offset, record.size};
  if (!index_.has(place)) rows.push_back(row_of(*held, place));
}

// -- holding ------------------------------------------------------------------------------------------------

void Hold::put(Held held, std::shared_ptr<const Buffer> original, std::uint64_t most_octets) {
  held.size = original->size();
  if (held.report.size() > max_report) held.report.clear();
  Buffer head = encode_head(held);
  pending_.push_back({std::move(held), std::move(head), std::move(original), most_octets});
}

Hold::Committed Hold::commit() {
  Committed committed;
  if (failed_) {
    pending_.clear();
    committed.failed = Reason::spool_failed;
    return committed;
  }
  std::map<std::string, std::shared_ptr<const Buffer>> seen;
  const Room room = disk_->room();
  std::uint64_t octets = 0; // of those with room
  std::map<std::string, HoldIndex::Sum> sums = sums_;
  std::erase_if(pending_, [&](const Pending &pending) {
    const std::string &receipt = pending.held.envelope.receipt;
    const auto [first, is_new] = seen.try_emplace(receipt, pending.original);
    const bool is_indexed = index_.has(receipt), is_unindexed = std::ranges::count(unindexed_, receipt, &HoldRow::receipt) > 0;
    if ((!is_new && *first->second != *pending.original) || ((is_indexed || is_unindexed) && is_anothers(receipt, *pending.original))) {
      log_error("ALARM: another mail is in the hold under the receipt number of " + receipt + ": this one stays in the spool");
      committed.stale.push_back(receipt);
      return true;
    }
    if (!is_new || is_unindexed) return true;
    if (is_indexed) {
      if (!bring_up_to_date(pending.held)) committed.stale.push_back(receipt);
      return true;
    }
    if (pending.held.only_known) return true;
    const bool may_be_kept = has_room(pending, sums);
    const bool fits = leaves_reserve(room, octets + pending.size());
    if (may_be_kept && !fits) committed.disk_full = true;
    if (may_be_kept && fits) {
      octets += pending.size();
      HoldIndex::Sum &sum = sums[pending.held.envelope.relay];
      ++sum.count;
      sum.octets += pending.size();
      return false;
    }
    committed.no_room.push_back(receipt);
    return true;
  });
  std::vector<HoldPlace> places;
  const std::uint64_t before = active_ ? active_->use.sequence : 0, end = active_ ? active_->end : 0;
  if (auto written = write_all(places); !written) {
    failed_ = written.error() != DiskError::full;
    if (failed_) committed = {Reason::spool_failed, {}, false, false, {}};
    else take_back(before, end);
    committed.disk_full = !failed_;
    if (!failed_)
      for (const Pending &pending : pending_) committed.no_room.push_back(pending.held.envelope.receipt);
    pending_.clear();
    return committed;
  }
  committed.written = !places.empty();
  for (std::size_t i = 0; i < places.size(); ++i) unindexed_.push_back(row_of(pending_[i].held, places[i]));
  pending_.clear();
  sums_ = std::move(sums);
  index_all();
  return committed;
}

/// What an earlier commit could not index goes first: catch_up() trusts that nothing is missing in segments
/// before the last that the index knows.
void Hold::index_all() {
  if (unindexed_.empty()) return;
  if (auto indexed = index_.insert(unindexed_); !indexed) return log_error("hold: " + indexed.error().what);
  unindexed_.clear();
}

bool Hold::bring_up_to_date(const Held &held) {
  const std::optional<HoldRow> row = index_.find(held.envelope.receipt);
  const Result<Held> before = row ? read_record_of(*row, nullptr) : fail("no entry of " + held.envelope.receipt);
  Result<void> updated = before ? Result<void>() : fail(before.error());
  if (before) {
    const Held both = added_up(*before, held);
    HoldRow fresh = row_of(both, row->place);
    fresh.released = both.released;
    updated = index_.update(fresh);
  }
  if (!updated) log_error("hold: " + updated.error().what);
  return updated.has_value();
}

/// What stands there cannot be read: nobody can say, and a mail that came back must not wait for it.
bool Hold::is_anothers(const std::string &receipt, const Buffer &original) {
  std::optional<HoldRow> row = index_.find(receipt);
  const auto unindexed = std::ranges::find(unindexed_, receipt, &HoldRow::receipt);
  if (!row && unindexed != unindexed_.end()) row = *unindexed;
  Buffer body;
  return row && read_record_of(*row, &body) && body != original;
}

bool Hold::has_room(const Pending &pending, const std::map<std::string, HoldIndex::Sum> &sums) const {
  std::uint64_t octets = 0;
  for (const auto &[relay, sum] : sums)
    if (pending.most_octets == 0 || relay == pending.held.envelope.relay) octets += sum.octets;
  const std::uint64_t most = pending.most_octets == 0 ? settings_.most_octets : pending.most_octets;
  return octets + pending.size() <= most;
}

/// A full disk is asked again and again: each time what was written is given back, room and descriptors.
void Hold::take_back(std::uint64_t sequence, std::uint64_t end) {
  const std::uint64_t first = std::max(sequence + 1, first_sequence_);
  for (std::uint64_t number = first; number < next_sequence_; ++number) {
    if (auto file = disk_->open(segment_name(number))) (void)disk_->remove(segment_name(number), *file);
    segments_.erase(number);
  }
  next_sequence_ = first;
  active_ = nullptr;
  if (auto former = segments_.find(sequence); former != segments_.end() && former->second.end != 0) {
    active_ = &former->second;
    active_->end = end; // written over from here, with other numbers
  }
}

Result<void, DiskError> Hold::write_all(std::vector<HoldPlace> &places) {
  std::uint64_t batch = active_ ? active_->next_number : 1;
  for (const Pending &pending : pending_) {
    if (!active_ || active_->end + pending.size() > active_->size) {
      if (active_) TRY(flush());
      TRY(begin_segment(pending.size()));
      batch = active_->next_number;
    }
    RecordHeader header;
    header.number = active_->next_number++;
    header.batch = static_cast<std::uint32_t>(batch);
    room_.clear();
    const std::span<std::byte> record = room_.take(pending.size(), active_->end);
    seal(active_->use, *active_->cipher, header, pending.head, *pending.original, record);
    const Bytes piece = record;
    TRY(disk_->write(active_->file, active_->end, {&piece, 1}));
    places.push_back({active_->use.sequence, active_->end, record.size()});
    active_->end += record.size();
  }
  return pending_.empty() ? Result<void, DiskError>() : flush();
}

/// Nobody reads an original soon, most never; in memory it would only be in the way of others.
Result<void, DiskError> Hold::flush() {
  TRY(disk_->flush(active_->file));
  disk_->let_go(active_->file, active_->end);
  return {};
}

/// Not preallocated: it is written once, and a hold that is seldom used takes no room.
Result<void, DiskError> Hold::begin_segment(std::uint64_t needed) {
  const Use use = new_use(next_sequence_, keys_.present());
  auto file = disk_->open(segment_name(next_sequence_++));
  if (!file) return fail(file.error());
  const Buffer header = encode_use(use);
  const Bytes piece = header;
  TRY(disk_->write(*file, 0, {&piece, 1}));
  TRY(disk_->flush(*file));
  active_ = &segments_[use.sequence];
  *active_ = {*file, use, cipher_of(use, keys_), nullptr, records_start,
              std::max(settings_.segment_size, records_start + needed), 1};
  return {};
}

// -- asking -------------------------------------------------------------------------------------------------

std::uint64_t Hold::count() const {
  std::uint64_t count = 0;
  for (const auto &[relay, sum] : sums_) count += sum.count;
  return count;
}

std::uint64_t Hold::octets() const {
  std::uint64_t octets = 0;
  for (const auto &[relay, sum] : sums_) octets += sum.octets;
  return octets;
}

/// What stands in the clear of a row.
Buffer about_row(const HoldRow &row) {
  ByteWriter writer;
  writer.put_counted(row.receipt);
  writer.put_counted(row.relay);
  writer.put_u64(static_cast<std::uint64_t>(row.time));
  for (const std::uint64_t number : {row.place.segment, row.place.offset, row.place.size}) writer.put_u64(number);
  return writer.take();
}

/// Sealed under a key of the record's segment; the number is drawn, and a segment has few records.
HoldRow Hold::row_of(const Held &held, const HoldPlace &place) {
  HoldRow row;
  row.receipt = held.envelope.receipt;
  row.relay = held.envelope.relay;
  row.time = held.time;
  row.place = place;
  ByteWriter writer;
  writer.put_bytes(encode_details(held));
  put_rest(writer, held);
  const Buffer details = writer.take();
  constexpr std::size_t number_size = 8;
  row.sealed.resize(number_size + details.size() + tag_size);
  fill_random(std::span(row.sealed).first(number_size));
  const std::uint64_t number = ByteReader(row.sealed).read_u64();
  segment(place.segment)->index_cipher->seal(number, about_row(row), details, row.sealed.data() + number_size);
  return row;
}

std::optional<Held> Hold::read_row(const HoldRow &row) {
  Segment *segment = this->segment(row.place.segment);
  ByteReader reader(row.sealed);
  const std::uint64_t number = reader.read_u64();
  const Bytes sealed = reader.rest();
  if (!segment || sealed.size() < tag_size) return std::nullopt;
  Buffer details(sealed.size() - tag_size);
  if (!segment->index_cipher->open(number, about_row(row), sealed, details.data())) return std::nullopt;
  ByteReader plain(details);
  std::optional<Held> held = decode_details(plain);
  if (!held) return std::nullopt;
  take_rest(plain, *held);
  held->released = row.released;
  return plain.failed() ? std::nullopt : held;
}

Hold::Segment *Hold::segment(std::uint64_t sequence) {
  auto found = segments_.find(sequence);
  if (found == segments_.end()) return nullptr;
  Segment &segment = found->second;
  if (!segment.index_cipher)
    segment.index_cipher = std::make_unique<Cipher>(*keys_.find(segment.use.key), segment.use.salt,
                                                    "sekisho hold index");
  return &segment;
}

Hold::Page Hold::page(const std::string &relay, std::uint64_t from, std::size_t limit) {
  Page page;
  const std::vector<HoldRow> rows = index_.page(relay, from, limit);
  for (const HoldRow &row : rows) {
    if (auto held = read_row(row)) page.held.push_back(std::move(*held));
    else log_error("hold: the entry of " + row.receipt + " cannot be read");
  }
  if (rows.size() == limit && limit > 0) page.next = rows.back().number;
  return page;
}

Result<Held> Hold::read_record_of(const std::string &receipt, Buffer *body) {
  const std::optional<HoldRow> row = index_.find(receipt);
  if (!row) return fail("nothing is held under " + receipt);
  return read_record_of(*row, body);
}

Result<Held> Hold::read_record_of(const HoldRow &row, Buffer *body) {
  const std::string &receipt = row.receipt;
  const Segment *segment = this->segment(row.place.segment);
  if (!segment) return fail("the segment of " + receipt + " is not there");
  std::optional<Held> known = read_row(row);
  if (!known) return fail(not_ours(receipt));
  auto octets = disk_->read(segment->file, row.place.offset, row.place.size);
  if (!octets) return fail("cannot read the hold");
  const std::optional<Record> record = read_record(*octets, 0, segment->use);
  auto head = record ? open_head(*segment->cipher, *record) : Result<Buffer>(fail(""));
  std::optional<Held> held = head ? decode_head(*head) : std::nullopt;
  if (!held || held->envelope.receipt != receipt) return fail("damaged record in the hold: " + receipt);
  known->report = std::move(held->report);
  if (known->reached.empty()) known->reached = std::move(held->reached);
  if (!body) return std::move(*known);
  auto opened = open_body(*segment->cipher, *record);
  if (!opened) return fail("damaged record in the hold: " + receipt);
  *body = std::move(*opened);
  return std::move(*known);
}

Result<Held> Hold::find(const std::string &receipt) { return read_record_of(receipt, nullptr); }

Result<Buffer> Hold::read(const std::string &receipt) {
  Buffer body;
  auto held = read_record_of(receipt, &body);
  if (!held) return fail(held.error());
  return body;
}

// -- erasing ------------------------------------------------------------------------------------------------

/// A row that somebody changed is not believed that its time is over.
std::vector<std::string> Hold::held_within(const std::string &relay, UnixSeconds first, UnixSeconds last, std::size_t limit) {
  std::vector<std::string> receipts;
  std::vector<HoldRow> rows;
  HoldRow after;
  after.time = first; // numbers begin at 1
  do {
    rows = index_.up_to(relay, last, after, limit);
    for (const HoldRow &row : rows)
      if (receipts.size() < limit && read_row(row)) receipts.push_back(row.receipt);
    if (!rows.empty()) after = std::move(rows.back());
  } while (receipts.size() < limit && rows.size() == limit);
  return receipts;
}

Result<void> Hold::erase(std::span<const std::string> receipts) {
  index_all(); // what is not in the index is not found
  std::vector<HoldRow> rows;
  for (const std::string &receipt : receipts) {
    auto row = index_.find(receipt);
    if (row && !read_row(*row)) return fail(not_ours(receipt)); // another mail may stand where it says
    if (row) rows.push_back(std::move(*row));
  }
  return erase(rows);
}

/// What was interrupted, some at a time.
Result<void> Hold::go_on_erasing() {
  constexpr std::size_t at_once = 500;
  std::vector<HoldRow> rows;
  std::uint64_t after = 0;
  do {
    rows = index_.erasing(after, at_once);
    if (!rows.empty()) after = rows.back().number;
    const bool is_full = rows.size() == at_once;
    std::erase_if(rows, [this](const HoldRow &row) {
      if (segment(row.place.segment) == nullptr || read_row(row)) return false;
      log_error("hold: " + not_ours(row.receipt));
      return true;
    });
    TRY(erase(rows));
    if (!is_full) return {};
  } while (true);
}

/// First the index says durably that they go, so that an interruption is made good at the next start.
Result<void> Hold::erase(const std::vector<HoldRow> &rows) {
  if (rows.empty()) return {};
  TRY(index_.begin_erasing(rows));
  sums_ = index_.sums();
  for (const HoldRow &row : rows) {
    const Segment *segment = this->segment(row.place.segment);
    if (segment && !disk_->erase(segment->file, row.place.offset, row.place.size))
      return fail("cannot erase " + row.receipt + " from the disk; it is erased at the next start");
  }
  TRY(index_.forget(rows));
  sums_ = index_.sums();
  std::set<std::uint64_t> touched;
  for (const HoldRow &row : rows) touched.insert(row.place.segment);
  for (const std::uint64_t sequence : touched) {
    auto segment = segments_.find(sequence);
    const bool waits = std::ranges::any_of(unindexed_, [&](const HoldRow &row) { return row.place.segment == sequence; });
    if (segment == segments_.end() || &segment->second == active_ || waits || index_.uses(sequence)) continue;
    if (!disk_->remove(segment_name(sequence), segment->second.file)) log_error("hold: a segment is not given back");
    segments_.erase(segment);
  }
  return {};
}

} // namespace sekisho::spool
